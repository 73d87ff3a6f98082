#include "podium/optim/metasgd.h"

#include "podium/optim/tree_math.h"
#include "podium/transform/transform.h"

namespace podium::optim {

Tree adapted(const std::function<Tensor(const Tree&)>& loss, const Tree& parameters, const Tree& rates) {
    return zipped([](const Tensor& p, const Tensor& rate, const Tensor& g) { return p - rate * g; }, parameters, rates,
                  grad(loss)(parameters));
}

/// Source: Li et al. 2017, arXiv:1707.09835, algorithm 1.
GradientTransform metasgd(const Schedule& learning_rate, const MetasgdOptions& options) {
    const auto init = [=](const Tree& parameters) {
        return TreeBuilder<Tensor>()
            .add("count", zeros({}, DataType::INT32))
            .add("rate", parameters.map([&](const Tensor& p) { return full(p.dims(), options.first_rate, p.type()); }))
            .build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_loss_function("metasgd", loss);
        expect_same_paths("metasgd", updates, parameters);
        const Tensor& count = state["count"];
        const Tree rates = in_order(state.subtree("rate"), parameters);
        const auto tested = [&](const std::pair<Tree, Tree>& both) {
            return loss.function(adapted(loss.function, both.first, both.second));
        };
        const auto [of_start, of_rates] = grad(tested)(std::pair{parameters, rates});
        const Tensor step = learning_rate(count, scalar_type(parameters));
        const Tree next = TreeBuilder<Tensor>()
                              .add("count", safe_increment(count))
                              .add("rate", zipped([](const Tensor& rate, const Tensor& g) { return rate + g; }, rates,
                                                  scaled(-step, of_rates)))
                              .build();
        return std::pair{in_order(scaled(-step, of_start), updates), next};
    };
    return {"metasgd", init, update};
}

}  // namespace podium::optim
