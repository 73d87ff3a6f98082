#include <algorithm>
#include <cmath>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// (x - mean) / sqrt(variance + epsilon), and what they were.
struct Normalized {
    Tensor result, mean, inverse_deviation;
};
Normalized normalized(const Tensor& x, const Dims& axes, double epsilon, bool centered = true) {
    const Tensor middle = centered ? mean(x, axes, true) : zeros_like(x);
    const Tensor shifted = centered ? x - middle : x;
    const Tensor inverse = 1.0 / sqrt(mean(square(shifted), axes, true) + epsilon);
    return {shifted * inverse, middle, inverse};
}

Tensors batch_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const double epsilon = call.real("epsilon", 1e-5), momentum = call.real("momentum", 0.9);
    const auto per_channel = [&](const Tensor& each) { return along_axis(each, 1, x.rank()); };
    Tensor middle = per_channel(call.in(3)), spread = per_channel(call.in(4));
    Tensors running;
    if (call.flag("training_mode")) {
        const Dims axes = complement({1}, x.rank());
        const Tensor batch_mean = mean(x, axes), batch_variance = variance(x, axes);
        middle = per_channel(batch_mean);
        spread = per_channel(batch_variance);
        running = {call.in(3) * momentum + batch_mean * (1 - momentum),
                   call.in(4) * momentum + batch_variance * (1 - momentum)};
    }
    const Tensor scaled = (x - middle) / sqrt(spread + epsilon) * per_channel(call.in(1)) + per_channel(call.in(2));
    Tensors results{convert(scaled, x.type())};
    results.insert(results.end(), running.begin(), running.end());
    return results;
}

Tensors instance_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const auto scaled = normalized(x, counting(2, x.rank() - 2), call.real("epsilon", 1e-5)).result;
    return {scaled * along_axis(call.in(1), 1, x.rank()) + along_axis(call.in(2), 1, x.rank())};
}

/// Returns the type that a normalization computes in: that of the attribute, f32 where it does not say.
DataType stash_type(const Call& call, const Tensor& x) {
    const auto type = data_type_numbered(call.integer("stash_type", 1));
    return x.type() == DataType::FLOAT64 || !type || !is_float(*type) ? x.type() : *type;
}

Tensors layer_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", -1), x.rank());
    const Tensor wide = convert(x, stash_type(call, x));
    const auto [result, middle, inverse] =
        normalized(wide, counting(axis, x.rank() - axis), call.real("epsilon", 1e-5));
    Tensor scaled = convert(result, x.type()) * call.in(1);
    if (call.has(2)) scaled = scaled + call.in(2);
    return {scaled, middle, inverse};
}

Tensors rms_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", -1), x.rank());
    const Tensor wide = convert(x, stash_type(call, x));
    const Tensor result = normalized(wide, counting(axis, x.rank() - axis), call.real("epsilon", 1e-5), false).result;
    return {convert(convert(result, x.type()) * call.in(1), x.type())};
}

Tensors group_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const auto groups = call.integer("num_groups", 1), channels = x.dim(1);
    if (groups <= 0 || channels % groups != 0) call.refuse("its groups do not divide its channels");
    const Tensor grouped = reshape(convert(x, stash_type(call, x)), {x.dim(0), groups, -1});
    const Tensor result = convert(normalized(grouped, {2}, call.real("epsilon", 1e-5)).result, x.type());
    Tensor scale = call.in(1), shift = call.in(2);
    if (call.opset() < 21) {  // one number a group
        scale = repeat(scale, channels / groups, 0);
        shift = repeat(shift, channels / groups, 0);
    }
    return {reshape(result, x.dims()) * along_axis(scale, 1, x.rank()) + along_axis(shift, 1, x.rank())};
}

Tensors mean_variance_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const Dims axes = axes_of(call, call.integers("axes", {0, 2, 3}), x.rank());
    const Tensor shifted = x - mean(x, axes, true);
    return {shifted / (sqrt(mean(square(shifted), axes, true)) + 1e-9)};
}

Tensors lp_normalization(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", -1), x.rank());
    const Tensor size = call.integer("p", 2) == 1 ? sum(abs(x), {axis}, true) : sqrt(sum(square(x), {axis}, true));
    return {select(equal(size, zeros_like(size)), zeros_like(size), 1.0 / size) * x};
}

/// Divides by what neighbouring channels have together.
Tensors lrn(const Call& call) {
    const Tensor& x = call.in(0);
    const auto size = call.integer("size", 1);
    Window window{.sizes = Dims(x.dims().size(), 1), .low = Dims(x.dims().size(), 0), .high = Dims(x.dims().size(), 0)};
    window.sizes[1] = size;
    window.low[1] = (size - 1) / 2;
    window.high[1] = size - 1 - window.low[1];
    const Tensor sums = reduce_window(add, square(x), scalar_of(x.type(), 0), window);
    const double alpha = call.real("alpha", 1e-4) / static_cast<double>(size);
    return {x / power(sums * alpha + call.real("bias", 1.0), call.real("beta", 0.75))};
}

constexpr NodeRow NORMALIZATION_ROWS[] = {
    {"", "BatchNormalization", 1, batch_normalization},
    {"", "GroupNormalization", 1, group_normalization},
    {"", "InstanceNormalization", 1, instance_normalization},
    {"", "LRN", 1, lrn},
    {"", "LayerNormalization", 1, layer_normalization},
    {"", "LpNormalization", 1, lp_normalization},
    {"", "MeanVarianceNormalization", 1, mean_variance_normalization},
    {"", "RMSNormalization", 1, rms_normalization},
};

}  // namespace

std::span<const NodeRow> normalization_rows() { return NORMALIZATION_ROWS; }

}  // namespace podium::onnx
