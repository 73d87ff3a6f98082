#include "podium/optim/privacy.h"

#include "podium/optim/clipping.h"

namespace podium::optim {

GradientTransform differentially_private_aggregate(const PrivacyOptions& options) {
    if (!(options.max_norm > 0.0) || options.noise_multiplier < 0.0)
        fail(Code::INVALID_ARGUMENT,
             "differentially_private_aggregate: max_norm is {} and noise_multiplier {}; give more than 0, and at least "
             "0",
             options.max_norm, options.noise_multiplier);
    const auto init = [seed = options.seed](const Tree&) {
        return TreeBuilder<Tensor>().add("key", key(seed).data).build();
    };
    const auto update = [options](const Tree& updates, const Tree& state, const Tree& parameters) {
        expect_same_paths("differentially_private_aggregate", updates, parameters);
        const auto examples = static_cast<double>(updates.empty() ? 1 : updates.leaves()[0].dim(0));
        Tree sums = per_example_global_norm_clip(updates, options.max_norm).sum;
        const auto keys = split_list(Key{state["key"]}, static_cast<std::int64_t>(updates.size()) + 1);
        for (std::size_t i = 0; i < sums.size(); ++i) {
            Tensor& leaf = sums.leaves()[i];
            const Tensor noise = normal(keys[i + 1], leaf.dims(), leaf.type());
            leaf = (leaf + options.max_norm * options.noise_multiplier * noise) / examples;
        }
        return std::pair{std::move(sums), TreeBuilder<Tensor>().add("key", keys[0].data).build()};
    };
    return {"differentially_private_aggregate", init, update};
}

GradientTransform dpsgd(const Schedule& learning_rate, const PrivacyOptions& options, double momentum, bool nesterov) {
    std::vector<GradientTransform> parts{differentially_private_aggregate(options)};
    if (momentum != 0.0) parts.push_back(trace(momentum, nesterov));
    parts.push_back(scale_by_learning_rate(learning_rate));
    return named("dpsgd", chain(std::move(parts)));
}

}  // namespace podium::optim
