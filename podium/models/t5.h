#pragma once

#include "podium/models/decoder_options.h"
#include "podium/models/parameters.h"

namespace podium::models {

/// The sizes of a T5.
struct T5Options {
    std::int64_t vocabulary = 256, layers = 2, decoder_layers = 2, width = 256, hidden = 1024, heads = 8, depth = 32;
    std::int64_t buckets = 32, farthest = 128;  ///< of distances, which are told apart up to the farthest
    double epsilon = 1e-6;
    ActivationKind activation = ActivationKind::RELU;
    bool gated = false;
    bool tie_embeddings = true;  ///< the head is the transposed token embedding
    bool scale_outputs = true;   ///< what the head sees is divided by sqrt(width)
    nn::Precision precision;

    bool operator==(const T5Options&) const = default;
};

/// A text-to-text transformer: an encoder, and a decoder that sees its results; places are told by a bias of scores for
/// each distance. Parameters: words, {encoder,decoder}.bias, {encoder,decoder}.h.N.{attn,cross}.{q,k,v,out}, their ln1,
/// cross_ln, ln2, mlp.{gate,up,down}, {encoder,decoder}.norm, head. Source: Raffel et al. 2019, arXiv:1910.10683,
/// section 2.1; gated: Shazeer 2020, arXiv:2002.05202.
class T5 {
public:
    /// Throws INVALID_ARGUMENT where a size is not positive.
    explicit T5(T5Options options = {});

    const T5Options& options() const { return options_; }
    std::vector<ParameterSpec> parameters() const;
    /// Returns first parameters: weights normal of deviation 0.02, norms 1.
    Tree init(const Key& key) const;
    /// Returns what the encoder makes of tokens, [batch, length, width]. seen: bool[batch, length], false at padding.
    Tensor encode(const Tree& parameters, const Operand& tokens, const std::optional<Tensor>& seen = {}) const;
    /// Returns logits of what follows each of `outputs`, f32[batch, outputs, vocabulary], by what `encode` returned.
    Tensor decode(const Tree& parameters, const Operand& outputs, const Tensor& encoded,
                  const std::optional<Tensor>& seen = {}) const;
    /// Returns both one after the other. tokens, outputs: integers[batch, length]. Throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& tokens, const Tensor& outputs,
                      const std::optional<Tensor>& seen = {}) const {
        return decode(parameters, outputs, encode(parameters, tokens, seen), seen);
    }

private:
    Tensor stack(const Tree& parameters, const Operand& tokens, const Tensor& words, const Tensor* encoded,
                 const std::optional<Tensor>& seen) const;
    Tensor attended(const Tree& parameters, const Tensor& x, const Tensor& from, const std::optional<Tensor>& bias,
                    bool causal, const std::optional<Tensor>& seen) const;
    Tensor raised(const Tree& parameters, const Tensor& x) const;
    Tensor normed(const Tree& parameters, std::string_view path, const Tensor& x) const;
    /// Returns f32[1, heads, length, length] of the learned table [buckets, heads].
    Tensor bias_of(const Tensor& table, std::int64_t length, bool causal) const;

    T5Options options_;
};

}  // namespace podium::models
