#pragma once

#include <pjrt_c_api.h>

#include <cstdint>
#include <optional>

#include "podium/base/data_type.h"

namespace podium {

/// Returns the plugin's name of a data type.
PJRT_Buffer_Type pjrt_type(DataType type);
/// Returns our name of XLA's `PrimitiveType`, which serialized programs use, or nothing; the second throws
/// UNIMPLEMENTED instead (complex, 4 and 8 bit types).
std::optional<DataType> find_xla_type(std::uint64_t primitive_type);
DataType data_type_of_xla(std::uint64_t primitive_type);

}  // namespace podium
