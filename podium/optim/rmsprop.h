#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct RmspropOptions {
    double decay = 0.9;
    double epsilon = 1e-8;
    bool epsilon_in_root = true;   ///< optax's and TensorFlow's form; PyTorch adds it to the root
    bool centered = false;         ///< the variance instead of the second moment
    bool bias_correction = false;  ///< divide the moments by 1 - decay^t
    double momentum = 0.0;         ///< of the steps, behind the learning rate; 0 keeps no state
    bool nesterov = false;
};

/// Scales updates by the root of their second moment, or of their variance.
GradientTransform scale_by_rms(const RmspropOptions& options = {});
GradientTransform rmsprop(const Schedule& learning_rate, const RmspropOptions& options = {});

}  // namespace podium::optim
