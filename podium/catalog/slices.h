#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/catalog/chips.h"

namespace podium::catalog {

/// A published shape of a slice: chips in a torus.
struct Slice {
    const Chip* chip;
    std::array<std::int64_t, 3> shape;  ///< chips in each direction; the last is 1 of generations with two

    std::int64_t chip_count() const { return shape[0] * shape[1] * shape[2]; }
    std::int64_t device_count() const { return chip_count() * chip->devices; }
    /// Returns Google's name: "v5e-16", "v4-32".
    std::string name() const;
    /// Returns libtpu's name: "v5e:4x4", "v4:2x2x4".
    std::string topology() const;
};

/// Returns the published slices of a generation, the smallest first.
std::vector<Slice> slices_of(const Chip& chip);
/// Returns the slice of that name: "v5e-16" (or "v5litepod-16"), "v4-32", or a shape of chips, "v5p:2x2x4". Throws
/// INVALID_ARGUMENT with the nearest that there are.
Slice find_slice(std::string_view name);
/// Returns those of "v5e-16,v6e-8".
std::vector<Slice> find_slices(std::string_view list);

}  // namespace podium::catalog
