#include "podium/base/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "podium/base/error.h"

namespace podium {

std::string join(std::span<const std::int64_t> values, std::string_view separator) {
    return fmt::format("{}", fmt::join(values, separator));
}

std::string list(std::span<const std::int64_t> values) { return "[" + join(values, ", ") + "]"; }

bool contains(const Dims& dims, std::int64_t axis) { return std::ranges::find(dims, axis) != dims.end(); }

Dims complement(const Dims& dims, std::int64_t rank) {
    Dims result;
    for (std::int64_t i = 0; i < rank; ++i)
        if (!contains(dims, i)) result.push_back(i);
    return result;
}

std::int64_t Shape::count() const {
    constexpr std::int64_t GREATEST =
        std::numeric_limits<std::int64_t>::max() / 16;  // so that bytes can be counted too
    std::int64_t count = 1;
    for (const auto dim : dims)
        if (__builtin_mul_overflow(count, dim, &count) || count > GREATEST)
            fail(Code::RESOURCE_EXHAUSTED, "{} has more elements than can be counted", to_string(*this));
    return count;
}

std::string to_string(const Shape& shape) { return fmt::format("{}[{}]", name(shape.type), join(shape.dims)); }

Dims row_major_strides(std::span<const std::int64_t> dims) {
    Dims strides(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
    return strides;
}

}  // namespace podium
