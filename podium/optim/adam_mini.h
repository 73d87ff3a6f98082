#pragma once

#include "podium/optim/partition.h"

namespace podium::optim {

struct AdamMiniOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.0;                                         ///< decoupled
    Mask mask = {};                                                    ///< what decays
    Mask tables = matching({"**.wte.**", "**.wpe.**", "**.emb*.**"});  ///< matrices whose rows are blocks
};

/// Adam with one second moment a block: of a matrix […, inputs, outputs] a column, which is one neuron's; of a table of
/// embeddings a row, which is one token's; of a vector all of it. The paper's blocks of queries and keys are heads,
/// each some columns. State: "count", "first_moment.…", "second_moment.…", which has the parameter's dimensions with 1
/// where a block spans them.
GradientTransform scale_by_adam_mini(const AdamMiniOptions& options = {});
GradientTransform adam_mini(const Schedule& learning_rate, const AdamMiniOptions& options = {});

}  // namespace podium::optim
