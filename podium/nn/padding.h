#pragma once

#include <utility>

#include "podium/ir/ops.h"

namespace podium::nn {

/// Where the channels of an image, a signal or a volume are: [batch, …, channels] or [batch, channels, …].
enum class Channels { LAST, FIRST };

/// What is put around the spatial dimensions.
struct Padding {
    enum class Kind { VALID, SAME, EDGES };
    Kind kind = Kind::VALID;
    Dims low = {}, high = {};  ///< of EDGES: one number for each spatial dimension

    static const Padding VALID;  ///< nothing: windows lie inside
    static const Padding SAME;   ///< so much that a stride of s gives ⌈size / s⌉ elements, more of it at the end
    /// Returns padding with those numbers of elements.
    static Padding edges(Dims low, Dims high) { return {Kind::EDGES, std::move(low), std::move(high)}; }
};
inline const Padding Padding::VALID{}, Padding::SAME{.kind = Padding::Kind::SAME};

/// Returns the spatial dimensions of `x`: all but the first and the channels'. Throws SHAPE_MISMATCH, naming the layer,
/// unless there are `rank` of them and `width` channels (any number where it is negative).
Dims spatial_axes(std::string_view layer, const Operand& x, std::int64_t rank, std::int64_t width, Channels channels);

/// Returns the channels' values, a vector, so that they broadcast over x.
Tensor along_channels(const Tensor& values, const Tensor& x, Channels channels);

/// Returns the elements before and after dimensions of those sizes; the window has spatial members only.
std::pair<Dims, Dims> edges_of(const Padding& padding, const Dims& sizes, const Window& window);

}  // namespace podium::nn
