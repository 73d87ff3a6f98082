#include "podium/onnx/window.h"

#include <algorithm>

#include "podium/numeric/numeric.h"

namespace podium::onnx {

Dims spatial_dims(const Call& call, const Tensor& x) {
    if (x.rank() < 2) call.refuse(fmt::format("it takes [batch, channels, ...], not {}", to_string(x.shape())));
    return {x.dims().begin() + 2, x.dims().end()};
}

SpatialWindow spatial_window(const Call& call, const Dims& spatial, const Dims& sizes) {
    const auto rank = spatial.size();
    const Dims pads = call.integers("pads", Dims(2 * rank, 0));
    SpatialWindow window{.sizes = sizes,
                         .strides = call.integers("strides", Dims(rank, 1)),
                         .dilations = call.integers("dilations", Dims(rank, 1)),
                         .low = Dims(rank, 0),
                         .high = Dims(rank, 0),
                         .extra = Dims(rank, 0)};
    if (sizes.size() != rank || window.strides.size() != rank || window.dilations.size() != rank ||
        pads.size() != 2 * rank)
        call.refuse(fmt::format("its window has not one number for each of {} spatial dimensions", rank));
    const auto automatic = call.text("auto_pad", "NOTSET");
    const bool ceil = call.flag("ceil_mode");
    for (std::size_t i = 0; i < rank; ++i) {
        if (window.strides[i] <= 0 || window.dilations[i] <= 0 || sizes[i] <= 0)
            call.refuse("a size, stride or dilation is not positive");
        const auto reach = (sizes[i] - 1) * window.dilations[i] + 1, stride = window.strides[i];
        if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
            const auto count = (spatial[i] + stride - 1) / stride;
            const auto all = std::max<std::int64_t>((count - 1) * stride + reach - spatial[i], 0);
            window.low[i] = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
            window.high[i] = all - window.low[i];
        } else if (automatic == "NOTSET") {
            window.low[i] = pads[i];
            window.high[i] = pads[i + rank];
        }
        const auto room = spatial[i] + window.low[i] + window.high[i] - reach;
        if (!ceil || room < 0 || room % stride == 0) continue;
        // The window that sticks out counts only where it begins before the padding at the end.
        const auto last = (room / stride + 1) * stride;
        if (last < spatial[i] + window.low[i]) window.extra[i] = last - room;
    }
    return window;
}

Tensor convolve_channels_first(const Call& call, const Tensor& x, const Tensor& weight) {
    const Dims spatial = spatial_dims(call, x);
    if (weight.rank() != x.rank()) call.refuse("its weight has not as many dimensions as its input");
    const auto window = spatial_window(call, spatial, {weight.dims().begin() + 2, weight.dims().end()});
    return convolution(x, weight,
                       {.dimensions = ConvolutionDimensions::channels_first(static_cast<std::int64_t>(spatial.size())),
                        .strides = window.strides,
                        .low = window.low,
                        .high = window.high,
                        .kernel_dilation = window.dilations,
                        .feature_groups = call.integer("group", 1)});
}

}  // namespace podium::onnx
