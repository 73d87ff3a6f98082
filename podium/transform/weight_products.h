#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "podium/ir/graph.h"

namespace podium {

/// The matrix product that takes a parameter, what it is taken with, and what flows back to it: a layer's inputs and
/// the gradients of its outputs.
struct WeightProduct {
    std::size_t weight = 0;           ///< which parameter: a matrix
    std::optional<std::size_t> bias;  ///< which parameter, a vector, is added to the product
    bool transposed = false;          ///< whether the weight is [outputs, inputs], else [inputs, outputs]
    Tensor inputs;                    ///< [rows, inputs]: the other operand
    Tensor gradients;                 ///< [rows, outputs]: of the loss by the product
};

/// Returns the products of loss(parameters) that take one parameter each: of matrices that the loss uses once, in a
/// product without batch dimensions, perhaps converted or transposed before. Parameters that loops, branches or `remat`
/// take, that are used more than once, by other operations or with another parameter alone, have none. A bias is what
/// the loss uses once, in the addition to a product that is used for nothing else. The sum over rows of inputs^T
/// gradients is the gradient by [inputs, outputs]. Computes the loss and its gradients anew.
std::vector<WeightProduct> weight_products(const std::function<Tensor(const Tensors& parameters)>& loss,
                                           const Tensors& parameters);

}  // namespace podium
