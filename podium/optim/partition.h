#pragma once

#include "podium/optim/scaling.h"

/// Different transforms for different parameters, by their paths.
namespace podium::optim {

/// Returns a mask of the paths that one of the patterns matches ("h.*.norm.**"; see podium::matches).
Mask matching(std::vector<std::string> patterns);

/// Lets `inner` see and change only what the mask takes; other updates pass as they are. The state is the inner one's,
/// of those parameters. Source: optax, masked.
GradientTransform masked(const GradientTransform& inner, Mask mask);
/// Makes the updates zero that the mask takes. Source: optax, freeze.
GradientTransform freeze(Mask mask);
/// Lets `inner` see and change only what the mask does not take; other updates are zero and have no state.
/// Source: optax, selective_transform.
GradientTransform selective_transform(const GradientTransform& inner, const Mask& frozen);
/// Returns updates times the factor of the first pattern that matches the path; others stay.
GradientTransform scale_matching(std::vector<std::pair<std::string, double>> factors);

/// A transform for some of the parameters.
struct Part {
    std::string name;  ///< the state's paths begin with it
    Mask mask;
    GradientTransform transform;
};
/// Lets each parameter be updated by the first part that takes it, which sees no others. INVALID_ARGUMENT at init or
/// update where no part takes one. Source: optax, partition.
GradientTransform partition(const std::vector<Part>& parts);

}  // namespace podium::optim
