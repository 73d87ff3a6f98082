#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

/// True for matrices of a layer, but not for stacks of vectors or convolutions' kernels.
bool is_layer_matrix(std::string_view path, const Shape& shape);

struct MuonOptions {
    double momentum = 0.95;
    bool nesterov = true;
    std::int64_t iterations = 5;      ///< of the orthogonalization
    double epsilon = 1e-8;            ///< added to norms, and Adam's
    double consistent_rms = 0.0;      ///< steps' root mean square, whatever the shape; 0 scales by the width alone
    double weight_decay = 0.0;        ///< of the matrices, decoupled
    double beta1 = 0.9;               ///< Adam's, for all other parameters
    double beta2 = 0.999;             ///< likewise
    Mask matrices = is_layer_matrix;  ///< what is orthogonalized
};

/// Returns x with singular values near one: x: […, rows, columns].
Tensor orthogonalized(const Tensor& x, std::int64_t iterations, double epsilon);
/// Returns the orthogonalized momentum of matrices: […, rows, columns], each by itself.
GradientTransform scale_by_muon(const MuonOptions& options = {});
/// Momentum, orthogonalized, for matrices; Adam for the rest. State: "muon.…" and "adam.…".
GradientTransform muon(const Schedule& learning_rate, const MuonOptions& options = {});

}  // namespace podium::optim
