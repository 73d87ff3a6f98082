#include "podium/train/model.h"

#include <numeric>

#include "podium/nn/losses.h"

namespace podium::train {
namespace {

constexpr std::int64_t LORA_KEY = 0x10a;  // what adapters are drawn with, beside the model's own keys

models::Mlp mlp_of(const ModelOptions& options) {
    std::vector<std::int64_t> widths{
        std::accumulate(options.image.begin(), options.image.end(), std::int64_t{1}, std::multiplies<>())};
    widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
    widths.push_back(options.classes);
    return models::Mlp({.widths = std::move(widths), .precision = options.precision});
}

models::Resnet resnet_of(const ModelOptions& options) {
    return models::Resnet({.channels = options.image.back(),
                           .widths = options.widths,
                           .blocks = options.blocks,
                           .classes = options.classes,
                           .normalization = options.normalization,
                           .groups = options.norm_groups,
                           .precision = options.precision});
}

Model model_of(const ModelOptions& options) {
    switch (options.kind) {
        case ModelKind::MLP: return mlp_of(options);
        case ModelKind::RESNET: return resnet_of(options);
        case ModelKind::DECODER: return decoder_of(options);
        case ModelKind::GPT: break;
    }
    return models::Gpt(options);
}

nn::LoraOptions lora_of(const LoraConfig& config) {
    return {.rank = config.rank, .alpha = config.alpha, .patterns = config.patterns};
}

}  // namespace

models::Decoder decoder_of(const ModelOptions& options) {
    auto decoder = options.decoder;
    decoder.precision = options.precision;
    decoder.remat = options.remat;
    decoder.scan_layers = options.scan_layers;
    return models::Decoder(std::move(decoder));
}

Model::Model(const ModelOptions& options) : Model(model_of(options)) {
    if (options.lora.rank != 0) lora_ = lora_of(options.lora);
}

Tree Model::init(const Key& key) const {
    Tree parameters = std::visit([&](const auto& model) { return model.init(key); }, model_);
    if (!lora_) return parameters;
    const Tree adapters = nn::init_lora(parameters, fold_in(key, LORA_KEY), *lora_);
    return TreeBuilder<Tensor>().add("", parameters).add("", adapters).build();
}

Tree Model::as_computed(const Tree& parameters) const { return lora_ ? nn::with_lora(parameters, *lora_) : parameters; }

Tensor Model::operator()(const Tree& parameters, const Operand& inputs, const std::optional<Key>& dropout) const {
    return logits(as_computed(parameters), inputs, dropout);
}

Tensor Model::logits(const Tree& parameters, const Operand& inputs, const std::optional<Key>& dropout) const {
    if (const auto* gpt = std::get_if<models::Gpt>(&model_)) return (*gpt)(parameters, inputs, dropout);
    if (const auto* decoder = std::get_if<models::Decoder>(&model_)) return (*decoder)(parameters, inputs);
    if (const auto* resnet = std::get_if<models::Resnet>(&model_)) return (*resnet)(parameters, inputs);
    const Tensor& images = inputs.tensor();
    return std::get<models::Mlp>(model_)(parameters,
                                         reshape(images, {images.dim(0), images.shape().count() / images.dim(0)}));
}

Tensor Model::loss(const Tree& parameters, const Operand& inputs, const Tensor& targets,
                   const std::optional<Key>& dropout) const {
    const auto* const decoder = std::get_if<models::Decoder>(&model_);
    if (decoder == nullptr || decoder->options().experts == 0)
        return nn::cross_entropy((*this)(parameters, inputs, dropout), targets);
    const auto [scores, balance] = decoder->with_balance(as_computed(parameters), inputs);
    const Tensor value = nn::cross_entropy(scores, targets);
    return value + convert(balance, value.type()) * decoder->options().balance;
}

ModelState merged(ModelOptions options, const Tree& parameters) {
    if (options.lora.rank == 0) return {std::move(options), parameters};
    const auto [weights, adapters] = nn::split_lora(parameters);
    const auto lora = lora_of(options.lora);
    options.lora = {};
    return {std::move(options), nn::merge_lora(weights, adapters, lora)};
}

std::pair<Shape, Shape> batch_shapes(const ModelOptions& options, std::int64_t batch, std::int64_t length) {
    if (!reads_images(options.kind))
        return {Shape(DataType::INT32, {batch, length}), Shape(DataType::INT32, {batch, length})};
    Dims dims{batch};
    dims.insert(dims.end(), options.image.begin(), options.image.end());
    return {Shape(DataType::FLOAT32, std::move(dims)), Shape(DataType::INT32, {batch})};
}

}  // namespace podium::train
