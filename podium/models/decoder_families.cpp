#include "podium/models/decoder_families.h"

#include <algorithm>
#include <cmath>

namespace podium::models {
namespace {

constexpr std::int64_t MOST_TOKENS = std::int64_t{1} << 31;

double yarn_factor(const ForeignConfig& rope, double factor) {
    const auto scale = [&](double by) { return factor <= 1 ? 1.0 : 0.1 * by * std::log(factor) + 1.0; };
    if (rope.has("attention_factor")) return rope.number("attention_factor");
    if (rope.has("mscale") && rope.has("mscale_all_dim"))
        return scale(rope.number("mscale")) / scale(rope.number("mscale_all_dim"));
    return 0;
}

/// Returns rotary options by `rope` (rope_parameters, or rope_scaling of older files); `theta` where it has none.
nn::RotaryOptions rotary_of(const ForeignConfig& config, const ForeignConfig& rope, std::int64_t depth, double theta) {
    const double share = rope.number_or("partial_rotary_factor", config.number_or("partial_rotary_factor", 1.0));
    if (!(share > 0 && share <= 1)) config.refuse("partial_rotary_factor", "more than 0 and at most 1");
    nn::RotaryOptions options{.width = static_cast<std::int64_t>(static_cast<double>(depth) * share),
                              .theta = rope.number_or("rope_theta", theta)};
    if (!(options.theta > 1)) rope.refuse("rope_theta", "more than 1");
    const auto kind = rope.text_or("rope_type", rope.text_or("type", "default"));
    if (kind == "default" || kind == "dynamic") return options;  // dynamic ones differ beyond the length only
    const auto original = rope.size_or("original_max_position_embeddings",
                                       config.size("max_position_embeddings", MOST_TOKENS), MOST_TOKENS);
    options.factor = rope.number("factor");
    if (!(options.factor >= 1)) rope.refuse("factor", "at least 1");
    options.original_length = static_cast<double>(original);
    if (kind == "linear") {
        options.scaling = nn::RotaryScaling::LINEAR;
    } else if (kind == "llama3") {
        options.scaling = nn::RotaryScaling::LLAMA3;
        options.low_frequency = rope.number("low_freq_factor");
        options.high_frequency = rope.number("high_freq_factor");
        if (!(options.high_frequency > options.low_frequency))
            rope.refuse("high_freq_factor", "more than low_freq_factor");
    } else if (kind == "yarn") {
        if (!rope.flag_or("truncate", true)) fail(Code::UNIMPLEMENTED, "{}: podium's yarn truncates", rope.file());
        options.scaling = nn::RotaryScaling::YARN;
        options.beta_fast = rope.number_or("beta_fast", 32);
        options.beta_slow = rope.number_or("beta_slow", 1);
        if (!(options.beta_fast > 0 && options.beta_slow > 0)) rope.refuse("beta_slow", "more than 0");
        options.attention_factor = yarn_factor(rope, options.factor);
    } else {
        fail(Code::UNIMPLEMENTED, "{}: podium has no rotary positions of type \"{}\"", rope.file(), kind);
    }
    return options;
}

ForeignConfig rope_of(const ForeignConfig& config) {
    return config.section(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
}

/// Returns what layer_types says: which layers have a window; `absent(layer)` where it says nothing.
template <class F>
std::vector<bool> windowed_layers(const ForeignConfig& config, std::int64_t layers, F absent) {
    std::vector<bool> windowed;
    const auto types = config.texts("layer_types");
    if (!types.empty() && std::ssize(types) != layers) config.refuse("layer_types", "one a layer");
    for (std::int64_t i = 0; i < layers; ++i) {
        const auto type = types.empty() ? "" : types[static_cast<std::size_t>(i)];
        if (!type.empty() && type != "sliding_attention" && type != "full_attention")
            fail(Code::UNIMPLEMENTED, "{}: podium has no layers of type \"{}\"", config.file(), type);
        windowed.push_back(type.empty() ? absent(i) : type == "sliding_attention");
    }
    return windowed;
}

DecoderOptions llama_sizes(const ForeignConfig& config) {
    DecoderOptions o{.vocabulary = config.size("vocab_size"),
                     .length = config.size("max_position_embeddings", MOST_TOKENS),
                     .layers = config.size("num_hidden_layers", ForeignConfig::MOST_LAYERS),
                     .width = config.size("hidden_size"),
                     .hidden = config.size("intermediate_size"),
                     .heads = config.size("num_attention_heads", ForeignConfig::MOST_HEADS)};
    o.key_heads = config.size_or("num_key_value_heads", o.heads, ForeignConfig::MOST_HEADS);
    o.depth = config.size_or("head_dim", std::max<std::int64_t>(o.width / o.heads, 1), ForeignConfig::MOST_HEADS);
    o.epsilon = config.number_or("rms_norm_eps", 1e-6);
    o.activation = activation_of(config, "hidden_act", "silu");
    o.tie_embeddings = config.flag_or("tie_word_embeddings", false);
    return o;
}

DecoderOptions llama_options(const ForeignConfig& config) {
    auto o = llama_sizes(config);
    o.rotary = rotary_of(config, rope_of(config), o.depth, config.number_or("rope_theta", 10000));
    o.qkv_bias = o.out_bias = config.flag_or("attention_bias", false);
    o.mlp_bias = config.flag_or("mlp_bias", false);
    return o;
}

DecoderOptions mistral_options(const ForeignConfig& config) {
    auto o = llama_options(config);
    o.qkv_bias = o.out_bias = o.mlp_bias = false;
    o.window = config.size_or("sliding_window", 0, MOST_TOKENS);
    return o;
}

DecoderOptions mixtral_options(const ForeignConfig& config) {
    auto o = mistral_options(config);
    o.experts = config.size("num_local_experts", ForeignConfig::MOST_LAYERS);
    o.experts_per_token = config.size_or("num_experts_per_tok", 2, ForeignConfig::MOST_LAYERS);
    o.balance = config.number_or("router_aux_loss_coef", 0.001);
    return o;
}

DecoderOptions qwen2_options(const ForeignConfig& config) {
    auto o = mistral_options(config);
    o.qkv_bias = true;
    const auto first = config.size_or("max_window_layers", 28);
    if (!config.flag_or("use_sliding_window", false)) o.window = 0;
    if (o.window > 0) o.windowed = windowed_layers(config, o.layers, [&](std::int64_t i) { return i >= first; });
    return o;
}

DecoderOptions qwen3_options(const ForeignConfig& config) {
    auto o = qwen2_options(config);
    o.qkv_bias = o.out_bias = config.flag_or("attention_bias", false);
    o.query_key_norm = true;
    return o;
}

DecoderOptions gemma_options(const ForeignConfig& config) {
    auto o = llama_options(config);
    o.depth = config.size_or("head_dim", 256, ForeignConfig::MOST_HEADS);
    o.rotary = rotary_of(config, rope_of(config), o.depth, config.number_or("rope_theta", 10000));
    o.mlp_bias = false;
    o.norm_offset = true;
    o.embedding_scale = std::sqrt(static_cast<double>(o.width));
    o.tie_embeddings = config.flag_or("tie_word_embeddings", true);
    const bool is_new = config.has("hidden_activation");
    o.activation = activation_of(config, is_new ? "hidden_activation" : "hidden_act", "gelu_pytorch_tanh");
    // Early files say "gelu" and mean its approximation by tanh.
    if (!is_new && o.activation == ActivationKind::GELU) o.activation = ActivationKind::GELU_TANH;
    return o;
}

DecoderOptions gemma2_options(const ForeignConfig& config) {
    auto o = gemma_options(config);
    o.post_norms = true;
    o.attention_scale = 1 / std::sqrt(static_cast<double>(config.size_or("query_pre_attn_scalar", 256)));
    o.attention_cap = config.number_or("attn_logit_softcapping", 0);
    o.logit_cap = config.number_or("final_logit_softcapping", 0);
    o.window = config.size_or("sliding_window", 4096, MOST_TOKENS);
    o.windowed = windowed_layers(config, o.layers, [](std::int64_t i) { return i % 2 == 0; });
    return o;
}

DecoderOptions gemma3_options(const ForeignConfig& config) {
    const auto by_kind = config.section("rope_parameters");
    auto plain = config.object();
    double theta = config.number_or("rope_local_base_freq", 10000);
    if (by_kind.has("full_attention")) {
        theta = by_kind.section("sliding_attention").number_or("rope_theta", theta);
        plain["rope_parameters"] = by_kind.section("full_attention").object();
    } else if (!config.has("rope_theta") && !by_kind.has("rope_theta")) {
        plain["rope_theta"] = 1e6;
    }
    auto o = gemma2_options(ForeignConfig(config.file(), std::move(plain)));
    o.query_key_norm = true;
    o.window_theta = theta;
    if (!(theta > 1)) config.refuse("rope_local_base_freq", "more than 1");
    const auto period = config.size_or("sliding_window_pattern", config.size_or("_sliding_window_pattern", 6));
    o.windowed = windowed_layers(config, o.layers, [&](std::int64_t i) { return (i + 1) % period != 0; });
    return o;
}

DecoderOptions gpt2_options(const ForeignConfig& config) {
    if (config.flag_or("scale_attn_by_inverse_layer_idx", false) || !config.flag_or("scale_attn_weights", true))
        fail(Code::UNIMPLEMENTED, "{}: podium scales GPT-2's scores by 1 / sqrt(depth) only", config.file());
    DecoderOptions o{.vocabulary = config.size("vocab_size"),
                     .length = config.size("n_positions"),
                     .layers = config.size("n_layer", ForeignConfig::MOST_LAYERS),
                     .width = config.size("n_embd"),
                     .heads = config.size("n_head", ForeignConfig::MOST_HEADS)};
    o.hidden = config.size_or("n_inner", 4 * o.width, 4 * ForeignConfig::MOST);
    o.key_heads = o.heads;
    o.depth = o.width / o.heads;
    if (o.depth * o.heads != o.width) config.refuse("n_head", "a number that divides n_embd");
    o.norm = NormKind::LAYER;
    o.epsilon = config.number_or("layer_norm_epsilon", 1e-5);
    o.positions = PositionKind::LEARNED;
    o.activation = activation_of(config, "activation_function", "gelu_new");
    o.gated = false;
    o.fused_qkv = o.qkv_bias = o.out_bias = o.mlp_bias = true;
    o.tie_embeddings = config.flag_or("tie_word_embeddings", true);
    return o;
}

const std::vector<NameRow> LLAMA_ROWS{{"wte.weight", "model.embed_tokens.weight"},
                                      {"h.*.ln1.weight", "model.layers.*.input_layernorm.weight"},
                                      {"h.*.attn.q.weight", "model.layers.*.self_attn.q_proj.weight", true},
                                      {"h.*.attn.q.bias", "model.layers.*.self_attn.q_proj.bias"},
                                      {"h.*.attn.k.weight", "model.layers.*.self_attn.k_proj.weight", true},
                                      {"h.*.attn.k.bias", "model.layers.*.self_attn.k_proj.bias"},
                                      {"h.*.attn.v.weight", "model.layers.*.self_attn.v_proj.weight", true},
                                      {"h.*.attn.v.bias", "model.layers.*.self_attn.v_proj.bias"},
                                      {"h.*.attn.out.weight", "model.layers.*.self_attn.o_proj.weight", true},
                                      {"h.*.attn.out.bias", "model.layers.*.self_attn.o_proj.bias"},
                                      {"h.*.attn.q_norm.weight", "model.layers.*.self_attn.q_norm.weight"},
                                      {"h.*.attn.k_norm.weight", "model.layers.*.self_attn.k_norm.weight"},
                                      {"h.*.mlp.router.weight", "model.layers.*.block_sparse_moe.gate.weight", true},
                                      {"ln_f.weight", "model.norm.weight"},
                                      {"head.weight", "lm_head.weight", true}};
const std::vector<NameRow> MLP_ROWS{{"h.*.mlp.gate.weight", "model.layers.*.mlp.gate_proj.weight", true},
                                    {"h.*.mlp.gate.bias", "model.layers.*.mlp.gate_proj.bias"},
                                    {"h.*.mlp.up.weight", "model.layers.*.mlp.up_proj.weight", true},
                                    {"h.*.mlp.up.bias", "model.layers.*.mlp.up_proj.bias"},
                                    {"h.*.mlp.down.weight", "model.layers.*.mlp.down_proj.weight", true},
                                    {"h.*.mlp.down.bias", "model.layers.*.mlp.down_proj.bias"}};
const std::vector<NameRow> EXPERT_ROWS{
    {"h.*.mlp.gate.weight", "model.layers.*.block_sparse_moe.experts.#.w1.weight", true},
    {"h.*.mlp.down.weight", "model.layers.*.block_sparse_moe.experts.#.w2.weight", true},
    {"h.*.mlp.up.weight", "model.layers.*.block_sparse_moe.experts.#.w3.weight", true}};
const std::vector<NameRow> NORM_ROWS{{"h.*.ln2.weight", "model.layers.*.post_attention_layernorm.weight"}};
const std::vector<NameRow> POST_NORM_ROWS{{"h.*.post1.weight", "model.layers.*.post_attention_layernorm.weight"},
                                          {"h.*.ln2.weight", "model.layers.*.pre_feedforward_layernorm.weight"},
                                          {"h.*.post2.weight", "model.layers.*.post_feedforward_layernorm.weight"}};
const std::vector<NameRow> GPT2_ROWS{{"wte.weight", "transformer.wte.weight"},
                                     {"wpe.weight", "transformer.wpe.weight"},
                                     {"h.*.ln1.weight", "transformer.h.*.ln_1.weight"},
                                     {"h.*.ln1.bias", "transformer.h.*.ln_1.bias"},
                                     {"h.*.attn.qkv.weight", "transformer.h.*.attn.c_attn.weight"},
                                     {"h.*.attn.qkv.bias", "transformer.h.*.attn.c_attn.bias"},
                                     {"h.*.attn.out.weight", "transformer.h.*.attn.c_proj.weight"},
                                     {"h.*.attn.out.bias", "transformer.h.*.attn.c_proj.bias"},
                                     {"h.*.ln2.weight", "transformer.h.*.ln_2.weight"},
                                     {"h.*.ln2.bias", "transformer.h.*.ln_2.bias"},
                                     {"h.*.mlp.up.weight", "transformer.h.*.mlp.c_fc.weight"},
                                     {"h.*.mlp.up.bias", "transformer.h.*.mlp.c_fc.bias"},
                                     {"h.*.mlp.down.weight", "transformer.h.*.mlp.c_proj.weight"},
                                     {"h.*.mlp.down.bias", "transformer.h.*.mlp.c_proj.bias"},
                                     {"ln_f.weight", "transformer.ln_f.weight"},
                                     {"ln_f.bias", "transformer.ln_f.bias"},
                                     {"head.weight", "lm_head.weight", true}};

Naming llama_naming(const DecoderOptions& o) {
    Naming naming{.rows = LLAMA_ROWS, .prefix = "model.", .ignored = {"**.rotary_emb.inv_freq"}};
    const auto append = [&](const auto& rows) { naming.rows.insert(naming.rows.end(), rows.begin(), rows.end()); };
    append(o.experts > 0 ? EXPERT_ROWS : MLP_ROWS);
    append(o.post_norms ? POST_NORM_ROWS : NORM_ROWS);
    if (o.tie_embeddings) naming.ignored.emplace_back("lm_head.weight");
    return naming;
}

Naming gpt2_naming(const DecoderOptions& o) {
    Naming naming{.rows = GPT2_ROWS, .prefix = "transformer.", .ignored = {"**.attn.bias", "**.attn.masked_bias"}};
    if (o.tie_embeddings) naming.ignored.emplace_back("lm_head.weight");
    return naming;
}

constexpr std::array FAMILIES{
    DecoderFamily{"gpt2", "GPT2LMHeadModel", gpt2_options, gpt2_naming},
    DecoderFamily{"llama", "LlamaForCausalLM", llama_options, llama_naming},
    DecoderFamily{"mistral", "MistralForCausalLM", mistral_options, llama_naming},
    DecoderFamily{"mixtral", "MixtralForCausalLM", mixtral_options, llama_naming},
    DecoderFamily{"qwen2", "Qwen2ForCausalLM", qwen2_options, llama_naming},
    DecoderFamily{"qwen3", "Qwen3ForCausalLM", qwen3_options, llama_naming},
    DecoderFamily{"gemma", "GemmaForCausalLM", gemma_options, llama_naming},
    DecoderFamily{"gemma2", "Gemma2ForCausalLM", gemma2_options, llama_naming},
    DecoderFamily{"gemma3_text", "Gemma3ForCausalLM", gemma3_options, llama_naming},
};

}  // namespace

ActivationKind activation_named(const ForeignConfig& config, const std::string& field, std::string_view name) {
    using Row = std::pair<std::string_view, ActivationKind>;
    constexpr std::array ROWS{Row{"gelu", ActivationKind::GELU},
                              Row{"gelu_new", ActivationKind::GELU_TANH},
                              Row{"gelu_pytorch_tanh", ActivationKind::GELU_TANH},
                              Row{"silu", ActivationKind::SILU},
                              Row{"swish", ActivationKind::SILU},
                              Row{"relu", ActivationKind::RELU}};
    const auto* const row = std::ranges::find(ROWS, name, &Row::first);
    if (row == ROWS.end())
        fail(Code::UNIMPLEMENTED, "{}: podium has no activation \"{}\" ({})", config.file(), name, field);
    return row->second;
}

std::span<const DecoderFamily> decoder_families() { return FAMILIES; }

const DecoderFamily& family_of(const ForeignConfig& config) {
    const auto type = config.text("model_type");
    const auto* const row = std::ranges::find(FAMILIES, type, &DecoderFamily::type);
    if (row != FAMILIES.end()) return *row;
    std::array<std::string_view, FAMILIES.size()> known;
    std::ranges::transform(FAMILIES, known.begin(), &DecoderFamily::type);
    fail(Code::UNIMPLEMENTED, "{}: podium has no decoder of model_type \"{}\"; it has {}", config.file(), type,
         fmt::join(known, ", "));
}

}  // namespace podium::models
