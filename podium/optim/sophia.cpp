#include "podium/optim/sophia.h"

#include "podium/ir/random.h"
#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"
#include "podium/transform/transform.h"

namespace podium::optim {
namespace {

/// Returns 1 or -1 for each element of each parameter, whose keys are in the order of sorted paths.
Tree random_signs(const Key& key, const Tree& parameters) {
    const DataType type = scalar_type(parameters);
    return with_keys(key, parameters, [type](const Tensor& p, const Key& own) {
        return convert(select(uniform(own, p.dims(), 0.0, 1.0, type) < 0.5, ones(p.dims(), type), -1.0), p.type());
    });
}

/// Source: Hutchinson 1990, "A stochastic estimator of the trace of the influence matrix"; optax,
/// contrib.hutchinson_estimator_diag_hessian.
Tree hessian_diagonal(const std::function<Tensor(const Tree&)>& loss, const Tree& parameters, const Key& key) {
    const Tree signs = random_signs(key, parameters);
    const auto product = jvp([&](const Tree& p) { return grad(loss)(p); }, parameters, signs).second;
    return zipped([](const Tensor& h, const Tensor& sign) { return h * sign; }, product, signs);
}

}  // namespace

/// Source: Liu et al. 2023, arXiv:2305.14342, algorithm 3; optax, contrib.scale_by_sophia.
///   m' = (1 - beta1) * g + beta1 * m, h' = (1 - beta2) * estimate + beta2 * h every so many updates
///   u  = m' / (1 - beta1^t) / max(gamma * h, epsilon), within -clip and clip
GradientTransform scale_by_sophia(const SophiaOptions& options) {
    const auto state_of = [](const Tensor& count, const Tensor& random, const Tree& first, const Tree& curvature) {
        TreeBuilder<Tensor> state;
        return state.add("count", count)
            .add("key", random)
            .add("first_moment", first)
            .add("curvature", curvature)
            .build();
    };
    const auto init = [=](const Tree& parameters) {
        const Tree zero = parameters.map(zeros_like);
        return state_of(zeros({}, DataType::INT32), key(options.seed).data, zero, zero);
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_loss_function("scale_by_sophia", loss);
        const Tensor& count = state["count"];
        const Tree before = in_order(state.subtree("curvature"), updates);
        const Tree first = zipped([&](const Tensor& g, const Tensor& m) { return moved(m, options.beta1, g); }, updates,
                                  state.subtree("first_moment"));
        const Tensor correction = corrections({options.beta1})(count, scalar_type(updates))[0];
        const Tree changed = zipped(
            [&](const Tensor& m, const Tensor& h) {
                const Tensor step = m / convert(correction, m.type()) / maximum(options.gamma * h, options.epsilon);
                return clamp(-options.clip, step, options.clip);
            },
            first, before);
        const auto estimate = [&](const Tensors& operands) {
            const auto [next_key, own] = split(Key{operands.back()});
            const Tree diagonal = hessian_diagonal(loss.function, parameters, own);
            Tensors results;
            for (std::size_t i = 0; i < before.size(); ++i)
                results.push_back(moved(operands[i], options.beta2, diagonal[before.path(i)]));
            results.push_back(next_key.data);
            return results;
        };
        Tensors carried = before.leaves();
        carried.push_back(state["key"]);
        carried = cond(
            equal(remainder(count, options.every), 0), estimate, [](const Tensors& operands) { return operands; },
            carried);
        const Tensor random = carried.back();
        carried.pop_back();
        return std::pair{changed, state_of(safe_increment(count), random, first, Tree(before.paths(), carried))};
    };
    return {"scale_by_sophia", init, update};
}

GradientTransform sophia(const Schedule& learning_rate, const SophiaOptions& options) {
    return named("sophia", chain(scale_by_sophia(options), add_decayed_weights(options.weight_decay, options.mask),
                                 scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
