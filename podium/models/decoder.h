#pragma once

#include <string>

#include "podium/models/decoder_options.h"
#include "podium/models/parameters.h"

namespace podium::models {

/// Logits, and what a mixture of experts adds to the loss.
struct DecoderResult {
    Tensor logits;   ///< f32[batch, length, vocabulary] (f64 where that is computed in)
    Tensor balance;  ///< f32[]: experts times the sum over them of their share of tokens times their mean probability
    static constexpr std::array names{"logits", "balance"};
};

/// Returns a decoder's parameters with each stack of layers, h.*.PATH, cut into its layers, h.N.PATH.
Tree unstacked(const Tree& parameters, std::int64_t layers);

/// What a decoder says after some tokens, and what it keeps of them.
struct Decoded {
    Tensor logits;  ///< f32[batch, vocabulary], behind the last token
    Tree cache;
    static constexpr std::array names{"logits", "cache"};
};

/// A decoder-only transformer: GPT-2, Llama, Mistral, Mixtral, Qwen and Gemma, by its options. Parameters: wte.weight,
/// wpe.weight (learned positions), h.N.ln1, h.N.attn.{q,k,v or qkv,out}, h.N.attn.{q_norm,k_norm}, h.N.ln2,
/// h.N.mlp.{gate,up,down} (of experts h.N.mlp.router, and stacks [experts, …]), h.N.{post1,post2}, ln_f, head;
/// scanned layers are stacks, h.*.attn.q.weight: [layers, …]. Sources:
/// Radford et al. 2019; Touvron et al. 2023, arXiv:2302.13971; Jiang et al. 2024, arXiv:2401.04088.
class Decoder {
public:
    /// Throws INVALID_ARGUMENT where a size is not positive, or sizes do not go together.
    explicit Decoder(DecoderOptions options = {});

    const DecoderOptions& options() const { return options_; }
    /// Returns what parameters there are.
    std::vector<ParameterSpec> parameters() const;
    /// Returns first parameters: weights normal of deviation 0.02, biases 0, norms 1.
    Tree init(const Key& key) const;
    /// Returns logits of each token. tokens: integers[batch, length]. Throws SHAPE_MISMATCH, DTYPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& tokens) const;
    /// The same, and the balance of experts, 0 where there are none. Source: Fedus et al. 2021, arXiv:2101.03961,
    /// equation 4, over all layers together and each of a token's experts.
    DecoderResult with_balance(const Tree& parameters, const Operand& tokens) const;

    /// Returns a cache of `capacity` tokens, none of which is there.
    Tree empty_cache(std::int64_t batch, std::int64_t capacity) const;
    /// Returns the logits behind the last of `tokens` and the cache with them. tokens: integers[batch, count], which
    /// take the places slot, slot + 1, … of the cache; first: i32[batch], the place at which each row's text begins:
    /// what lies before is padding.
    Decoded decode(const Tree& parameters, const Operand& tokens, const Tree& cache, const Tensor& slot,
                   const Tensor& first) const;

private:
    class Pass;

    bool is_windowed(std::int64_t layer) const;
    void expect_tokens(const Operand& tokens) const;
    Tensor normed(const Tree& parameters, const Tensor& x) const;
    Tensor attended(const Tree& parameters, const Tensor& x, Pass& pass, std::int64_t layer) const;
    Tensor raised(const Tree& parameters, const Tensor& x) const;
    /// Return the result, and of experts each token's probabilities and choices: f32[tokens, experts].
    Tensors mixed(const Tree& parameters, const Tensor& x) const;
    Tensors kept_block(const Tree& parameters, const Tensor& x, Pass& pass, std::int64_t layer) const;
    Tensors computed_block(const Tree& parameters, const Tensor& x, Pass& pass, std::int64_t layer) const;
    Tensor blocks(const Tree& parameters, Tensor x, Pass& pass) const;
    Tensor scanned_blocks(const Tree& parameters, const Tensor& x, Pass& pass) const;
    Tensor embedded(const Tree& parameters, const Tensor& tokens, const Tensor& places) const;
    Tensor logits_of(const Tree& parameters, const Tensor& x) const;

    DecoderOptions options_;
};

}  // namespace podium::models
