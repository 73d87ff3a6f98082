#include "podium/optim/polyak.h"

#include "podium/optim/sgd.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Loizou et al. 2021, arXiv:2002.10542; optax, scale_by_polyak.
///   u = g * min((loss - lower_bound) / (|g|^2 + epsilon), max_learning_rate), or 0 where g is
GradientTransform scale_by_polyak(double max_learning_rate, const PolyakOptions& options) {
    const auto update = [=](const Tree& updates, const Tree& state, const Tree&, const StepLoss& loss) {
        const Tensor squares = squared_norm(updates) + options.epsilon;
        Tensor gap = given_loss("scale_by_polyak", loss, squares.type()) - options.lower_bound;
        if (options.clip_gap) gap = maximum(gap, 0.0);
        const Tensor step = minimum(gap / squares, max_learning_rate);
        return std::pair{scaled(select(squares <= SMALLEST_SQUARE, 0.0, step), updates), state};
    };
    return {"scale_by_polyak", [](const Tree&) { return Tree(); }, update};
}

GradientTransform polyak_sgd(const Schedule& learning_rate, const PolyakOptions& options) {
    const double greatest = constant_rate("polyak_sgd", learning_rate);
    return named("polyak_sgd", chain(sgd(options.scaling), scale_by_polyak(greatest, options)));
}

}  // namespace podium::optim
