#pragma once

#include "podium/optim/gradient_transform.h"

/// Trees as lists of tensors, which is what branches and loops take.
namespace podium::optim {

/// Returns the leaves of all trees, one tree after another.
Tensors joined(std::initializer_list<Tree> trees);

/// Takes trees off a list of tensors, in the order in which they were joined to it.
class Unpacker {
public:
    explicit Unpacker(const Tensors& tensors) : next_(tensors.begin()) {}
    /// Returns the next leaves under the paths of `like`.
    Tree take(const Tree& like);

private:
    Tensors::const_iterator next_;
};

/// Returns what `inner` makes of the updates where `condition` (bool[]) holds, else `otherwise` and the state as it
/// was; the work of the other branch is skipped.
std::pair<Tree, Tree> updated_if(const Tensor& condition, const GradientTransform& inner, const Tree& updates,
                                 const Tree& state, const Tree& parameters, const StepLoss& loss,
                                 const Tree& otherwise);

}  // namespace podium::optim
