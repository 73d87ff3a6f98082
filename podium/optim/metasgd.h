#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct MetasgdOptions {
    double first_rate = 0.01;  ///< what each parameter's learning rate begins with
};

/// Returns parameters - rates * the gradient there: what a task makes of a start, with the rates that `metasgd` learned
/// (its state's "rate.PARAMETER").
Tree adapted(const std::function<Tensor(const Tree&)>& loss, const Tree& parameters, const Tree& rates);
/// Meta-SGD: learns a start and a learning rate for each of its elements, so that one step of each task leads to a low
/// loss: both go against the gradient of loss(adapted(parameters)). Needs the loss as a function, of samples that serve
/// for the task's step and its test. State: "count", "rate.PARAMETER".
GradientTransform metasgd(const Schedule& learning_rate, const MetasgdOptions& options = {});

}  // namespace podium::optim
