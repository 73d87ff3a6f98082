#pragma once

#include "podium/nn/precision.h"
#include "podium/nn/transformer.h"

namespace podium::models {

/// The sizes of a GPT, and how it computes.
struct GptOptions {
    std::int64_t vocabulary = 256;
    std::int64_t length = 128;  ///< most tokens of context
    std::int64_t layers = 4;
    std::int64_t width = 256;
    std::int64_t heads = 8;
    std::int64_t mlp_ratio = 4;      ///< hidden width of an MLP, over width
    double dropout = 0.0;            ///< after the embedding, of attention weights, of each residual branch
    bool tie_embeddings = false;     ///< the head is the transposed token embedding
    bool scan_layers = false;        ///< one compiled block for all layers; their parameters are stacked, h.*.PATH
    std::int64_t document_end = -1;  ///< token behind which another document begins; -1: text is one stream
    bool remat = false;              ///< the backward pass computes each block again instead of keeping what is in it
    nn::Precision precision;
};

template <class V>
void visit_fields(V& v, GptOptions& options) {
    v("vocabulary", options.vocabulary, "number of different tokens");
    v("length", options.length, "most tokens of context");
    v("layers", options.layers, "number of transformer blocks");
    v("width", options.width, "width of the residual stream");
    v("heads", options.heads, "attention heads a block; divides width");
    v("mlp_ratio", options.mlp_ratio, "hidden width of an MLP, over width");
    v("dropout", options.dropout, "probability of dropping an activation while training");
    v("tie_embeddings", options.tie_embeddings, "use the token embedding as the head");
    v("scan_layers", options.scan_layers, "compile one block for all layers, whose parameters are stacked");
    v("remat", options.remat, "compute blocks again in the backward pass: less memory, more time");
    v("document_end", options.document_end,
      "token that ends a document: neither attention nor positions reach over it; -1 is none "
      "(data.separate_documents)");
    v("precision", options.precision, "");
}

/// GPT-2: pre-norm transformer blocks over learned token and position embeddings. Parameters: wte.weight, wpe.weight,
/// h.N.{ln1,ln2}.{weight,bias}, h.N.attn.{qkv,out}.{weight,bias}, h.N.mlp.{up,down}.{weight,bias},
/// ln_f.{weight,bias}, head.weight (unless tied); scanned layers are stacks, h.*.attn.qkv.weight: [layers, …]. Source:
/// Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.3.
class Gpt {
public:
    /// Throws INVALID_ARGUMENT where a size is not positive, heads do not divide the width, or dropout is not in [0,
    /// 1).
    explicit Gpt(GptOptions options = {});

    const GptOptions& options() const { return options_; }
    /// Returns first parameters: weights normal of deviation 0.02, over sqrt(2 layers) where they end a residual
    /// branch; biases 0, norms 1.
    Tree init(const Key& key) const;
    /// Returns logits, f32[batch, length, vocabulary] (f64 where that is computed in). tokens: integers[batch, length].
    /// Drops activations only where a key is given. Throws SHAPE_MISMATCH, DTYPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& tokens, const std::optional<Key>& dropout = {}) const;

private:
    Tree init_block(const Key& key) const;
    /// Where each token's document begins, i32[batch, length]; nothing where text is one stream.
    using Documents = std::optional<Tensor>;
    void expect_tokens(const Operand& tokens) const;
    Documents documents_of(const Operand& tokens) const;
    Tensor embed(const Tree& parameters, const Operand& tokens, const Documents& documents) const;
    Tensor block(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout,
                 const Documents& documents) const;
    Tensor kept_block(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout,
                      const Documents& documents) const;
    Tensor blocks(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout,
                  const Documents& documents) const;

    GptOptions options_;
    nn::Embedding tokens_, positions_;
    nn::LayerNorm norm_;
    nn::CausalSelfAttention attention_;
    nn::Mlp mlp_;
    nn::Linear head_;
};

}  // namespace podium::models
