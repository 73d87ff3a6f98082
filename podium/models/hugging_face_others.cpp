#include "podium/models/hugging_face_others.h"

#include "podium/models/decoder_families.h"

namespace podium::models {
namespace {

std::vector<NameRow> bert_rows() {
    return {{"words.weight", "bert.embeddings.word_embeddings.weight"},
            {"places.weight", "bert.embeddings.position_embeddings.weight"},
            {"types.weight", "bert.embeddings.token_type_embeddings.weight"},
            {"norm.weight", "bert.embeddings.LayerNorm.weight"},
            {"norm.bias", "bert.embeddings.LayerNorm.bias"},
            {"h.*.attn.q.weight", "bert.encoder.layer.*.attention.self.query.weight", true},
            {"h.*.attn.q.bias", "bert.encoder.layer.*.attention.self.query.bias"},
            {"h.*.attn.k.weight", "bert.encoder.layer.*.attention.self.key.weight", true},
            {"h.*.attn.k.bias", "bert.encoder.layer.*.attention.self.key.bias"},
            {"h.*.attn.v.weight", "bert.encoder.layer.*.attention.self.value.weight", true},
            {"h.*.attn.v.bias", "bert.encoder.layer.*.attention.self.value.bias"},
            {"h.*.attn.out.weight", "bert.encoder.layer.*.attention.output.dense.weight", true},
            {"h.*.attn.out.bias", "bert.encoder.layer.*.attention.output.dense.bias"},
            {"h.*.ln1.weight", "bert.encoder.layer.*.attention.output.LayerNorm.weight"},
            {"h.*.ln1.bias", "bert.encoder.layer.*.attention.output.LayerNorm.bias"},
            {"h.*.mlp.up.weight", "bert.encoder.layer.*.intermediate.dense.weight", true},
            {"h.*.mlp.up.bias", "bert.encoder.layer.*.intermediate.dense.bias"},
            {"h.*.mlp.down.weight", "bert.encoder.layer.*.output.dense.weight", true},
            {"h.*.mlp.down.bias", "bert.encoder.layer.*.output.dense.bias"},
            {"h.*.ln2.weight", "bert.encoder.layer.*.output.LayerNorm.weight"},
            {"h.*.ln2.bias", "bert.encoder.layer.*.output.LayerNorm.bias"},
            {"head.dense.weight", "cls.predictions.transform.dense.weight", true},
            {"head.dense.bias", "cls.predictions.transform.dense.bias"},
            {"head.norm.weight", "cls.predictions.transform.LayerNorm.weight"},
            {"head.norm.bias", "cls.predictions.transform.LayerNorm.bias"},
            {"head.bias", "cls.predictions.bias"}};
}

std::vector<NameRow> vit_rows() {
    return {{"class", "vit.embeddings.cls_token"},
            {"places", "vit.embeddings.position_embeddings"},
            {"patch.weight", "vit.embeddings.patch_embeddings.projection.weight"},
            {"patch.bias", "vit.embeddings.patch_embeddings.projection.bias"},
            {"h.*.attn.q.weight", "vit.encoder.layer.*.attention.attention.query.weight", true},
            {"h.*.attn.q.bias", "vit.encoder.layer.*.attention.attention.query.bias"},
            {"h.*.attn.k.weight", "vit.encoder.layer.*.attention.attention.key.weight", true},
            {"h.*.attn.k.bias", "vit.encoder.layer.*.attention.attention.key.bias"},
            {"h.*.attn.v.weight", "vit.encoder.layer.*.attention.attention.value.weight", true},
            {"h.*.attn.v.bias", "vit.encoder.layer.*.attention.attention.value.bias"},
            {"h.*.attn.out.weight", "vit.encoder.layer.*.attention.output.dense.weight", true},
            {"h.*.attn.out.bias", "vit.encoder.layer.*.attention.output.dense.bias"},
            {"h.*.ln1.weight", "vit.encoder.layer.*.layernorm_before.weight"},
            {"h.*.ln1.bias", "vit.encoder.layer.*.layernorm_before.bias"},
            {"h.*.mlp.up.weight", "vit.encoder.layer.*.intermediate.dense.weight", true},
            {"h.*.mlp.up.bias", "vit.encoder.layer.*.intermediate.dense.bias"},
            {"h.*.mlp.down.weight", "vit.encoder.layer.*.output.dense.weight", true},
            {"h.*.mlp.down.bias", "vit.encoder.layer.*.output.dense.bias"},
            {"h.*.ln2.weight", "vit.encoder.layer.*.layernorm_after.weight"},
            {"h.*.ln2.bias", "vit.encoder.layer.*.layernorm_after.bias"},
            {"norm.weight", "vit.layernorm.weight"},
            {"norm.bias", "vit.layernorm.bias"},
            {"head.weight", "classifier.weight", true},
            {"head.bias", "classifier.bias"}};
}

std::vector<NameRow> t5_rows() {
    return {{"words.weight", "shared.weight"},
            {"encoder.bias.weight", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"},
            {"encoder.h.*.ln1.weight", "encoder.block.*.layer.0.layer_norm.weight"},
            {"encoder.h.*.attn.q.weight", "encoder.block.*.layer.0.SelfAttention.q.weight", true},
            {"encoder.h.*.attn.k.weight", "encoder.block.*.layer.0.SelfAttention.k.weight", true},
            {"encoder.h.*.attn.v.weight", "encoder.block.*.layer.0.SelfAttention.v.weight", true},
            {"encoder.h.*.attn.out.weight", "encoder.block.*.layer.0.SelfAttention.o.weight", true},
            {"encoder.h.*.ln2.weight", "encoder.block.*.layer.1.layer_norm.weight"},
            {"encoder.h.*.mlp.down.weight", "encoder.block.*.layer.1.DenseReluDense.wo.weight", true},
            {"encoder.norm.weight", "encoder.final_layer_norm.weight"},
            {"decoder.bias.weight", "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"},
            {"decoder.h.*.ln1.weight", "decoder.block.*.layer.0.layer_norm.weight"},
            {"decoder.h.*.attn.q.weight", "decoder.block.*.layer.0.SelfAttention.q.weight", true},
            {"decoder.h.*.attn.k.weight", "decoder.block.*.layer.0.SelfAttention.k.weight", true},
            {"decoder.h.*.attn.v.weight", "decoder.block.*.layer.0.SelfAttention.v.weight", true},
            {"decoder.h.*.attn.out.weight", "decoder.block.*.layer.0.SelfAttention.o.weight", true},
            {"decoder.h.*.cross_ln.weight", "decoder.block.*.layer.1.layer_norm.weight"},
            {"decoder.h.*.cross.q.weight", "decoder.block.*.layer.1.EncDecAttention.q.weight", true},
            {"decoder.h.*.cross.k.weight", "decoder.block.*.layer.1.EncDecAttention.k.weight", true},
            {"decoder.h.*.cross.v.weight", "decoder.block.*.layer.1.EncDecAttention.v.weight", true},
            {"decoder.h.*.cross.out.weight", "decoder.block.*.layer.1.EncDecAttention.o.weight", true},
            {"decoder.h.*.ln2.weight", "decoder.block.*.layer.2.layer_norm.weight"},
            {"decoder.h.*.mlp.down.weight", "decoder.block.*.layer.2.DenseReluDense.wo.weight", true},
            {"decoder.norm.weight", "decoder.final_layer_norm.weight"},
            {"head.weight", "lm_head.weight", true}};
}

Naming encoder_naming(EncoderKind kind) {
    if (kind == EncoderKind::IMAGES) return {.rows = vit_rows(), .ignored = {"vit.pooler.**"}};
    return {.rows = bert_rows(),
            .ignored = {"bert.pooler.**", "bert.embeddings.position_ids", "cls.seq_relationship.**",
                        "cls.predictions.decoder.**"}};
}

Naming t5_naming(const T5Options& o) {
    Naming naming{.rows = t5_rows(), .ignored = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"}};
    const auto mlp = [&](const std::string& ours, const std::string& theirs) {
        for (const auto& [side, layer] : {std::pair("encoder", 1), std::pair("decoder", 2)})
            naming.rows.push_back({fmt::format("{}.h.*.mlp.{}.weight", side, ours),
                                   fmt::format("{}.block.*.layer.{}.DenseReluDense.{}.weight", side, layer, theirs),
                                   true});
    };
    if (o.gated) mlp("gate", "wi_0");
    mlp("up", o.gated ? "wi_1" : "wi");
    return naming;
}

EncoderOptions encoder_options(const ForeignConfig& config) {
    EncoderOptions o{.layers = config.size("num_hidden_layers", ForeignConfig::MOST_LAYERS),
                     .width = config.size("hidden_size"),
                     .hidden = config.size("intermediate_size"),
                     .heads = config.size("num_attention_heads", ForeignConfig::MOST_HEADS),
                     .epsilon = config.number_or("layer_norm_eps", 1e-12),
                     .activation = activation_of(config, "hidden_act", "gelu")};
    const auto type = config.text("model_type");
    if (type == "bert") {
        if (config.flag_or("is_decoder", false) || !config.flag_or("tie_word_embeddings", true))
            fail(Code::UNIMPLEMENTED, "{}: podium's BERT encodes, and its head is the token embedding", config.file());
        o.vocabulary = config.size("vocab_size");
        o.length = config.size("max_position_embeddings");
        o.types = config.size_or("type_vocab_size", 2);
    } else if (type == "vit") {
        o.kind = EncoderKind::IMAGES;
        o.height = o.columns = config.size_or("image_size", 224, ForeignConfig::MOST_LAYERS);
        o.patch = config.size_or("patch_size", 16, ForeignConfig::MOST_LAYERS);
        o.channels = config.size_or("num_channels", 3, ForeignConfig::MOST_LAYERS);
        o.classes =
            config.has("id2label") ? std::ssize(config.section("id2label").object()) : config.size_or("num_labels", 2);
        if (!config.flag_or("qkv_bias", true))
            fail(Code::UNIMPLEMENTED, "{}: podium's ViT has biases of queries, keys and values", config.file());
    } else {
        fail(Code::UNIMPLEMENTED, "{}: podium has no encoder of model_type \"{}\"; it has bert, vit", config.file(),
             type);
    }
    return o;
}

T5Options t5_options(const ForeignConfig& config, const CheckpointFiles& files) {
    if (const auto type = config.text("model_type"); type != "t5")
        fail(Code::UNIMPLEMENTED, "{}: model_type is \"{}\", and not t5", config.file(), type);
    T5Options o{.vocabulary = config.size("vocab_size"),
                .layers = config.size("num_layers", ForeignConfig::MOST_LAYERS),
                .width = config.size("d_model"),
                .hidden = config.size("d_ff"),
                .heads = config.size("num_heads", ForeignConfig::MOST_HEADS),
                .depth = config.size("d_kv", ForeignConfig::MOST_HEADS),
                .buckets = config.size_or("relative_attention_num_buckets", 32, ForeignConfig::MOST_LAYERS),
                .farthest = config.size_or("relative_attention_max_distance", 128),
                .epsilon = config.number_or("layer_norm_epsilon", 1e-6)};
    o.decoder_layers = config.size_or("num_decoder_layers", o.layers, ForeignConfig::MOST_LAYERS);
    const auto kind = config.text_or("feed_forward_proj", "relu");
    o.gated = kind.starts_with("gated-");
    // "gated-gelu" has always meant the approximation by tanh.
    o.activation = kind == "gated-gelu"
                       ? ActivationKind::GELU_TANH
                       : activation_named(config, "feed_forward_proj", o.gated ? kind.substr(6) : kind);
    const bool ties = config.flag_or("tie_word_embeddings", true);
    o.scale_outputs = config.flag_or("scale_decoder_outputs", ties);
    o.tie_embeddings = files.find("lm_head.weight") == nullptr;
    return o;
}

/// Returns the model of checked options, whose errors name the config.
template <class M, class O>
M model_of_config(const ForeignConfig& config, O options, const nn::Precision& precision) {
    options.precision = precision;
    try {
        return M(options);
    } catch (const Error& error) {
        fail(Code::INVALID_DATA, "{}: {}", config.file(), error.message());
    }
}

}  // namespace

Pretrained<Encoder> read_encoder(const std::filesystem::path& folder, const nn::Precision& precision) {
    const auto config = ForeignConfig::of_folder(folder);
    const auto model = model_of_config<Encoder>(config, encoder_options(config), precision);
    const CheckpointFiles files(folder);
    return {model,
            read_parameters(files, model.parameters(), encoder_naming(model.options().kind), precision.parameters),
            config.object().dump(2) + "\n"};
}

Pretrained<T5> read_t5(const std::filesystem::path& folder, const nn::Precision& precision) {
    const auto config = ForeignConfig::of_folder(folder);
    const CheckpointFiles files(folder);
    const auto model = model_of_config<T5>(config, t5_options(config, files), precision);
    return {model, read_parameters(files, model.parameters(), t5_naming(model.options()), precision.parameters),
            config.object().dump(2) + "\n"};
}

Tree upstream_parameters(const Encoder& model, const Tree& parameters) {
    return tensors_in_files(parameters, encoder_naming(model.options().kind));
}
Tree upstream_parameters(const T5& model, const Tree& parameters) {
    return tensors_in_files(parameters, t5_naming(model.options()));
}

void write_encoder(const std::filesystem::path& folder, const Encoder& model, const Tree& parameters,
                   const std::string& config, std::size_t shard_bytes) {
    write_checkpoint(folder, parameters, encoder_naming(model.options().kind), config, shard_bytes);
}

void write_t5(const std::filesystem::path& folder, const T5& model, const Tree& parameters, const std::string& config,
              std::size_t shard_bytes) {
    write_checkpoint(folder, parameters, t5_naming(model.options()), config, shard_bytes);
}

}  // namespace podium::models
