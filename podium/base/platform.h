#pragma once

namespace podium {

/// True in builds under the address sanitizer, which sees no use of memory that a pool keeps.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool ADDRESS_SANITIZED = true;
#else
inline constexpr bool ADDRESS_SANITIZED = false;
#endif

}  // namespace podium
