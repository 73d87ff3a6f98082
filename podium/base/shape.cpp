#include "podium/base/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace podium {

std::string join(std::span<const std::int64_t> values, std::string_view separator) {
    return fmt::format("{}", fmt::join(values, separator));
}

std::int64_t Shape::count() const {
    std::int64_t count = 1;
    for (const auto dim : dims) count *= dim;
    return count;
}

std::string to_string(const Shape& shape) { return fmt::format("{}[{}]", name(shape.type), join(shape.dims)); }

Dims row_major_strides(std::span<const std::int64_t> dims) {
    Dims strides(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
    return strides;
}

}  // namespace podium
