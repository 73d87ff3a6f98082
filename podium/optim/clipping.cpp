#include "podium/optim/clipping.h"

namespace podium::optim {

GradientTransform clip_by_global_norm(double max_norm) {
    const auto update = [max_norm](const Tree& updates, const Tree& state, const Tree&) {
        const Tensor norm = global_norm(updates);
        const Tensor below = norm < max_norm;
        const Tree clipped = updates.map(
            [&](const Tensor& leaf) { return select(below, leaf, leaf / convert(norm, leaf.type()) * max_norm); });
        return std::pair{clipped, state};
    };
    return {"clip_by_global_norm", [](const Tree&) { return Tree(); }, update};
}

GradientTransform clip(double max_delta) {
    return per_leaf("clip", {}, [=](const Leaf& leaf) { return leaf.with(clamp(-max_delta, leaf.update, max_delta)); });
}

}  // namespace podium::optim
