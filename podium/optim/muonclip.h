#pragma once

#include "podium/optim/muon.h"

namespace podium::optim {

struct MuonclipOptions {
    double momentum = 0.95;
    double weight_decay = 0.1;        ///< of the matrices, decoupled
    double root_mean_square = 0.2;    ///< of matrices' steps, whatever their shape
    double beta1 = 0.9;               ///< Adam's, for all other parameters
    double beta2 = 0.999;             ///< likewise
    Mask matrices = is_layer_matrix;  ///< what is orthogonalized
};

/// Muon without Nesterov's form, its steps as long as Adam's, and with weight decay. The clip needs what no update
/// sees, the heads' greatest logits: a program that has them calls `clipped_heads` after the step.
GradientTransform muonclip(const Schedule& learning_rate, const MuonclipOptions& options = {});

/// Returns a projection of queries or of keys whose heads with greater logits than `threshold` are scaled by
/// sqrt(threshold / greatest logit), so that queries and keys together come down to it. weight: […, inputs,
/// heads * size], also a bias […, heads * size]; greatest_logits: f32[…, heads], of the batch, after the scale
/// of the softmax. Source: Kimi Team 2025, arXiv:2507.20534, algorithm 1.
Tensor clipped_heads(const Tensor& weight, const Tensor& greatest_logits, double threshold = 100.0);

}  // namespace podium::optim
