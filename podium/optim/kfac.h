#pragma once

#include "podium/optim/muon.h"

namespace podium::optim {

struct KfacOptions {
    double beta1 = 0.9;               ///< of the gradients' mean, which is preconditioned
    double decay = 0.95;              ///< of the factors, at most
    double damping = 1e-3;            ///< Tikhonov's, of both factors together
    double norm_constraint = 1e-3;    ///< greatest squared length of a step by that matrix; 0: none
    std::int64_t every = 10;          ///< updates between two inversions
    std::int64_t largest = 8192;      ///< inputs and outputs of the layers that have factors, at most
    double beta2 = 0.999;             ///< Adam's, for all other parameters
    double epsilon = 1e-8;            ///< likewise
    double rest_scale = 0.01;         ///< Adam's learning rate, as a share
    double weight_decay = 0.0;        ///< decoupled
    Mask mask = {};                   ///< what decays
    Mask matrices = is_layer_matrix;  ///< what may have factors
};

/// Returns means of gradients times the inverse of the empirical Fisher matrix of each layer, as a Kronecker product of
/// its inputs' and its outputs' gradients' second moments: of matrices that `weight_products` finds, with their biases.
/// All of them are shortened alike where, times the learning rate, they would break the norm constraint. All others
/// have Adam's steps times `rest_scale`: embeddings, scales of norms, stacks of layers, what loops or `remat` take. The
/// loss is taken as a mean over the rows of the products, and is computed once more, with its gradients. Needs the loss
/// as a function. State: "count", "first_moment.PARAMETER" and "second_moment.PARAMETER" (Adam's); for the matrices f32
/// (f64 for f64) "rows.PARAMETER", "columns.PARAMETER" and their inverses in "rows_inverse.PARAMETER",
/// "columns_inverse.PARAMETER": [n + 1, n + 1], the last of the inputs' being the bias's.
GradientTransform scale_by_kfac(const Schedule& learning_rate, const KfacOptions& options = {});
/// K-FAC. Its learning rates are greater than Adam's: 0.03 to 0.3.
GradientTransform kfac(const Schedule& learning_rate, const KfacOptions& options = {});

}  // namespace podium::optim
