#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct DadaptAdamwOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double first_distance = 1e-6;  ///< a learning rate that is surely too small
    double weight_decay = 0.0;     ///< decoupled, of every parameter
};

/// AdamW whose learning rate grows to an estimate of the distance to the optimum. The learning rate multiplies it: 1 is
/// the method's own.
GradientTransform dadapt_adamw(const Schedule& learning_rate, const DadaptAdamwOptions& options = {});

}  // namespace podium::optim
