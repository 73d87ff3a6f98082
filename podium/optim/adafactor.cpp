#include "podium/optim/adafactor.h"

#include <numeric>

#include "podium/optim/moments.h"

namespace podium::optim {
namespace {

/// The two longest axes of a matrix whose second moment is factored.
struct FactoredAxes {
    std::int64_t second, longest;
};

std::optional<FactoredAxes> factored_axes(const Shape& shape, std::int64_t least) {
    Dims axes(static_cast<std::size_t>(shape.rank()));
    std::iota(axes.begin(), axes.end(), 0);
    const auto length = [&](std::int64_t axis) { return shape.dims[static_cast<std::size_t>(axis)]; };
    std::stable_sort(axes.begin(), axes.end(), [&](auto a, auto b) { return length(a) < length(b); });
    if (axes.size() < 2 || length(axes[axes.size() - 2]) < least) return std::nullopt;
    return FactoredAxes{axes[axes.size() - 2], axes.back()};
}

Tensor without_axis(const Tensor& parameter, std::int64_t axis) {
    Dims dims = parameter.dims();
    dims.erase(dims.begin() + axis);
    return zeros(dims, parameter.type());
}

Tensor nothing(const Tensor& parameter) { return zeros({1}, parameter.type()); }

// A stack of layers is one array here, in its moments and below.
constexpr double LEAST_RMS = 1e-3;

Tensor root_mean_square(const Tensor& x) { return sqrt(mean(square(x))); }

GradientTransform clip_by_rms(double threshold) {
    return per_leaf("clip_by_block_rms", {}, [=](const Leaf& leaf) {
        return leaf.with(leaf.update / maximum(root_mean_square(leaf.update) / threshold, 1.0));
    });
}

GradientTransform scale_by_parameter_rms() {
    return per_leaf("scale_by_block_rms", {}, [](const Leaf& leaf) {
        return leaf.with(leaf.update * maximum(root_mean_square(leaf.parameter), LEAST_RMS));
    });
}

}  // namespace

/// Source: Shazeer and Stern 2018, arXiv:1804.04235, algorithm 4; optax, scale_by_factored_rms.
///   b  = 1 - t^-decay_exponent
///   r' = b * r + (1 - b) * mean of (g^2 + epsilon) over the longest axis, c' likewise over the second longest
///   u  = g / sqrt(r' / mean(r')) / sqrt(c'), or g / sqrt(v') with v' = b * v + (1 - b) * (g^2 + epsilon)
GradientTransform scale_by_factored_rms(const AdafactorOptions& options) {
    const auto axes_of = [least = options.least_factored](const Tensor& x) { return factored_axes(x.shape(), least); };
    const auto rows = [=](const Tensor& p) {
        const auto axes = axes_of(p);
        return axes ? without_axis(p, axes->longest) : nothing(p);
    };
    const auto columns = [=](const Tensor& p) {
        const auto axes = axes_of(p);
        return axes ? without_axis(p, axes->second) : nothing(p);
    };
    const auto whole = [=](const Tensor& p) { return axes_of(p) ? nothing(p) : zeros_like(p); };
    return per_leaf(
        "scale_by_factored_rms", {slot("rows", rows), slot("columns", columns), slot("second_moment", whole)},
        [=, epsilon = options.epsilon](const Leaf& leaf) {
            const Tensor &gradient = leaf.update, &decay = leaf.scalars[0];
            const Tensor squares = square(gradient) + epsilon;
            const auto next = [&](const Tensor& before, const Tensor& now) {
                return decay * before + (1.0 - decay) * now;
            };
            const auto axes = axes_of(leaf.parameter);
            if (!axes) {
                const Tensor second = next(leaf.slots[2], squares);
                return leaf.with(gradient * rsqrt(second), {leaf.slots[0], leaf.slots[1], second});
            }
            const auto [second, longest] = *axes;
            const Tensor row = next(leaf.slots[0], mean(squares, {longest}));
            const Tensor column = next(leaf.slots[1], mean(squares, {second}));
            const Tensor share = row / mean(row, {second > longest ? second - 1 : second}, true);
            return leaf.with(gradient * expand_dims(rsqrt(share), longest) * expand_dims(rsqrt(column), second),
                             {row, column, leaf.slots[2]});
        },
        [exponent = options.decay_exponent](const Tensor& count, DataType type) -> Tensors {
            return {1.0 - power(convert(safe_increment(count), type), -exponent)};
        });
}

GradientTransform adafactor(const Schedule& learning_rate, const AdafactorOptions& options) {
    std::vector<GradientTransform> parts{scale_by_factored_rms(options)};
    if (options.clip_rms > 0.0) parts.push_back(clip_by_rms(options.clip_rms));
    parts.push_back(scale_by_learning_rate(learning_rate.negated()));
    if (options.by_parameter_scale) parts.push_back(scale_by_parameter_rms());
    if (options.momentum != 0.0) parts.push_back(moving_average(options.momentum));
    if (options.weight_decay != 0.0) parts.push_back(add_decayed_weights(options.weight_decay, options.mask));
    parts.push_back(scale(-1.0));
    return named("adafactor", chain(std::move(parts)));
}

}  // namespace podium::optim
