#pragma once

#include <functional>
#include <variant>

#include "podium/runtime/host_array.h"

namespace podium {

/// One element of any type: the kind in which references compute.
using Number = std::variant<double, std::int64_t, std::uint64_t, Complex128>;

/// Returns element `i` (row-major): a double, int64, (unsigned and bool) uint64, or complex number.
Number load(const HostArray& array, std::int64_t i);
/// Stores `value` as element `i`: floats are rounded once to nearest even, integers wrap, bool is `value != 0`, and a
/// real type takes the real part.
void store(HostArray& array, std::int64_t i, const Number& value);
struct Op;
/// Returns one element of an elementwise row's reference; the operands are of one kind.
Number apply_reference(const Op& op, std::span<const Number> operands);
/// Returns `combiner(x, y)` by its reference.
Number combine(const Op& combiner, const Number& x, const Number& y);
/// Returns a zeroed array whose elements are `source(index)` copied bitwise: `f` gives the flat source position, or -1
/// for none.
HostArray move_elements(const Shape& shape, const HostArray& source, const std::function<std::int64_t(const Dims&)>& f);
/// Calls `f(index)` for every index of `dims`, row-major.
void for_each_index(const Dims& dims, const std::function<void(const Dims&)>& f);
/// Returns -x; the least number is its own negative.
constexpr std::int64_t wrapped_negative(std::int64_t x) {
    return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(x));
}
/// Returns the flat row-major position of `index`.
std::int64_t flat_index(const Dims& index, const Dims& dims);

}  // namespace podium
