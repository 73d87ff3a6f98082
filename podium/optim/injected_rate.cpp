#include "podium/optim/injected_rate.h"

namespace podium::optim {

GradientTransform injected_rate(double learning_rate, const std::function<GradientTransform(const Schedule&)>& make) {
    const auto made_with = [make](const Tensor& rate) {
        return make([rate](const Tensor& step) { return convert(rate, step.type()); });
    };
    const auto init = [=](const Tree& parameters) {
        const Tensor rate = full({}, learning_rate, scalar_type(parameters));
        return TreeBuilder<Tensor>().add("learning_rate", rate).add("inner", made_with(rate).init(parameters)).build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        const Tensor& rate = state["learning_rate"];
        const auto [changed, next] = made_with(rate).update(updates, state.subtree("inner"), parameters, loss);
        return std::pair{changed, TreeBuilder<Tensor>().add("learning_rate", rate).add("inner", next).build()};
    };
    return {"injected_rate", init, update};
}

}  // namespace podium::optim
