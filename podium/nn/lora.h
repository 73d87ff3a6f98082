#pragma once

#include "podium/ir/ops.h"

/// Few numbers that are trained beside weights that stay: `Linear` adds x a b where its parameters have lora.a and
/// lora.b.
namespace podium::nn {

/// Which weights get adapters, and how large they are.
struct LoraOptions {
    std::int64_t rank = 8;
    double alpha = 16;                               ///< what adapters add is multiplied by alpha / rank
    std::vector<std::string> patterns{"**.weight"};  ///< of the paths of matrices [inputs, outputs]; other shapes stay
    std::vector<std::string> except =
        {};  ///< paths that stay: tables of embeddings must, as only `Linear` has adapters
};

/// Returns adapters for those weights, plain or quantized: PATH.lora.a [inputs, rank], normal over sqrt(rank), and
/// PATH.lora.b [rank, outputs], zeros, of type f32: a model with them is the one without. Throws INVALID_ARGUMENT where
/// the rank is not positive or no path matches. Source: Hu et al. 2021, arXiv:2106.09685, section 4.1; beside quantized
/// weights: Dettmers et al. 2023, arXiv:2305.14314.
Tree init_lora(const Tree& parameters, const Key& key, const LoraOptions& options = {});
/// Returns the parameters with the adapters, as a model takes them: `loss(with_lora(frozen, adapters))` has gradients
/// of the adapters alone.
Tree with_lora(const Tree& parameters, const Tree& adapters, const LoraOptions& options = {});
/// The same, of a tree that holds both.
Tree with_lora(const Tree& both, const LoraOptions& options);
/// Returns the parameters, and the adapters, of a tree that holds both.
std::pair<Tree, Tree> split_lora(const Tree& both);
/// Returns the parameters with what the adapters add in their weights, of the weights' types. Quantized ones must be
/// dequantized before; throws NOT_FOUND where a weight is not there.
Tree merge_lora(const Tree& parameters, const Tree& adapters, const LoraOptions& options = {});

}  // namespace podium::nn
