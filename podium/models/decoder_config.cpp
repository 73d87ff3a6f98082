#include <cmath>

#include "podium/models/decoder_families.h"
#include "podium/models/hugging_face.h"

namespace podium::models {
namespace {

using nlohmann::ordered_json;

std::string_view hugging_face_name(ActivationKind kind) {
    switch (kind) {
        case ActivationKind::GELU: return "gelu";
        case ActivationKind::GELU_TANH: return "gelu_pytorch_tanh";
        case ActivationKind::RELU: return "relu";
        case ActivationKind::SILU: break;
    }
    return "silu";
}

/// Returns the model_type that has most of the options; whether it has all, reading the config again shows.
std::string_view type_of(const DecoderOptions& o) {
    if (o.norm == NormKind::LAYER) return "gpt2";
    if (o.norm_offset) return !o.post_norms ? "gemma" : o.query_key_norm ? "gemma3_text" : "gemma2";
    if (o.experts > 0) return "mixtral";
    if (o.query_key_norm) return "qwen3";
    if (o.qkv_bias && !o.out_bias) return "qwen2";
    return o.window > 0 ? "mistral" : "llama";
}

ordered_json gpt2_json(const DecoderOptions& o) {
    return {{"vocab_size", o.vocabulary},
            {"n_positions", o.length},
            {"n_layer", o.layers},
            {"n_embd", o.width},
            {"n_head", o.heads},
            {"n_inner", o.hidden},
            {"layer_norm_epsilon", o.epsilon},
            {"activation_function", hugging_face_name(o.activation)},
            {"tie_word_embeddings", o.tie_embeddings}};
}

/// Returns rope_scaling as older versions name it, which newer ones read too.
ordered_json rope_json(const nn::RotaryOptions& rope) {
    const auto original = static_cast<std::int64_t>(rope.original_length);
    switch (rope.scaling) {
        case nn::RotaryScaling::LINEAR: return {{"rope_type", "linear"}, {"factor", rope.factor}};
        case nn::RotaryScaling::LLAMA3:
            return {{"rope_type", "llama3"},
                    {"factor", rope.factor},
                    {"low_freq_factor", rope.low_frequency},
                    {"high_freq_factor", rope.high_frequency},
                    {"original_max_position_embeddings", original}};
        case nn::RotaryScaling::YARN: {
            ordered_json yarn{{"rope_type", "yarn"},
                              {"factor", rope.factor},
                              {"beta_fast", rope.beta_fast},
                              {"beta_slow", rope.beta_slow},
                              {"original_max_position_embeddings", original}};
            if (rope.attention_factor != 0) yarn["attention_factor"] = rope.attention_factor;
            return yarn;
        }
        case nn::RotaryScaling::NONE: break;
    }
    return nullptr;
}

void add_window(ordered_json& json, const DecoderOptions& o) {
    json["sliding_window"] = o.window > 0 ? ordered_json(o.window) : ordered_json(nullptr);
    if (o.windowed.empty()) return;
    json["use_sliding_window"] = true;
    json["layer_types"] = ordered_json::array();
    for (const bool windowed : o.windowed)
        json["layer_types"].push_back(windowed ? "sliding_attention" : "full_attention");
}

ordered_json llama_json(const DecoderOptions& o) {
    ordered_json json{{"vocab_size", o.vocabulary},         {"max_position_embeddings", o.length},
                      {"num_hidden_layers", o.layers},      {"hidden_size", o.width},
                      {"intermediate_size", o.hidden},      {"num_attention_heads", o.heads},
                      {"num_key_value_heads", o.key_heads}, {"head_dim", o.depth},
                      {"rms_norm_eps", o.epsilon},          {"tie_word_embeddings", o.tie_embeddings},
                      {"rope_theta", o.rotary.theta},       {"rope_scaling", rope_json(o.rotary)}};
    json[o.norm_offset ? "hidden_activation" : "hidden_act"] = hugging_face_name(o.activation);
    json["attention_bias"] = o.qkv_bias;
    json["mlp_bias"] = o.mlp_bias;
    add_window(json, o);
    if (o.experts > 0) {
        json["num_local_experts"] = o.experts;
        json["num_experts_per_tok"] = o.experts_per_token;
        json["router_aux_loss_coef"] = o.balance;
    }
    if (o.post_norms) {
        json["query_pre_attn_scalar"] = std::llround(1 / (o.attention_scale * o.attention_scale));
        json["attn_logit_softcapping"] = o.attention_cap != 0 ? ordered_json(o.attention_cap) : ordered_json(nullptr);
        json["final_logit_softcapping"] = o.logit_cap != 0 ? ordered_json(o.logit_cap) : ordered_json(nullptr);
    }
    if (o.window_theta != 0) json["rope_local_base_freq"] = o.window_theta;
    return json;
}

}  // namespace

std::string decoder_config(const DecoderOptions& options) {
    const auto type = type_of(options);
    ordered_json json = type == "gpt2" ? gpt2_json(options) : llama_json(options);
    const auto* const family = std::ranges::find(decoder_families(), type, &DecoderFamily::type).base();
    json["model_type"] = type;
    json["architectures"] = {family->architecture};
    auto text = json.dump(2) + "\n";
    auto again = family->options(ForeignConfig("config.json", nlohmann::json::parse(text)));
    again.precision = options.precision;
    again.remat = options.remat;
    if (again != options)
        fail(Code::UNIMPLEMENTED,
             "Hugging Face's {} comes nearest to this decoder and does not have all of its options; "
             "see docs/how-to/use-hugging-face-models.md for those that can be written",
             type);
    return text;
}

}  // namespace podium::models
