#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op convolution;
}

/// StableHLO's dimension numbers: which dimension of each tensor is what.
struct ConvolutionDimensions {
    std::int64_t input_batch = 0, input_feature = 1;
    Dims input_spatial = {};
    std::int64_t kernel_input_feature = 1, kernel_output_feature = 0;
    Dims kernel_spatial = {};
    std::int64_t output_batch = 0, output_feature = 1;
    Dims output_spatial = {};

    /// Channels last, as TensorFlow and Flax have them: [N, …, C], kernels [H, W, in, out].
    static ConvolutionDimensions channels_last(std::int64_t spatial_rank);
    /// Channels first, as PyTorch has them: [N, C, …], kernels [out, in, H, W].
    static ConvolutionDimensions channels_first(std::int64_t spatial_rank);
};

/// What a convolution is, beside its tensors; what is left empty is 1 (or, of the edges, 0) for every spatial
/// dimension.
struct ConvolutionOptions {
    ConvolutionDimensions dimensions;
    Dims strides = {};
    Dims low = {}, high = {};                           ///< padding with zeros; may be negative
    Dims input_dilation = {}, kernel_dilation = {};     ///< distances between elements
    std::int64_t feature_groups = 1, batch_groups = 1;  ///< at most one of them is not 1
};

/// Returns the convolution of `x` with `kernel` (without turning the kernel over) as StableHLO defines it. bf16
/// products accumulate in f32.
Tensor convolution(const Operand& x, const Operand& kernel, const ConvolutionOptions& options);

/// Returns a convolution's attributes as text, with or without its padding.
std::string convolution_text(const Node& convolution, bool with_padding);

/// Returns how many products each element of a convolution node sums.
std::int64_t convolved_count(const Node& convolution);

std::span<const Op* const> convolution_ops();

}  // namespace podium
