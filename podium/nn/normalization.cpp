#include "podium/nn/normalization.h"

#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

/// Returns `normalized` times the weight plus the bias, in the type of `x`.
Tensor scaled_and_shifted(const Tensor& normalized, const Tree& parameters, const Operand& x, Channels channels) {
    const Tensor weight = along_channels(at_least_f32(parameters["weight"]), normalized, channels);
    const Tensor bias = along_channels(at_least_f32(parameters["bias"]), normalized, channels);
    return convert(normalized * weight + bias, x.tensor().type());
}

Dims axes_between(std::string_view layer, const Operand& x, std::int64_t width, Channels channels) {
    return spatial_axes(layer, x, std::max<std::int64_t>(x.tensor().rank() - 2, 0), width, channels);
}

/// Returns the moments of `x` over `axes`, which stay as 1: the mean, and what is left of x around it.
std::pair<Tensor, Tensor> centred(const Tensor& x, const Dims& axes) {
    const Tensor middle = mean(x, axes, true);
    return {middle, x - middle};
}

}  // namespace

Tree BatchNorm::init(const Key&) const {
    return TreeBuilder<Tensor>().add("weight", ones({width}, type)).add("bias", zeros({width}, type)).build();
}

Tree BatchNorm::init_statistics() const {
    const DataType wide = type == DataType::FLOAT64 ? type : DataType::FLOAT32;
    return TreeBuilder<Tensor>().add("mean", zeros({width}, wide)).add("variance", ones({width}, wide)).build();
}

Tensor BatchNorm::operator()(const Tree& parameters, const Tree& statistics, const Operand& x) const {
    const LocationScope scope(x.location());
    axes_between("batch_norm", x, width, channels);
    const Tensor wide = at_least_f32(x);
    const Tensor middle = along_channels(statistics["mean"], wide, channels);
    const Tensor scale = along_channels(rsqrt(statistics["variance"] + epsilon), wide, channels);
    return scaled_and_shifted((wide - middle) * scale, parameters, x, channels);
}

BatchNormResult BatchNorm::train(const Tree& parameters, const Tree& statistics, const Operand& x) const {
    const LocationScope scope(x.location());
    Dims axes = axes_between("batch_norm", x, width, channels);
    axes.insert(axes.begin(), 0);
    const auto [middle, rest] = centred(at_least_f32(x), axes);
    const Tensor variance = mean(square(rest), axes, true);
    const auto gathered = [&](const char* name, const Tensor& now) {
        return statistics[name] * momentum + stop_gradient(reshape(now, {width})) * (1.0 - momentum);
    };
    return {scaled_and_shifted(rest * rsqrt(variance + epsilon), parameters, x, channels),
            TreeBuilder<Tensor>()
                .add("mean", gathered("mean", middle))
                .add("variance", gathered("variance", variance))
                .build()};
}

Tree GroupNorm::init(const Key&) const {
    if (groups < 1 || width % groups != 0)
        fail(Code::INVALID_ARGUMENT, "group_norm: {} groups do not divide a width of {}", groups, width);
    return TreeBuilder<Tensor>().add("weight", ones({width}, type)).add("bias", zeros({width}, type)).build();
}

Tensor GroupNorm::operator()(const Tree& parameters, const Operand& x) const {
    const LocationScope scope(x.location());
    axes_between("group_norm", x, width, channels);
    const Tensor wide = at_least_f32(x);
    const auto batch = wide.dim(0);
    const bool last = channels == Channels::LAST;
    // [batch, all between, groups, channels of one] or [batch, groups, channels of one and all between]
    const Dims apart = last ? Dims{batch, -1, groups, width / groups} : Dims{batch, groups, -1};
    const Dims axes = last ? Dims{1, 3} : Dims{2};
    const Tensor rest = centred(reshape(wide, apart), axes).second;
    const Tensor normalized = rest * rsqrt(mean(square(rest), axes, true) + epsilon);
    return scaled_and_shifted(reshape(normalized, wide.dims()), parameters, x, channels);
}

}  // namespace podium::nn
