#pragma once

#include "podium/ir/graph.h"

namespace podium {

/// What a reverse walk gives.
struct Pullback {
    Tensors outputs;    ///< the outputs again: use these, so that loops run once for value and gradient
    Tensors gradients;  ///< one an input; undefined where nothing flows
};

/// Walks back from `outputs` (with one cotangent each; undefined ones are zero) to `inputs` by the rows' vjp rules.
Pullback pullback(const Tensors& outputs, const Tensors& cotangents, const Tensors& inputs);

/// Returns the tensor, or zeros of its shape where it is undefined.
Tensor or_zeros(const Tensor& tensor, const Shape& shape);

}  // namespace podium
