#include "podium/optim/plateau.h"

#include <limits>

#include "podium/optim/tree_math.h"

namespace podium::optim {

Tree initial_plateau(const PlateauOptions& options) {
    if (!(options.factor > 0.0 && options.factor < 1.0))
        fail(Code::INVALID_ARGUMENT, "plateau: the factor is {}; give more than 0 and less than 1", options.factor);
    if (options.patience < 1 || options.cooldown < 0 || options.window < 1)
        fail(Code::INVALID_ARGUMENT, "plateau: patience is {}, cooldown {} and window {}; give at least 1, 0 and 1",
             options.patience, options.cooldown, options.window);
    if (options.relative < 0.0 || options.relative > 1.0 || options.absolute < 0.0)
        fail(Code::INVALID_ARGUMENT, "plateau: relative is {} and absolute {}; give 0 to 1, and at least 0",
             options.relative, options.absolute);
    const Tensor none = zeros({}, DataType::INT32);
    TreeBuilder<Tensor> state;
    state.add("scale", ones({})).add("best", full({}, std::numeric_limits<double>::infinity())).add("mean", zeros({}));
    return state.add("plateau", none).add("cooldown", none).add("count", none).build();
}

Tree next_plateau(const Tree& state, const Tensor& loss, const PlateauOptions& options) {
    const Tensor &scale = state["scale"], &best = state["best"], &plateau = state["plateau"],
                 &cooldown = state["cooldown"];
    const Tensor count = safe_increment(state["count"]), value = convert(loss, best.type());
    const Tensor mean = state["mean"] + (value - state["mean"]) / convert(count, best.type());
    const Tensor compares = equal(count, options.window);

    const Tensor is_better = mean < (1.0 - options.relative) * best - options.absolute;
    const Tensor cools = cooldown > 0;
    const Tensor windows = select(is_better | cools, 0, safe_increment(plateau));
    const Tensor reduces = equal(windows, options.patience);
    const Tensor reduced = maximum(select(reduces, scale * options.factor, scale), options.least);
    const Tensor next_cooldown =
        select(cools, cooldown - 1, select(reduces, scalar_of(DataType::INT32, options.cooldown), 0));

    TreeBuilder<Tensor> next;
    next.add("scale", select(compares & logical_not(cools), reduced, scale));
    next.add("best", select(compares & is_better, mean, best)).add("mean", select(compares, 0.0, mean));
    next.add("plateau", select(compares, select(reduces, 0, windows), plateau));
    next.add("cooldown", select(compares, next_cooldown, cooldown)).add("count", select(compares, 0, count));
    return in_order(next.build(), state);
}

}  // namespace podium::optim
