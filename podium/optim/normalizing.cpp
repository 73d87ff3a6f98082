#include "podium/optim/normalizing.h"

#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

GradientTransform centralize() {
    return per_leaf("centralize", {}, [](const Leaf& leaf) {
        Dims axes = leaf.layer_axes();
        if (axes.size() < 2) return leaf.with(leaf.update);
        axes.erase(axes.begin());
        return leaf.with(leaf.update - mean(leaf.update, axes, true));
    });
}

GradientTransform normalize_by_update_norm(double scale, double epsilon) {
    const auto update = [=](const Tree& updates, const Tree& state, const Tree&) {
        const Tensor norm = (global_norm(updates) + epsilon) / scale;
        return std::pair{updates.map([&](const Tensor& leaf) { return leaf / convert(norm, leaf.type()); }), state};
    };
    return {"normalize_by_update_norm", [](const Tree&) { return Tree(); }, update};
}

GradientTransform scale_by_param_block_norm(double least) {
    return per_leaf("scale_by_param_block_norm", {}, [=](const Leaf& leaf) {
        const Dims layer = leaf.layer_axes();
        const Tensor norm = layer.empty() ? abs(leaf.parameter) : sqrt(sum(square(leaf.parameter), layer, true));
        return leaf.with(leaf.update * convert(maximum(norm, least), leaf.update.type()));
    });
}

GradientTransform scale_by_param_block_rms(double least) {
    return per_leaf("scale_by_param_block_rms", {}, [=](const Leaf& leaf) {
        const Dims layer = leaf.layer_axes();
        const Tensor rms = layer.empty() ? abs(leaf.parameter) : sqrt(mean(square(leaf.parameter), layer, true));
        return leaf.with(leaf.update * convert(maximum(rms, least), leaf.update.type()));
    });
}

GradientTransform keep_params_nonnegative() {
    return per_leaf("keep_params_nonnegative", {}, [](const Leaf& leaf) {
        const Tensor parameter = convert(leaf.parameter, leaf.update.type());
        return leaf.with(select(parameter + leaf.update < 0.0, -parameter, leaf.update));
    });
}

GradientTransform zero_nans() {
    const auto none = [](const Tensor&) { return zeros({}, DataType::BOOL); };
    return per_leaf("zero_nans", {slot("found_nan", none)}, [](const Leaf& leaf) {
        const Tensor is_nan = not_equal(leaf.update, leaf.update);
        return leaf.with(select(is_nan, 0.0, leaf.update), {any(is_nan)});
    });
}

GradientTransform ema(double decay, bool debias) {
    return per_leaf(
        "ema", {slot("average", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor average = moved(leaf.slots[0], decay, leaf.update);
            return leaf.with(debias ? average / leaf.scalars[0] : average, {average});
        },
        corrections({decay}));
}

GradientTransform apply_every(std::int64_t steps) {
    if (steps < 1) fail(Code::INVALID_ARGUMENT, "apply_every: {} steps were asked for; it needs at least one", steps);
    const auto place = [=](const Tensor& count, DataType type) -> Tensors {
        const Tensor at = remainder(count, steps);
        return {convert(not_equal(at, 0), type), convert(equal(at, steps - 1), type)};
    };
    return per_leaf(
        "apply_every", {slot("sum", zeros_like)},
        [](const Leaf& leaf) {
            const Tensor sum = leaf.scalars[0] * leaf.slots[0] + leaf.update;
            return leaf.with(leaf.scalars[1] * sum, {sum});
        },
        place);
}

GradientTransform add_noise(double eta, double gamma, std::uint64_t seed) {
    const auto init = [seed](const Tree&) {
        return TreeBuilder<Tensor>().add("count", zeros({}, DataType::INT32)).add("key", key(seed).data).build();
    };
    const auto update = [eta, gamma](const Tree& updates, const Tree& state, const Tree&) {
        const Tensor next = safe_increment(state["count"]);
        const auto [carried, drawn] = split(Key{state["key"]});
        const Tensor deviation = sqrt(eta / power(convert(next, scalar_type(updates)), gamma));
        const Tree noisy = with_keys(drawn, updates, [&](const Tensor& leaf, const Key& own) {
            return leaf + convert(deviation, leaf.type()) * normal(own, leaf.dims(), leaf.type());
        });
        return std::pair{noisy, TreeBuilder<Tensor>().add("count", next).add("key", carried.data).build()};
    };
    return {"add_noise", init, update};
}

}  // namespace podium::optim
