#include "podium/optim/momo.h"

#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// What both methods know of the loss.
struct Model {
    Tensor mean_loss, mean_product;  ///< moving means of the loss and of <gradient, parameters>
    Tensor moment_product;           ///< <first moment, parameters>
    Tensor squared_norm;             ///< of the first moment, in the method's metric
    Tensor correction;               ///< 1 - decay^t of means that began at zero
};

struct Step {
    Tensor length, lower_bound;
};

/// Source: Schaipp et al. 2023, arXiv:2305.07583, algorithms 1 and 2; optax, contrib.momo and contrib.momo_adam.
///   a = 1 + learning_rate * weight_decay
///   l = min(learning_rate / c, max(a * (f - c * bound - <g, p>) + <m, p>, 0) / |m|^2)
Step step_of(const Model& model, const Tensor& rate, const Tensor& bound, double least_bound, double weight_decay,
             bool adapts) {
    const auto& [loss, product, moment_product, squares, correction] = model;
    const Tensor growth = 1.0 + rate * weight_decay;
    Tensor used = bound;
    if (adapts) {
        const Tensor cap = growth * (loss - product) + moment_product;
        const Tensor lowered = maximum(cap / (2.0 * correction * growth), least_bound);
        used = select(cap < growth * correction * bound, lowered, bound);
    }
    const Tensor gap = maximum(growth * (loss - correction * used - product) + moment_product, 0.0);
    const Tensor length =
        minimum(rate / correction, select(squares <= SMALLEST_SQUARE, zeros_like(squares), gap / squares));
    if (!adapts) return {length, bound};
    const Tensor shown = (loss + moment_product - product - 0.5 * length * squares) / correction;
    return {length, maximum(shown, least_bound)};
}

/// Returns the state; without second moments where `second` is empty.
Tree momo_state(const Tree& first, const Tree& second, const Tensor& loss, const Tensor& product, const Tensor& bound,
                const Tensor& count) {
    TreeBuilder<Tensor> state;
    state.add("first_moment", first);
    if (!second.empty()) state.add("second_moment", second);
    return state.add("mean_loss", loss)
        .add("mean_product", product)
        .add("lower_bound", bound)
        .add("count", count)
        .build();
}

Tree first_state(const Tree& parameters, bool has_second, double bound) {
    const DataType type = scalar_type(parameters);
    const Tree zero = parameters.map(zeros_like);
    return momo_state(zero, has_second ? zero : Tree(), zeros({}, type), zeros({}, type), full({}, bound, type),
                      zeros({}, DataType::INT32));
}

/// Returns -step, and what decays of the parameters.
Tree decayed(const Tree& step, const Tree& parameters, const Tensor& rate, double weight_decay) {
    const Tensor decay = rate * weight_decay / (1.0 + rate * weight_decay);
    return zipped([&](const Tensor& p, const Tensor& s) { return -convert(decay, p.type()) * p - s; }, parameters,
                  step);
}

}  // namespace

GradientTransform momo(const Schedule& learning_rate, const MomoOptions& options) {
    const auto init = [=](const Tree& parameters) { return first_state(parameters, false, options.lower_bound); };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        const Tensor &count = state["count"], &bound = state["lower_bound"];
        const Tensor decay = select(equal(count, 0), zeros_like(bound), options.momentum);
        const auto mixed = [&](const Tensor& before, const Tensor& now) {
            const Tensor share = convert(decay, now.type());
            return share * before + (1.0 - share) * now;
        };
        const Tree first = zipped(mixed, state.subtree("first_moment"), updates);
        const Model model{mixed(state["mean_loss"], given_loss("momo", loss, bound.type())),
                          mixed(state["mean_product"], inner_product(updates, parameters)),
                          inner_product(first, parameters), squared_norm(first), ones_like(bound)};
        const Tensor rate = learning_rate(count, bound.type());
        const auto step =
            step_of(model, rate, bound, options.lower_bound, options.weight_decay, options.adapt_lower_bound);
        return std::pair{
            decayed(scaled(step.length, first), parameters, rate, options.weight_decay),
            momo_state(first, {}, model.mean_loss, model.mean_product, step.lower_bound, safe_increment(count))};
    };
    return {"momo", init, update};
}

GradientTransform momo_adam(const Schedule& learning_rate, const MomoAdamOptions& options) {
    const auto init = [=](const Tree& parameters) { return first_state(parameters, true, options.lower_bound); };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        const Tensor &count = state["count"], &bound = state["lower_bound"];
        const Tensors corrected = corrections({options.beta1, options.beta2})(count, bound.type());
        const auto mixed = [&](const Tensor& before, const Tensor& now) { return moved(before, options.beta1, now); };
        const Tree first = zipped(mixed, state.subtree("first_moment"), updates);
        const Tree second =
            zipped([&](const Tensor& v, const Tensor& g) { return options.beta2 * v + (1.0 - options.beta2) * g * g; },
                   state.subtree("second_moment"), updates);
        const auto preconditioned = [&](const Tensor& m, const Tensor& v) {
            return m / (options.epsilon + sqrt(v / convert(corrected[1], v.type())));
        };
        const Model model{mixed(state["mean_loss"], given_loss("momo_adam", loss, bound.type())),
                          mixed(state["mean_product"], inner_product(updates, parameters)),
                          inner_product(first, parameters), inner_product(first, zipped(preconditioned, first, second)),
                          corrected[0]};
        const Tensor rate = learning_rate(count, bound.type());
        const auto step =
            step_of(model, rate, bound, options.lower_bound, options.weight_decay, options.adapt_lower_bound);
        return std::pair{
            decayed(zipped(preconditioned, scaled(step.length, first), second), parameters, rate, options.weight_decay),
            momo_state(first, second, model.mean_loss, model.mean_product, step.lower_bound, safe_increment(count))};
    };
    return {"momo_adam", init, update};
}

}  // namespace podium::optim
