#pragma once

#include <cstdint>

#include "podium/ir/ops.h"

namespace podium::optim {

/// When a loss that no longer falls lowers the learning rate.
struct PlateauOptions {
    double factor = 0.0;
    std::int64_t patience = 10, cooldown = 0, window = 1;
    double relative = 1e-4, absolute = 0.0;
    double least = 0.0;
};
template <class V>
void visit_fields(V& v, PlateauOptions& options) {
    v("factor", options.factor, "of the learning rate, when the training loss no longer falls; 0 is never");
    v("patience", options.patience, "windows without a better loss before that");
    v("cooldown", options.cooldown, "windows after that which do not count");
    v("window", options.window, "steps whose mean loss is compared");
    v("relative", options.relative, "share of the best loss that a better one is below it");
    v("absolute", options.absolute, "and by how much more");
    v("least", options.least, "share of the learning rate that stays");
}

/// Returns the state before the first loss: "scale" (1), what updates are multiplied with; "best", "mean" (f32[]);
/// "plateau", "cooldown" and "count" (i32[]). Throws INVALID_ARGUMENT for numbers that make no plateau.
Tree initial_plateau(const PlateauOptions& options);
/// Returns the state after a loss; its scale is for the update of the same step.
/// Source: optax.contrib, reduce_on_plateau; PyTorch, ReduceLROnPlateau, whose patience is one less.
Tree next_plateau(const Tree& state, const Tensor& loss, const PlateauOptions& options);

}  // namespace podium::optim
