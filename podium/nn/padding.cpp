#include "podium/nn/padding.h"

namespace podium::nn {

Dims spatial_axes(std::string_view layer, const Operand& x, std::int64_t rank, std::int64_t width, Channels channels) {
    const Shape& shape = x.tensor().shape();
    const auto axis = static_cast<std::size_t>(channels == Channels::LAST ? shape.rank() - 1 : 1);
    if (shape.rank() != rank + 2 || (width >= 0 && shape.dims[axis] != width)) {
        const std::string some = width < 0 ? "channels" : fmt::format("{}", width);
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                channels == Channels::LAST ? fmt::format("{}: takes [batch,…,{}] with {} dimensions between, got {}",
                                                         layer, some, rank, to_string(shape))
                                           : fmt::format("{}: takes [batch,{},…] with {} dimensions behind, got {}",
                                                         layer, some, rank, to_string(shape)));
    }
    return complement({0, static_cast<std::int64_t>(axis)}, shape.rank());
}

Tensor along_channels(const Tensor& values, const Tensor& x, Channels channels) {
    if (channels == Channels::LAST) return values;
    Dims dims(x.dims().size(), 1);
    dims[1] = values.dim(0);
    return reshape(values, dims);
}

std::pair<Dims, Dims> edges_of(const Padding& padding, const Dims& sizes, const Window& window) {
    switch (padding.kind) {
        case Padding::Kind::SAME: return same_padding(sizes, window);
        case Padding::Kind::EDGES: return {padding.low, padding.high};
        case Padding::Kind::VALID: break;
    }
    return {Dims(sizes.size(), 0), Dims(sizes.size(), 0)};
}

}  // namespace podium::nn
