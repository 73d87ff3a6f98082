#pragma once

#include "podium/optim/gradient_transform.h"

/// Wrappers that ask the loss how far to go along another transform's updates. Both need the loss as a function, whose
/// value and slope at the parameters they compute themselves: what they are given may be clipped, or the mean over
/// other samples.
namespace podium::optim {

struct ZoomOptions {
    std::int64_t steps = 20;       ///< at most, each one value and one gradient
    double increase = 2.0;         ///< of the step size, until an interval is found
    double decrease_share = 1e-4;  ///< of the first slope: what the loss must fall by
    double curvature_share = 0.9;  ///< of the first slope: greatest slope left
    double value_share = 1e-6;     ///< of the first loss: what rounding may add to it
    double least_interval = 1e-5;  ///< intervals below this end the search where a step was good enough
};
/// Lets a transform find a direction, and scales it so that the loss falls enough and its slope along the direction is
/// small enough (the strong Wolfe conditions), trying the direction itself first. State: the inner transform's at
/// "inner", "step_size": f32[] or f64[], the last one. Source: Nocedal and Wright 2006, "Numerical optimization",
/// algorithms 3.5 and 3.6; Hager and Zhang 2006, algorithm 851; optax, scale_by_zoom_linesearch, whose first guess is
/// "one".
GradientTransform zoom_line_search(const GradientTransform& inner, const ZoomOptions& options = {});

struct BacktrackingOptions {
    std::int64_t steps = 20;       ///< at most, each one value
    double decrease_share = 1e-4;  ///< of the slope: what the loss must fall by
    double decrease = 0.8;         ///< of a step size that is too long
    double increase = 1.5;         ///< of the last step's size, where the next begins
    double greatest = 1.0;         ///< step size
};
/// Scales a direction so that the loss falls enough (Armijo's condition), from the last step's size downwards. State
/// as above. Source: Vaswani et al. 2019, arXiv:1905.09997; optax, scale_by_backtracking_linesearch.
GradientTransform backtracking_line_search(const GradientTransform& inner, const BacktrackingOptions& options = {});

}  // namespace podium::optim
