#include "podium/optim/mechanize.h"

#include <cmath>

#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

Tensor decays_of(const MechanizeOptions& options, DataType type) {
    std::vector<double> decays;
    for (std::int64_t i = 1; i <= options.decays; ++i) decays.push_back(1.0 - std::pow(0.1, static_cast<double>(i)));
    return convert(constant(HostArray::of({options.decays}, decays)), type);
}

}  // namespace

GradientTransform mechanize(const GradientTransform& inner, const MechanizeOptions& options) {
    if (options.decays < 1)
        fail(Code::INVALID_ARGUMENT, "mechanize: {} decays were asked for; give at least 1", options.decays);
    const auto init = [inner, options](const Tree& parameters) {
        const Tensor none = zeros({options.decays}, scalar_type(parameters));
        TreeBuilder<Tensor> state;
        state.add("inner", inner.init(parameters)).add("count", zeros({}, DataType::INT32));
        state.add("reward", none).add("greatest", none).add("variance", none);
        state.add("scale", full({options.decays}, options.initial_scale, none.type()));
        return state.add("initial", parameters).build();
    };
    const auto update = [inner, options](const Tree& updates, const Tree& state, const Tree& parameters,
                                         const StepLoss& loss) {
        expect_same_paths("mechanize", updates, parameters);
        const auto [weight_decay, epsilon, initial_scale, count] = options;
        const Tensor &greatest = state["greatest"], &scale = state["scale"];
        const DataType type = scale.type();
        const auto [steps, inner_state] = inner.update(updates, state.subtree("inner"), parameters, loss);
        const Tree initial = in_order(state.subtree("initial"), parameters);

        const Tensor whole = sum(scale);
        const Tensor decay = weight_decay * whole * convert(global_norm(updates), type) /
                             (convert(global_norm(parameters), type) + epsilon);
        Tensor reward = zeros({}, type);  // how far the way so far went down the gradients
        Tensors ways;                     // of the inner optimizer alone, with this step
        for (std::size_t i = 0; i < updates.size(); ++i) {
            const Tensor now = convert(parameters.leaves()[i], type), first = convert(initial.leaves()[i], type);
            const Tensor way = (first - now) / (whole + epsilon);
            reward = reward + sum((convert(updates.leaves()[i], type) + decay * now) * way);
            ways.push_back(way - convert(steps.leaves()[i], type));
        }
        const Tensor decays = decays_of(options, type);
        const Tensor most = maximum(decays * greatest, abs(reward) + epsilon);
        const Tensor variance = square(decays) * state["variance"] + square(reward);
        const Tensor rewards =
            decays * state["reward"] + clamp(-greatest, broadcast_to(reward, greatest.dims()), greatest) * scale;
        const Tensor wealth = initial_scale / static_cast<double>(count) * most + maximum(rewards, 0.0);
        const Tensor next_scale = wealth / (sqrt(variance) + epsilon), next_whole = sum(next_scale);
        Tree changed = updates;
        for (std::size_t i = 0; i < updates.size(); ++i) {
            const Tensor now = convert(parameters.leaves()[i], type), first = convert(initial.leaves()[i], type);
            changed.leaves()[i] = convert(first - next_whole * ways[i] - now, updates.leaves()[i].type());
        }
        TreeBuilder<Tensor> next;
        next.add("inner", inner_state).add("count", safe_increment(state["count"]));
        next.add("reward", rewards).add("greatest", most).add("variance", variance).add("scale", next_scale);
        return std::pair{std::move(changed), next.add("initial", initial).build()};
    };
    return {"mechanize", init, update};
}

}  // namespace podium::optim
