#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op parameter, constant, evaluated, result, iota;
}

/// Returns the array as a constant of the program.
Tensor constant(const HostArray& array, Location location = std::source_location::current());
/// Returns the tensor's present bytes as a constant, for use inside `jit`; evaluates and waits.
Tensor constant(const Tensor& tensor, Location location = std::source_location::current());
/// Returns the array as an evaluated tensor would be: data that programs take as an argument.
Tensor tensor(const HostArray& array);
/// Returns `values` as a vector.
template <class T>
Tensor tensor(const std::vector<T>& values) {
    return tensor(HostArray::of({static_cast<std::int64_t>(values.size())}, values));
}
/// Returns `values`, row-major, under `dims`.
template <class T>
Tensor tensor(Dims dims, const std::vector<T>& values) {
    return tensor(HostArray::of(std::move(dims), values));
}

/// Returns `dims` filled with `value`.
Tensor full(Dims dims, const Operand& value, DataType type = DataType::FLOAT32);
Tensor zeros(Dims dims, DataType type = DataType::FLOAT32, Location location = std::source_location::current());
Tensor ones(Dims dims, DataType type = DataType::FLOAT32, Location location = std::source_location::current());
/// Returns zeros with the operand's type and dimensions.
Tensor zeros_like(const Operand& x);
Tensor ones_like(const Operand& x);
/// Returns the index along `axis` at each element of `dims`.
Tensor iota(Dims dims, std::int64_t axis = 0, DataType type = DataType::INT32,
            Location location = std::source_location::current());
/// Returns 0, 1, …, count-1.
Tensor arange(std::int64_t count, DataType type = DataType::INT32, Location location = std::source_location::current());
/// Returns the identity matrix: [size, size].
Tensor eye(std::int64_t size, DataType type = DataType::FLOAT32, Location location = std::source_location::current());

std::span<const Op* const> creation_ops();

}  // namespace podium
