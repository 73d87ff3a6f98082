#include <cmath>

#include "podium/base/dims.h"
#include "podium/nn/activations.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

Tensor softplus_of(const Tensor& x) { return log1p(exp(-abs(x))) + maximum(x, 0.0); }
Tensor hard_sigmoid_of(const Tensor& x, double alpha, double beta) { return clip(x * alpha + beta, 0.0, 1.0); }
Tensor elu_of(const Tensor& x, double alpha) { return select(less(x, 0.0), expm1(x) * alpha, x); }

/// A row of one float, in f32 where it is shorter.
template <Tensor (*F)(const Tensor&, const Call&)>
Tensors activation(const Call& call) {
    return {computed_wide(call.in(0), [&](const Tensor& x) { return F(x, call); })};
}

Tensor celu(const Tensor& x, const Call& call) {
    const double alpha = call.real("alpha", 1.0);
    return maximum(x, 0.0) + minimum(expm1(x / alpha) * alpha, 0.0);
}
Tensor elu(const Tensor& x, const Call& call) { return elu_of(x, call.real("alpha", 1.0)); }
Tensor gelu(const Tensor& x, const Call& call) {
    if (call.text("approximate", "none") == "tanh") return nn::gelu(x);
    return x * (erf(x * std::sqrt(0.5)) + 1.0) * 0.5;
}
Tensor hard_sigmoid(const Tensor& x, const Call& call) {
    return hard_sigmoid_of(x, call.real("alpha", 0.2), call.real("beta", 0.5));
}
Tensor hard_swish(const Tensor& x, const Call&) { return x * hard_sigmoid_of(x, 1.0 / 6.0, 0.5); }
Tensor leaky_relu(const Tensor& x, const Call& call) { return select(less(x, 0.0), x * call.real("alpha", 0.01), x); }
Tensor mish(const Tensor& x, const Call&) { return x * tanh(softplus_of(x)); }
Tensor selu(const Tensor& x, const Call& call) {
    return elu_of(x, call.real("alpha", 1.6732632423543772)) * call.real("gamma", 1.0507009873554805);
}
Tensor shrink(const Tensor& x, const Call& call) {
    const double bias = call.real("bias", 0.0), lambda = call.real("lambd", 0.5);
    const Tensor below = select(less(x, -lambda), x + bias, zeros_like(x));
    return select(greater(x, lambda), x - bias, below);
}
Tensor sigmoid(const Tensor& x, const Call&) { return logistic(x); }
Tensor softplus(const Tensor& x, const Call&) { return softplus_of(x); }
Tensor softsign(const Tensor& x, const Call&) { return x / (abs(x) + 1.0); }
Tensor swish(const Tensor& x, const Call& call) { return x * logistic(x * call.real("alpha", 1.0)); }
Tensor thresholded_relu(const Tensor& x, const Call& call) {
    return select(greater(x, call.real("alpha", 1.0)), x, zeros_like(x));
}

Tensors prelu(const Call& call) {
    const Tensor &x = call.in(0), &slope = call.in(1);
    const bool by_channel = call.opset() < 7 && slope.rank() == 1 && x.rank() > 1;
    return {select(less(x, zeros_like(x)), x * (by_channel ? along_axis(slope, 1, x.rank()) : slope), x)};
}
Tensors relu(const Call& call) {
    const Tensor& x = call.in(0);
    if (is_integer(x.type())) return {maximum(x, zeros_like(x))};
    return {nn::relu(x)};
}

/// Softmax and its kin went over all dimensions from `axis` on until version 13.
template <Tensor (*F)(const Tensor&, std::int64_t)>
Tensors over_axis(const Call& call) {
    return {computed_wide(call.in(0), [&](const Tensor& x) {
        const bool flat = call.opset() < 13;
        const auto axis = axis_of(call, call.integer("axis", flat ? 1 : -1), x.rank());
        if (!flat) return F(x, axis);
        std::int64_t rows = 1;
        for (std::int64_t i = 0; i < axis; ++i) rows *= x.dim(i);
        return reshape(F(reshape(x, {rows, rows == 0 ? 0 : x.shape().count() / rows}), 1), x.dims());
    })};
}
Tensor softmax_over(const Tensor& x, std::int64_t axis) { return nn::softmax(x, axis); }
Tensor log_softmax_over(const Tensor& x, std::int64_t axis) { return nn::log_softmax(x, axis); }
Tensor hardmax_over(const Tensor& x, std::int64_t axis) {
    const Tensor places = iota(x.dims(), axis);
    return convert(equal(places, expand_dims(argmax(x, axis), axis)), x.type());
}

/// Drops nothing, but where training mode is on: then by numbers that the node's seed gives.
Tensors dropout(const Call& call) {
    const Tensor& x = call.in(0);
    const double ratio = call.has(1) ? call.reals(1)[0] : call.real("ratio", 0.5);
    const bool training = call.has(2) && call.integers(2)[0] != 0;
    if (!training || ratio == 0.0) return {x, ones(x.dims(), DataType::BOOL)};
    const auto seed = static_cast<std::uint64_t>(call.integer("seed", call.import().calls));
    const Tensor keep = bernoulli(key(seed), 1.0 - ratio, x.dims());
    return {select(keep, x / (1.0 - ratio), zeros_like(x)), keep};
}

constexpr NodeRow ACTIVATION_ROWS[] = {
    {"", "Celu", 1, activation<celu>},
    {"", "Dropout", 1, dropout},
    {"", "Elu", 1, activation<elu>},
    {"", "Gelu", 1, activation<gelu>},
    {"", "HardSigmoid", 1, activation<hard_sigmoid>},
    {"", "HardSwish", 1, activation<hard_swish>},
    {"", "Hardmax", 1, over_axis<hardmax_over>},
    {"", "LeakyRelu", 1, activation<leaky_relu>},
    {"", "LogSoftmax", 1, over_axis<log_softmax_over>},
    {"", "Mish", 1, activation<mish>},
    {"", "PRelu", 1, prelu},
    {"", "Relu", 1, relu},
    {"", "Selu", 1, activation<selu>},
    {"", "Shrink", 1, activation<shrink>},
    {"", "Sigmoid", 1, activation<sigmoid>},
    {"", "Softmax", 1, over_axis<softmax_over>},
    {"", "Softplus", 1, activation<softplus>},
    {"", "Softsign", 1, activation<softsign>},
    {"", "Swish", 1, activation<swish>},
    {"", "ThresholdedRelu", 1, activation<thresholded_relu>},
};

}  // namespace

std::span<const NodeRow> activation_rows() { return ACTIVATION_ROWS; }

}  // namespace podium::onnx
