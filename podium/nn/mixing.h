#pragma once

#include "podium/ir/ops.h"

/// Batches made of pairs of examples. labels: float[batch, classes] (`one_hot`), which losses of distributions take.
namespace podium::nn {

struct Mixed {
    Tensor inputs, labels;
};
/// Returns λ · example + (1 − λ) · another of the batch, labels alike; λ is drawn from Beta(alpha, alpha), once for the
/// batch. inputs: float[batch, …]. Source: Zhang et al. 2018, arXiv:1710.09412, equation 1.
Mixed mixup(const Operand& inputs, const Operand& labels, double alpha, const Key& key);
/// Returns images in which a box is another image's of the batch, and labels by the areas; the box has the share 1 − λ
/// of the image (less where it sticks out), λ is drawn from Beta(alpha, alpha). inputs: float[batch, height, width,
/// channels]. Source: Yun et al. 2019, arXiv:1905.04899, section 3.1.
Mixed cutmix(const Operand& inputs, const Operand& labels, double alpha, const Key& key);

}  // namespace podium::nn
