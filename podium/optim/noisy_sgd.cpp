#include "podium/optim/noisy_sgd.h"

#include "podium/ir/random.h"

namespace podium::optim {

/// Source: Neelakantan et al. 2015, arXiv:1511.06807; optax, add_noise. Each parameter has its own key, in the order of
/// sorted paths.
GradientTransform add_noise(const NoisySgdOptions& options) {
    const auto init = [seed = options.seed](const Tree&) {
        return TreeBuilder<Tensor>().add("count", zeros({}, DataType::INT32)).add("key", key(seed).data).build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree&) {
        const Tensor next = safe_increment(state["count"]);
        const auto [carried, drawn] = split(Key{state["key"]});
        const DataType type = scalar_type(updates);
        const Tensor deviation = sqrt(options.eta / power(convert(next, type), options.gamma));
        std::vector<std::string> paths = updates.paths()->names();
        std::sort(paths.begin(), paths.end());
        const auto keys = split_list(drawn, static_cast<std::int64_t>(paths.size()));
        Tree noisy = updates;
        for (std::size_t i = 0; i < paths.size(); ++i) {
            Tensor& leaf = noisy[paths[i]];
            leaf = leaf + convert(deviation, leaf.type()) * normal(keys[i], leaf.dims(), leaf.type());
        }
        return std::pair{noisy, TreeBuilder<Tensor>().add("count", next).add("key", carried.data).build()};
    };
    return {"add_noise", init, update};
}

GradientTransform noisy_sgd(const Schedule& learning_rate, const NoisySgdOptions& options) {
    return named("noisy_sgd", chain(add_noise(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
