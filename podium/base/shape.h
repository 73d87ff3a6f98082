#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/base/data_type.h"

namespace podium {

/// Sizes, indices, permutations: one number a dimension.
using Dims = std::vector<std::int64_t>;

/// Returns "2,3".
std::string join(std::span<const std::int64_t> values, std::string_view separator = ",");
/// Returns "[2, 3]", as MLIR writes lists.
std::string list(std::span<const std::int64_t> values);

/// True if `axis` is one of `dims`.
bool contains(const Dims& dims, std::int64_t axis);
/// Returns 0 … rank-1 without `dims`.
Dims complement(const Dims& dims, std::int64_t rank);

/// A data type and dimensions, and (optionally) how a mesh splits them. `==` ignores the split.
struct Shape {
    DataType type = DataType::FLOAT32;
    Dims dims;
    std::vector<std::string>
        axes;  ///< mesh axis, or axes ("data,fsdp"), that split each dimension; "" is whole; empty says nothing

    Shape() = default;
    Shape(DataType type, Dims dims, std::vector<std::string> axes = {})
        : type(type), dims(std::move(dims)), axes(std::move(axes)) {}

    std::int64_t rank() const { return static_cast<std::int64_t>(dims.size()); }
    /// Returns the number of elements; 1 for a scalar. Throws RESOURCE_EXHAUSTED where 64 bits cannot count the bytes.
    std::int64_t count() const;
    std::size_t size_bytes() const { return static_cast<std::size_t>(count()) * podium::size_bytes(type); }
    bool operator==(const Shape& other) const { return type == other.type && dims == other.dims; }
};

/// Returns "f32[2,3]".
std::string to_string(const Shape& shape);

/// Returns distances, in elements, between neighbours of each dimension in row-major order.
Dims row_major_strides(std::span<const std::int64_t> dims);

}  // namespace podium
