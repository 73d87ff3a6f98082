#pragma once

#include "podium/ir/ops.h"

/// Weights of fewer bits. A quantized weight is two leaves in the place of one, weight.values and weight.scale, and
/// `Linear` takes either form: `model(quantize(parameters), x)`.
namespace podium::nn {

/// Which weights are quantized, and how. Scales are symmetric: zero stays zero.
struct QuantizeOptions {
    DataType storage = DataType::INT8;  ///< i2, i4, i8, or a float of 8 bits
    std::int64_t group = 0;             ///< inputs that share a scale; 0: all inputs of an output do
    bool dynamic_activations = false;  ///< x is quantized too, to i8, a scale for each row; for i8 weights in one group
    std::vector<std::string> patterns{"**.weight"};  ///< of the paths of matrices [inputs, outputs]; other shapes stay
    std::vector<std::string> except = {};  ///< paths that stay: tables of embeddings must, as only `Linear` takes both
};

/// Returns the tree with weights quantized: W.values [inputs, outputs] (W.dynamic_values where activations are
/// quantized too) and W.scale [inputs / group, outputs] of W's type instead of W. Throws SHAPE_MISMATCH where a group
/// does not divide the inputs, INVALID_ARGUMENT where no path matches or the options do not go together.
Tree quantize(const Tree& parameters, const QuantizeOptions& options = {});
/// Returns the tree with W again instead of W.values and W.scale: the numbers that the quantized model computes with.
Tree dequantize(const Tree& parameters);
/// Returns the tree with each such weight as quantizing will leave it, for losses: gradients go straight through to the
/// weights. Source: Jacob et al. 2018, arXiv:1712.05877, section 3; Bengio et al. 2013, arXiv:1308.3432.
Tree quantization_aware(const Tree& parameters, const QuantizeOptions& options = {});

/// Returns x @ weight for parameters with `weight`, or with what `quantize` put in its place, and what adapters beside
/// it add (podium/nn/lora.h). x: […, inputs].
Tensor weighted(const Tree& parameters, const Operand& x);

}  // namespace podium::nn
