#pragma once

// Lists of dimensions and axes.
#include <algorithm>
#include <numeric>

#include "podium/base/shape.h"

namespace podium {

/// Returns the elements of `dims` at `positions`, in the order of those.
inline Dims picked(const Dims& dims, const Dims& positions) {
    Dims result;
    for (const auto position : positions) result.push_back(dims[static_cast<std::size_t>(position)]);
    return result;
}

/// Returns the lists one behind another.
inline Dims joined(Dims a, const Dims& b, const Dims& c = {}) {
    a.insert(a.end(), b.begin(), b.end());
    a.insert(a.end(), c.begin(), c.end());
    return a;
}

/// Returns `count` numbers: first, first + 1, …
inline Dims counting(std::int64_t first, std::int64_t count) {
    Dims dims(static_cast<std::size_t>(count));
    std::iota(dims.begin(), dims.end(), first);
    return dims;
}

/// True where each of them is `number`.
inline bool all_are(const Dims& dims, std::int64_t number) {
    return std::all_of(dims.begin(), dims.end(), [&](std::int64_t each) { return each == number; });
}

}  // namespace podium
