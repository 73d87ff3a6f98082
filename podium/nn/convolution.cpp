#include "podium/nn/convolution.h"

#include "podium/base/dims.h"

namespace podium::nn {
namespace {

/// Kernels are [window…, in, out] whether the channels of images are last or first: initializers take them so.
ConvolutionDimensions dimensions_of(Channels channels, std::int64_t rank) {
    ConvolutionDimensions dimensions = ConvolutionDimensions::channels_last(rank);
    if (channels == Channels::LAST) return dimensions;
    const ConvolutionDimensions first = ConvolutionDimensions::channels_first(rank);
    dimensions.input_feature = first.input_feature;
    dimensions.input_spatial = first.input_spatial;
    dimensions.output_feature = first.output_feature;
    dimensions.output_spatial = first.output_spatial;
    return dimensions;
}

/// Returns a number for each dimension of the window: those given, or ones.
Dims filled(std::string_view layer, std::string_view what, const Dims& given, const Dims& window,
            const Location& location) {
    if (given.empty()) return Dims(window.size(), 1);
    if (given.size() != window.size())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: {} [{}] for a window [{}]; give each dimension one", layer, what, join(given),
                            join(window)));
    return given;
}

Tree convolution_parameters(const Initializer& initializer, const Key& key, Dims dims, std::int64_t in,
                            std::int64_t out, bool bias, DataType type) {
    dims.push_back(in);
    dims.push_back(out);
    TreeBuilder<Tensor> tree;
    tree.add("weight", initializer(key, dims, type));
    if (bias) tree.add("bias", zeros({out}, type));
    return tree.build();
}

}  // namespace

Tree Conv::init(const Key& key) const {
    if (groups < 1 || inputs % groups != 0 || outputs % groups != 0)
        fail(Code::INVALID_ARGUMENT, "conv: {} groups do not divide {} inputs and {} outputs", groups, inputs, outputs);
    return convolution_parameters(weight_initializer, key, window, inputs / groups, outputs, bias, type);
}

Tensor Conv::operator()(const Tree& parameters, const Operand& x) const {
    const LocationScope scope(x.location());
    const auto rank = static_cast<std::int64_t>(window.size());
    const Dims axes = spatial_axes("conv", x, rank, inputs, channels);
    const Dims steps = filled("conv", "strides", strides, window, x.location());
    const Dims apart = filled("conv", "dilations", dilations, window, x.location());
    const auto [low, high] = edges_of(padding, picked(x.tensor().dims(), axes),
                                      {.sizes = window, .strides = steps, .window_dilations = apart});
    const Tensor product = convolution(x, parameters["weight"],
                                       {.dimensions = dimensions_of(channels, rank),
                                        .strides = steps,
                                        .low = filled("conv", "padding", low, window, x.location()),
                                        .high = filled("conv", "padding", high, window, x.location()),
                                        .kernel_dilation = apart,
                                        .feature_groups = groups});
    return bias ? product + along_channels(parameters["bias"], product, channels) : product;
}

Tree ConvTranspose::init(const Key& key) const {
    return convolution_parameters(weight_initializer, key, window, inputs, outputs, bias, type);
}

Tensor ConvTranspose::operator()(const Tree& parameters, const Operand& x) const {
    const LocationScope scope(x.location());
    const auto rank = static_cast<std::int64_t>(window.size());
    spatial_axes("conv_transpose", x, rank, inputs, channels);
    const Dims steps = filled("conv_transpose", "strides", strides, window, x.location());
    const Dims apart = filled("conv_transpose", "dilations", dilations, window, x.location());
    const bool explicit_edges = padding.kind == Padding::Kind::EDGES;
    const Dims before =
        filled("conv_transpose", "padding", explicit_edges ? padding.low : Dims(), window, x.location());
    const Dims after =
        filled("conv_transpose", "padding", explicit_edges ? padding.high : Dims(), window, x.location());
    Dims low, high;
    for (std::size_t i = 0; i < window.size(); ++i) {  // jax.lax's _conv_transpose_padding
        const auto span = (window[i] - 1) * apart[i] + 1, stride = steps[i];
        switch (padding.kind) {
            case Padding::Kind::SAME:
                low.push_back(stride > span - 1 ? span - 1 : (span + stride - 1) / 2);
                high.push_back(span + stride - 2 - low.back());
                break;
            case Padding::Kind::VALID:
                low.push_back(span - 1);
                high.push_back(stride - 1 + std::max<std::int64_t>(span - stride, 0));
                break;
            case Padding::Kind::EDGES:
                low.push_back(span - 1 - before[i]);
                high.push_back(span - 1 - after[i]);
                break;
        }
    }
    const Tensor product = convolution(x, parameters["weight"],
                                       {.dimensions = dimensions_of(channels, rank),
                                        .low = low,
                                        .high = high,
                                        .input_dilation = steps,
                                        .kernel_dilation = apart});
    return bias ? product + along_channels(parameters["bias"], product, channels) : product;
}

}  // namespace podium::nn
