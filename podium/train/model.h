#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "podium/models/decoder.h"
#include "podium/models/gpt.h"
#include "podium/models/mlp.h"
#include "podium/models/resnet.h"
#include "podium/nn/lora.h"

namespace podium::train {

/// What is trained: a language model on text, or a classifier of images.
enum class ModelKind { GPT, DECODER, MLP, RESNET };
constexpr auto enum_names(ModelKind) {
    using Row = std::pair<ModelKind, std::string_view>;
    return std::array{Row{ModelKind::GPT, "gpt"}, Row{ModelKind::DECODER, "decoder"}, Row{ModelKind::MLP, "mlp"},
                      Row{ModelKind::RESNET, "resnet"}};
}
constexpr bool reads_images(ModelKind kind) { return kind == ModelKind::MLP || kind == ModelKind::RESNET; }

/// Adapters of low rank, which are trained instead of the weights beside them.
struct LoraConfig {
    std::int64_t rank = 0;
    double alpha = 16;
    std::vector<std::string> patterns{"**.attn.*.weight", "**.mlp.*.weight"};
};
template <class V>
void visit_fields(V& v, LoraConfig& options) {
    v("rank", options.rank,
      "numbers between a weight's inputs and outputs; 0 is no adapters, and all weights are trained");
    v("alpha", options.alpha, "what adapters add is multiplied by alpha / rank");
    v("patterns", options.patterns, "of the weights that get adapters");
}

/// A kind of model, and its sizes: a GPT's, a decoder's, or those of an MLP or a residual network over images.
struct ModelOptions : models::GptOptions {
    ModelKind kind = ModelKind::GPT;
    std::string pretrained;  ///< folder of the Hugging Face checkpoint that a decoder begins with
    models::DecoderOptions decoder;
    LoraConfig lora;
    std::vector<std::int64_t> hidden{512, 512};
    std::vector<std::int64_t> widths{16, 32, 64};
    std::int64_t blocks = 1;
    models::Normalization normalization = models::Normalization::GROUP;
    std::int64_t norm_groups = 8;
    std::vector<std::int64_t> image;  ///< height, width, channels
    std::int64_t classes = 0;
};
template <class V>
void visit_fields(V& v, ModelOptions& options) {
    v("kind", options.kind, "gpt and decoder read text; mlp and resnet name what images show");
    visit_fields(v, static_cast<models::GptOptions&>(options));
    v("pretrained", options.pretrained,
      "folder of a Hugging Face checkpoint to begin with: makes the kind decoder, of its sizes");
    v("decoder", options.decoder, "");
    v("lora", options.lora, "");
    v("hidden", options.hidden, "of an mlp: widths of its hidden layers");
    v("widths", options.widths, "of a resnet: channels of its stages; each but the first halves the image");
    v("blocks", options.blocks, "of a resnet: residual blocks a stage");
    v("normalization", options.normalization, "of a resnet: what follows its convolutions");
    v("norm_groups", options.norm_groups, "of a resnet: groups of channels that group norms see; divides the widths");
    v("image", options.image, "of images: height, width and channels; none is what the data has");
    v("classes", options.classes, "of images: what they may show; 0 is as many as the data has");
}

/// A model of any kind, as a step needs it.
class Model {
public:
    Model(models::Gpt gpt) : model_(std::move(gpt)) {}
    Model(models::Decoder decoder) : model_(std::move(decoder)) {}
    Model(models::Mlp mlp) : model_(std::move(mlp)) {}
    Model(models::Resnet resnet) : model_(std::move(resnet)) {}
    /// Throws INVALID_ARGUMENT for sizes that make no model.
    explicit Model(const ModelOptions& options);

    /// Returns first parameters, with the adapters where the options ask for those.
    Tree init(const Key& key) const;
    /// Returns logits of a batch's targets: an MLP's inputs are flattened. Drops activations only where a key is given.
    Tensor operator()(const Tree& parameters, const Operand& inputs, const std::optional<Key>& dropout = {}) const;
    /// Returns the cross entropy of the targets, and what spreads tokens over a decoder's experts.
    Tensor loss(const Tree& parameters, const Operand& inputs, const Tensor& targets,
                const std::optional<Key>& dropout) const;

private:
    Tensor logits(const Tree& parameters, const Operand& inputs, const std::optional<Key>& dropout) const;
    Tree as_computed(const Tree& parameters) const;

    std::variant<models::Gpt, models::Decoder, models::Mlp, models::Resnet> model_;
    std::optional<nn::LoraOptions> lora_ = {};
};

/// A model's options and parameters.
struct ModelState {
    ModelOptions options;
    Tree parameters;
};
/// Returns the model without adapters: what they add is in its weights.
ModelState merged(ModelOptions options, const Tree& parameters);

/// Returns the decoder that the options make; computing and keeping of parameters are the model's own.
models::Decoder decoder_of(const ModelOptions& options);
/// Returns the shapes of a batch's inputs and targets.
std::pair<Shape, Shape> batch_shapes(const ModelOptions& options, std::int64_t batch, std::int64_t length);

}  // namespace podium::train
