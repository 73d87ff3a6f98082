#pragma once

#include "podium/models/decoder_options.h"
#include "podium/models/parameters.h"

namespace podium::models {

/// What an encoder reads and says.
enum class EncoderKind {
    TEXT,   ///< BERT: tokens, and the logits of each place's token
    IMAGES  ///< a vision transformer: patches of an image, and the logits of what it shows
};

/// The sizes of an encoder.
struct EncoderOptions {
    EncoderKind kind = EncoderKind::TEXT;
    std::int64_t layers = 4, width = 256, hidden = 1024, heads = 8;
    double epsilon = 1e-12;
    ActivationKind activation = ActivationKind::GELU;
    std::int64_t vocabulary = 256, length = 128, types = 2;                         ///< of text
    std::int64_t height = 32, columns = 32, channels = 3, patch = 4, classes = 10;  ///< of images
    nn::Precision precision;

    bool operator==(const EncoderOptions&) const = default;
};

/// What beside tokens an encoder of text sees.
struct EncoderInputs {
    std::optional<Tensor> seen = {};   ///< bool[batch, length]: false at padding, which nothing sees
    std::optional<Tensor> types = {};  ///< integers[batch, length]: of which text a token is; 0 where not given
};

/// A transformer in which every place sees every other: BERT (norms behind residual sums, a masked language model's
/// head over the tied embedding) or ViT (norms before branches, a class token). Parameters: words, places, types, norm,
/// h.N.attn.{q,k,v,out}, h.N.ln1, h.N.mlp.{up,down}, h.N.ln2, head.{dense,norm}, head.bias; of images class, places,
/// patch, h.N, norm, head. Sources: Devlin et al. 2018, arXiv:1810.04805; Dosovitskiy et al. 2020, arXiv:2010.11929.
class Encoder {
public:
    /// Throws INVALID_ARGUMENT where a size is not positive, or sizes do not go together.
    explicit Encoder(EncoderOptions options = {});

    const EncoderOptions& options() const { return options_; }
    std::vector<ParameterSpec> parameters() const;
    /// Returns first parameters: weights normal of deviation 0.02, biases 0, norms 1.
    Tree init(const Key& key) const;
    /// Returns logits, f32[batch, length, vocabulary] of tokens, integers[batch, length], or f32[batch, classes] of
    /// images, float[batch, height, columns, channels]. Throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x, const EncoderInputs& inputs = {}) const;

private:
    Tensor attended(const Tree& parameters, const Tensor& x, const std::optional<Tensor>& seen) const;
    Tensor block(const Tree& parameters, const Tensor& x, const std::optional<Tensor>& seen) const;
    Tensor of_text(const Tree& parameters, const Tensor& tokens, const EncoderInputs& inputs) const;
    Tensor of_images(const Tree& parameters, const Tensor& images) const;

    EncoderOptions options_;
};

}  // namespace podium::models
