#pragma once

namespace podium {

/// True in builds under the address sanitizer, which sees no use of memory that a pool keeps.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool ADDRESS_SANITIZED = true;
#else
inline constexpr bool ADDRESS_SANITIZED = false;
#endif

/// True if this machine's processor has what printed kernels are compiled for (cmake/rooms.cmake).
#ifdef __x86_64__
inline bool has_vectors_of_kernels() { return __builtin_cpu_supports("avx2"); }
#else
inline bool has_vectors_of_kernels() { return true; }
#endif

}  // namespace podium
