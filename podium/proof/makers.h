#pragma once

#include "podium/proof/draw.h"

namespace podium::proof {

/// Records one sample of a row: operands and attributes are drawn, and all results of the call returned.
using Maker = Tensors (*)(Draw&);

/// Returns the maker of that row, or null. Elementwise rows share one.
Maker maker_of(const Op& op);

/// The makers of one source of rows.
struct MakerRow {
    const Op* op;
    Maker make;
};
std::span<const MakerRow> movement_makers();    ///< and creation, slicing, indexing, conversions
std::span<const MakerRow> arithmetic_makers();  ///< sums, products, windows, linear algebra, normalization, sorting

}  // namespace podium::proof
