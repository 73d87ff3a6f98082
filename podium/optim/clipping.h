#pragma once

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

/// Scales all updates down together where their global norm is not below `max_norm`. Source: Pascanu et al. 2013,
/// arXiv:1211.5063, Algorithm 1; optax, clip_by_global_norm.
GradientTransform clip_by_global_norm(double max_norm);
/// Moves each element into [-max_delta, max_delta]. Source: optax, clip.
GradientTransform clip(double max_delta);
/// Scales each tensor down to a root mean square of `threshold`. Source: Shazeer and Stern 2018, arXiv:1804.04235,
/// section 6; optax, clip_by_block_rms.
GradientTransform clip_by_block_rms(double threshold);
/// Scales each unit's updates (a column of a matrix; the last dimension of a kernel; a whole vector) down to `clipping`
/// times the norm of its parameters, which counts as `epsilon` at least. Source: Brock et al. 2021, arXiv:2102.06171,
/// equation 3; optax, adaptive_grad_clip.
GradientTransform adaptive_grad_clip(double clipping, double epsilon = 1e-3);

/// What clipping a batch's gradients finds.
struct ClippedSum {
    Tree sum;        ///< of the examples' clipped gradients
    Tensor clipped;  ///< i32[]: how many examples were
};
/// Scales each example's gradients to a global norm of `max_norm` at most. gradients: [batch, …] each; throws
/// SHAPE_MISMATCH. Source: Abadi et al. 2016, arXiv:1607.00133, algorithm 1; optax, per_example_global_norm_clip.
ClippedSum per_example_global_norm_clip(const Tree& gradients, double max_norm);
/// Scales each tensor of each example so that all together have a norm of `max_norm` at most: equal shares, or by the
/// tensors' sizes. Returns the sums. Source: McMahan et al. 2018, arXiv:1812.06210; optax, per_example_layer_norm_clip.
Tree per_example_layer_norm_clip(const Tree& gradients, double max_norm, bool equal_shares = true);

}  // namespace podium::optim
