#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "podium/runtime/host_array.h"

namespace podium {

/// Returns the bytes that `dims` elements take, or nothing where a dimension is negative or the size does not fit 63
/// bits.
std::optional<std::size_t> checked_size_bytes(DataType type, const Dims& dims);

/// Returns an array over bytes from outside, of a shape that passed `checked_size_bytes`: a view that shares `owner`,
/// or a copy where the bytes are not aligned. Throws INVALID_DATA for a bool that is neither 0 nor 1.
HostArray array_over(Shape shape, const std::byte* data, std::shared_ptr<const void> owner);

}  // namespace podium
