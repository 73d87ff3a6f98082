#include "podium/optim/noisy_sgd.h"

#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Neelakantan et al. 2015, arXiv:1511.06807; optax, add_noise. Each parameter has its own key.
GradientTransform add_noise(const NoisySgdOptions& options) {
    const auto init = [seed = options.seed](const Tree&) {
        return TreeBuilder<Tensor>().add("count", zeros({}, DataType::INT32)).add("key", key(seed).data).build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree&) {
        const Tensor next = safe_increment(state["count"]);
        const auto [carried, drawn] = split(Key{state["key"]});
        const DataType type = scalar_type(updates);
        const Tensor deviation = sqrt(options.eta / power(convert(next, type), options.gamma));
        const Tree noisy = with_keys(drawn, updates, [&](const Tensor& leaf, const Key& own) {
            return leaf + convert(deviation, leaf.type()) * normal(own, leaf.dims(), leaf.type());
        });
        return std::pair{noisy, TreeBuilder<Tensor>().add("count", next).add("key", carried.data).build()};
    };
    return {"add_noise", init, update};
}

GradientTransform noisy_sgd(const Schedule& learning_rate, const NoisySgdOptions& options) {
    return named("noisy_sgd", chain(add_noise(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
