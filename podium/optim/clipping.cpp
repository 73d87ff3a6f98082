#include "podium/optim/clipping.h"

#include <algorithm>
#include <cmath>

namespace podium::optim {
namespace {

/// Returns the norm of each unit of a layer that has those dimensions, which stay as 1 where the norm goes over them.
Tensor unit_norm(const Tensor& x, const Dims& layer) {
    const auto wide = std::ranges::count_if(layer, [&](std::int64_t axis) { return x.dim(axis) != 1; });
    Dims axes = layer;
    if (wide > 1) axes.resize(layer.size() <= 3 ? 1 : layer.size() - 1);
    return axes.empty() ? abs(x) : sqrt(sum(square(x), axes, true));
}

void expect_examples(std::string_view what, const Tree& gradients) {
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const Shape &shape = gradients.leaves()[i].shape(), &first = gradients.leaves()[0].shape();
        if (shape.rank() == 0 || first.rank() == 0 || shape.dims[0] != first.dims[0])
            fail(Code::SHAPE_MISMATCH, "{}: \"{}\" is {}; every gradient needs the examples as its first dimension",
                 what, gradients.path(i), to_string(shape));
    }
}

/// Returns Σ factor · gradient over the examples.
Tensor weighted_sum(const Tensor& gradient, const Tensor& factors) {
    Dims dims(gradient.dims().size(), 1);
    dims[0] = factors.dim(0);
    return sum(gradient * convert(reshape(factors, std::move(dims)), gradient.type()), {0});
}

/// Returns what each example is multiplied with; 1 where its norm is 0.
Tensor factors_to(const Tensor& squared_norm, double max_norm) {
    const Tensor is_zero = equal(squared_norm, 0.0);
    return select(is_zero, 1.0, minimum(1.0, max_norm / sqrt(select(is_zero, 1.0, squared_norm))));
}

Tensor squares_by_example(const Tensor& gradient, DataType type) {
    return sum(square(reshape(convert(gradient, type), {gradient.dim(0), -1})), {1});
}

}  // namespace

GradientTransform clip_by_global_norm(double max_norm) {
    const auto update = [max_norm](const Tree& updates, const Tree& state, const Tree&) {
        const Tensor norm = global_norm(updates);
        const Tensor below = norm < max_norm;
        const Tree clipped = updates.map(
            [&](const Tensor& leaf) { return select(below, leaf, leaf / convert(norm, leaf.type()) * max_norm); });
        return std::pair{clipped, state};
    };
    return {"clip_by_global_norm", [](const Tree&) { return Tree(); }, update};
}

GradientTransform clip(double max_delta) {
    return per_leaf("clip", {}, [=](const Leaf& leaf) { return leaf.with(clamp(-max_delta, leaf.update, max_delta)); });
}

GradientTransform clip_by_block_rms(double threshold) {
    return per_leaf("clip_by_block_rms", {}, [=](const Leaf& leaf) {
        const Dims layer = leaf.layer_axes();
        const Tensor rms = layer.empty() ? abs(leaf.update) : sqrt(mean(square(leaf.update), layer, true));
        return leaf.with(leaf.update / maximum(1.0, rms / threshold));
    });
}

GradientTransform adaptive_grad_clip(double clipping, double epsilon) {
    return per_leaf("adaptive_grad_clip", {}, [=](const Leaf& leaf) {
        constexpr double LEAST_NORM = 1e-6;  // optax's
        const Dims layer = leaf.layer_axes();
        const Tensor norm = unit_norm(leaf.update, layer);
        const Tensor most = convert(clipping * maximum(unit_norm(leaf.parameter, layer), epsilon), norm.type());
        return leaf.with(leaf.update * select(norm < most, 1.0, most / maximum(norm, LEAST_NORM)));
    });
}

ClippedSum per_example_global_norm_clip(const Tree& gradients, double max_norm) {
    expect_examples("per_example_global_norm_clip", gradients);
    if (gradients.empty()) return {gradients, zeros({}, DataType::INT32)};
    const DataType type = scalar_type(gradients);
    Tensor squares = zeros({gradients.leaves()[0].dim(0)}, type);
    for (const auto& leaf : gradients.leaves()) squares = squares + squares_by_example(leaf, type);
    const Tensor factors = factors_to(squares, max_norm);
    return {gradients.map([&](const Tensor& leaf) { return weighted_sum(leaf, factors); }),
            sum(convert(factors < 1.0, DataType::INT32))};
}

Tree per_example_layer_norm_clip(const Tree& gradients, double max_norm, bool equal_shares) {
    expect_examples("per_example_layer_norm_clip", gradients);
    const auto size = [](const Tensor& leaf) { return static_cast<double>(leaf.shape().count()); };
    double total = 0.0;
    for (const auto& leaf : gradients.leaves()) total += equal_shares ? 1.0 : size(leaf);
    return gradients.map([&](const Tensor& leaf) {
        const double share = (equal_shares ? 1.0 : size(leaf)) / total;
        const Tensor squares = squares_by_example(leaf, scalar_type(gradients));
        return weighted_sum(leaf, factors_to(squares, max_norm * std::sqrt(share)));
    });
}

}  // namespace podium::optim
