#include "podium/optim/adam_mini.h"

#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// Returns the dimensions that one block spans.
Dims block_axes(const Tree& tree, std::size_t i, const Mask& tables) {
    const auto& path = tree.path(i);
    const Tensor& x = tree.leaves()[i];
    Dims axes = Leaf{path, x, x, {}, {}}.layer_axes();
    if (axes.size() > 1) axes.erase(tables(path, x.shape()) ? axes.begin() : axes.end() - 1);
    return axes;
}

/// Returns the means over blocks, whose dimensions stay with size 1.
Tree block_means(const Tree& tree, const Mask& tables) {
    Tree means = tree;
    for (std::size_t i = 0; i < tree.size(); ++i)
        if (const Dims axes = block_axes(tree, i, tables); !axes.empty())
            means.leaves()[i] = mean(tree.leaves()[i], axes, true);
    return means;
}

}  // namespace

/// Source: Zhang et al. 2024, arXiv:2406.16793, algorithm 1.
///   m' = (1 - beta1) * g + beta1 * m, v' = (1 - beta2) * mean of g^2 over the block + beta2 * v
///   u  = m' / (1 - beta1^t) / (sqrt(v' / (1 - beta2^t)) + epsilon)
GradientTransform scale_by_adam_mini(const AdamMiniOptions& options) {
    const auto state_of = [](const Tensor& count, const Tree& first, const Tree& second) {
        return TreeBuilder<Tensor>()
            .add("count", count)
            .add("first_moment", first)
            .add("second_moment", second)
            .build();
    };
    const auto init = [=](const Tree& parameters) {
        const Tree zero = parameters.map(zeros_like);
        return state_of(zeros({}, DataType::INT32), zero, block_means(zero, options.tables).map(zeros_like));
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        expect_same_paths("scale_by_adam_mini", updates, parameters);
        const auto next = [](double beta) {
            return [beta](const Tensor& x, const Tensor& moment) { return moved(moment, beta, x); };
        };
        const Tree first = zipped(next(options.beta1), updates, state.subtree("first_moment"));
        const Tree squares = block_means(updates.map([](const Tensor& g) { return square(g); }), options.tables);
        const Tree second = zipped(next(options.beta2), squares, state.subtree("second_moment"));
        const Tensors correction = corrections({options.beta1, options.beta2})(state["count"], scalar_type(updates));
        const Tree changed = zipped(
            [&](const Tensor& m, const Tensor& v) {
                const Tensor root = sqrt(v / convert(correction[1], v.type())) + options.epsilon;
                return m / convert(correction[0], m.type()) / root;
            },
            first, second);
        return std::pair{changed, state_of(safe_increment(state["count"]), first, second)};
    };
    return {"scale_by_adam_mini", init, update};
}

GradientTransform adam_mini(const Schedule& learning_rate, const AdamMiniOptions& options) {
    return named("adam_mini",
                 chain(scale_by_adam_mini(options), add_decayed_weights(options.weight_decay, options.mask),
                       scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
