#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/nn/precision.h"
#include "podium/nn/rotary.h"

namespace podium::models {

enum class NormKind { LAYER, RMS };
constexpr auto enum_names(NormKind) {
    using Row = std::pair<NormKind, std::string_view>;
    return std::array{Row{NormKind::LAYER, "layer"}, Row{NormKind::RMS, "rms"}};
}
enum class PositionKind { LEARNED, ROTARY, ALIBI };
constexpr auto enum_names(PositionKind) {
    using Row = std::pair<PositionKind, std::string_view>;
    return std::array{Row{PositionKind::LEARNED, "learned"}, Row{PositionKind::ROTARY, "rotary"},
                      Row{PositionKind::ALIBI, "alibi"}};
}
enum class ActivationKind { GELU, GELU_TANH, SILU, RELU };
constexpr auto enum_names(ActivationKind) {
    using Row = std::pair<ActivationKind, std::string_view>;
    return std::array{Row{ActivationKind::GELU, "gelu"}, Row{ActivationKind::GELU_TANH, "gelu_tanh"},
                      Row{ActivationKind::SILU, "silu"}, Row{ActivationKind::RELU, "relu"}};
}
/// Returns the function of x.
Tensor activated(ActivationKind kind, const Operand& x);

/// The sizes of a decoder, and what it is made of. The defaults are Llama's.
struct DecoderOptions {
    std::int64_t vocabulary = 256;
    std::int64_t length = 128;  ///< most tokens of context
    std::int64_t layers = 4;
    std::int64_t width = 256;   ///< of the residual stream
    std::int64_t hidden = 688;  ///< width of an MLP, or of one expert
    std::int64_t heads = 8;
    std::int64_t key_heads = 8;  ///< heads of keys and values; divides heads
    std::int64_t depth = 32;     ///< width of a head

    NormKind norm = NormKind::RMS;
    double epsilon = 1e-5;        ///< of norms
    bool norm_offset = false;     ///< norms multiply by 1 + weight
    bool post_norms = false;      ///< norms at the end of residual branches too
    bool query_key_norm = false;  ///< norms of each head's queries and keys
    PositionKind positions = PositionKind::ROTARY;
    nn::RotaryOptions rotary{.width = 32};
    double window_theta = 0;  ///< rotary.theta of layers with a window, which do not scale; 0: they are as the others
    std::int64_t window = 0;  ///< tokens that layers with a window see, themselves included; 0: all
    std::vector<bool> windowed;  ///< which layers have the window; none given: all
    double attention_scale = 0;  ///< of scores; 0 is 1 / sqrt(depth)
    double attention_cap = 0;    ///< scores become cap tanh(score / cap); 0 is none
    double logit_cap = 0;        ///< the same of logits
    double embedding_scale = 1;  ///< of token embeddings
    ActivationKind activation = ActivationKind::SILU;
    bool gated = true;       ///< an MLP is down(activation(gate(x)) up(x))
    bool fused_qkv = false;  ///< one weight makes queries, keys and values
    bool qkv_bias = false, out_bias = false, mlp_bias = false;
    bool tie_embeddings = false;  ///< the head is the transposed token embedding
    std::int64_t experts = 0;     ///< MLPs a block, of which each token takes some; 0: one for all
    std::int64_t experts_per_token = 2;
    double balance = 0;        ///< weight of the loss that spreads tokens over experts
    bool remat = false;        ///< the backward pass computes each block again instead of keeping what is in it
    bool scan_layers = false;  ///< one compiled block for all layers; their parameters are stacked, h.*.PATH
    nn::Precision precision;

    bool operator==(const DecoderOptions&) const = default;
};

/// What a config says of a decoder; how it computes, `remat`, `scan_layers` and `precision`, is said of the whole
/// model.
template <class V>
void visit_fields(V& v, DecoderOptions& options) {
    v("vocabulary", options.vocabulary, "number of different tokens");
    v("length", options.length, "most tokens of context");
    v("layers", options.layers, "number of transformer blocks");
    v("width", options.width, "width of the residual stream");
    v("hidden", options.hidden, "width of an MLP, or of one expert");
    v("heads", options.heads, "attention heads a block");
    v("key_heads", options.key_heads, "heads of keys and values; divides heads");
    v("depth", options.depth, "width of a head");
    v("norm", options.norm, "what normalizes");
    v("epsilon", options.epsilon, "what norms add to the variance");
    v("norm_offset", options.norm_offset, "norms multiply by 1 + weight");
    v("post_norms", options.post_norms, "norms at the end of residual branches too");
    v("query_key_norm", options.query_key_norm, "norms of each head's queries and keys");
    v("positions", options.positions, "how tokens know their place");
    v("rotary", options.rotary, "");
    v("window_theta", options.window_theta, "rotary.theta of layers with a window, unscaled; 0: as the others");
    v("window", options.window, "tokens that layers with a window see; 0: all");
    v("windowed", options.windowed, "which layers have the window; none given: all");
    v("attention_scale", options.attention_scale, "of scores; 0 is 1 / sqrt(depth)");
    v("attention_cap", options.attention_cap, "soft bound of scores; 0 is none");
    v("logit_cap", options.logit_cap, "soft bound of logits; 0 is none");
    v("embedding_scale", options.embedding_scale, "of token embeddings");
    v("activation", options.activation, "of MLPs");
    v("gated", options.gated, "an MLP is down(activation(gate(x)) up(x))");
    v("fused_qkv", options.fused_qkv, "one weight makes queries, keys and values");
    v("qkv_bias", options.qkv_bias, "queries, keys and values have biases");
    v("out_bias", options.out_bias, "attention's results have a bias");
    v("mlp_bias", options.mlp_bias, "MLPs have biases");
    v("tie_embeddings", options.tie_embeddings, "use the token embedding as the head");
    v("experts", options.experts, "MLPs a block, of which each token takes some; 0: one for all");
    v("experts_per_token", options.experts_per_token, "how many experts a token takes");
    v("balance", options.balance, "weight of the loss that spreads tokens over experts");
}

}  // namespace podium::models
