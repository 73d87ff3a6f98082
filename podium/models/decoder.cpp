#include "podium/models/decoder.h"

#include <algorithm>
#include <cmath>

#include "podium/models/blocks.h"
#include "podium/nn/activations.h"
#include "podium/nn/grouped_attention.h"
#include "podium/nn/layers.h"
#include "podium/transform/transform.h"

namespace podium::models {
namespace {

constexpr double FIRST_DEVIATION = 0.02;

DecoderOptions checked_decoder(DecoderOptions o) {
    expect_sizes("decoder", {{"vocabulary", o.vocabulary},
                             {"length", o.length},
                             {"layers", o.layers},
                             {"width", o.width},
                             {"hidden", o.hidden},
                             {"heads", o.heads},
                             {"key_heads", o.key_heads},
                             {"depth", o.depth}});
    if (o.heads % o.key_heads != 0)
        fail(Code::INVALID_ARGUMENT, "decoder: {} heads of keys do not divide {} heads", o.key_heads, o.heads);
    if (o.positions == PositionKind::ROTARY && (o.rotary.width % 2 != 0 || o.rotary.width > o.depth))
        fail(Code::INVALID_ARGUMENT, "decoder: rotary.width is even and at most the depth, {}; got {}", o.depth,
             o.rotary.width);
    if (!o.windowed.empty() && std::ssize(o.windowed) != o.layers)
        fail(Code::INVALID_ARGUMENT, "decoder: windowed says {} layers, there are {}", o.windowed.size(), o.layers);
    if (o.scan_layers && o.window > 0 && !o.windowed.empty() &&
        std::ranges::count(o.windowed, o.windowed.front()) != std::ssize(o.windowed))
        fail(Code::INVALID_ARGUMENT, "decoder: scanned layers are alike, and windowed names some of them");
    if (o.window < 0) fail(Code::INVALID_ARGUMENT, "decoder: window is at least 0, got {}", o.window);
    if (o.experts != 0 && (o.experts < 0 || o.experts_per_token < 1 || o.experts_per_token > o.experts))
        fail(Code::INVALID_ARGUMENT, "decoder: a token cannot take {} of {} experts", o.experts_per_token, o.experts);
    if (o.experts > 0 && (!o.gated || o.mlp_bias))
        fail(Code::INVALID_ARGUMENT, "decoder: experts are gated and have no biases");
    if (o.fused_qkv && o.query_key_norm)
        fail(Code::INVALID_ARGUMENT, "decoder: queries and keys of one fused weight have no norms");
    if (!is_float(o.precision.parameters) || !is_float(o.precision.compute))
        fail(Code::INVALID_ARGUMENT, "decoder: precision names floating-point types, got {} and {}",
             name(o.precision.parameters), name(o.precision.compute));
    return o;
}

std::string block_path(std::int64_t layer) { return fmt::format("h.{}", layer); }
constexpr std::string_view STACK = "h.*";

}  // namespace

Tree unstacked(const Tree& parameters, std::int64_t layers) {
    TreeBuilder<Tensor> tree;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto& path = parameters.path(i);
        const Tensor& leaf = parameters.leaves()[i];
        if (!is_under(path, STACK)) {
            tree.add(path, leaf);
            continue;
        }
        for (std::int64_t layer = 0; layer < layers; ++layer)
            tree.add(block_path(layer) + path.substr(STACK.size()), squeeze(slice_axis(leaf, 0, layer, layer + 1), 0));
    }
    return tree.build();
}

Tensor activated(ActivationKind kind, const Operand& x) {
    switch (kind) {
        case ActivationKind::GELU: return nn::gelu_exact(x);
        case ActivationKind::GELU_TANH: return nn::gelu(x);
        case ActivationKind::RELU: return nn::relu(x);
        case ActivationKind::SILU: break;
    }
    return nn::silu(x);
}

/// What blocks share: positions, what is seen, the cache, and what experts are given.
class Decoder::Pass {
public:
    /// Of a whole text.
    Pass(const DecoderOptions& o, std::int64_t length) : length_(length), keys_(length) {
        places_ = iota({1, length}, 1, DataType::INT32);
        make_tables(o);
        if (o.window > 0 && o.window < length) windowed_ = seen(places_, o.window);
        if (o.positions == PositionKind::ALIBI) bias_ = nn::alibi_bias(distances(places_), o.heads);
    }
    /// Of some tokens behind those in a cache.
    Pass(const DecoderOptions& o, const Tree& cache, std::int64_t length, Tensor slot, const Tensor& first)
        : length_(length), keys_(cache.leaves().front().dim(1)), slot_(std::move(slot)), cache_(cache) {
        const auto batch = first.dim(0);
        const Tensor at = iota({1, length}, 1, DataType::INT32) + slot_;
        places_ = maximum(at - reshape(first, {batch, 1}), 0);
        make_tables(o);
        const Tensor there = iota({batch, length, keys_}, 2, DataType::INT32) >= reshape(first, {batch, 1, 1});
        full_ = there & seen(at, 0);
        if (o.window > 0) windowed_ = there & seen(at, o.window);
        if (o.positions == PositionKind::ALIBI) bias_ = nn::alibi_bias(distances(at), o.heads);
    }

    const Tensor& places() const { return places_; }
    const Tree& cache() const { return cache_; }
    const nn::RotaryTables& tables(bool windowed) const { return windowed && own_tables_ ? *own_tables_ : tables_; }
    const std::optional<Tensor>& bias() const { return bias_; }
    const std::optional<Tensor>& mask(bool windowed) const { return windowed && windowed_ ? windowed_ : full_; }

    /// Returns all keys or values: those of this pass behind those in the cache.
    Tensor remembered(const std::string& path, const Tensor& now) {
        if (cache_.empty()) return now;
        const Tensor zero = zeros({}, DataType::INT32);
        return cache_[path] = dynamic_update_slice(cache_[path], now, {zero, slot_, zero, zero});
    }

    Tensors router_probabilities, router_choices;  ///< of each layer: f32[tokens, experts]

private:
    void make_tables(const DecoderOptions& o) {
        if (o.positions != PositionKind::ROTARY) return;
        tables_ = nn::rotary_tables(o.rotary, places_);
        if (o.window_theta != 0)
            own_tables_ = nn::rotary_tables({.width = o.rotary.width, .theta = o.window_theta}, places_);
    }
    /// Returns i32[1, length, keys]: each key's place less that of the queries, which are at `at`.
    Tensor distances(const Tensor& at) const {
        return iota({1, length_, keys_}, 2, DataType::INT32) - reshape(at, {1, length_, 1});
    }
    /// Returns bool[1, length, keys]: the key is not behind the query at place `at`, nor before its window.
    Tensor seen(const Tensor& at, std::int64_t window) const {
        const Tensor distance = distances(at);
        return window == 0 ? distance <= 0 : (distance <= 0) & (distance > -window);
    }

    std::int64_t length_, keys_;
    Tensor places_, slot_;
    Tree cache_;
    nn::RotaryTables tables_;
    std::optional<nn::RotaryTables> own_tables_;
    std::optional<Tensor> full_, windowed_, bias_;
};

Decoder::Decoder(DecoderOptions options) : options_(checked_decoder(std::move(options))) {}

std::vector<ParameterSpec> Decoder::parameters() const {
    const auto& o = options_;
    using Start = ParameterSpec::Start;
    SpecList specs;
    const auto norm = [&](const std::string& path, std::int64_t width) {
        specs.norm(path, width, o.norm == NormKind::LAYER, o.norm_offset ? Start::ZEROS : Start::ONES);
    };
    const std::int64_t queries = o.heads * o.depth, keys = o.key_heads * o.depth;
    specs.add("wte.weight", {o.vocabulary, o.width});
    if (o.positions == PositionKind::LEARNED) specs.add("wpe.weight", {o.length, o.width});
    for (std::int64_t layer = 0; layer < (o.scan_layers ? 1 : o.layers); ++layer) {
        const std::string h = o.scan_layers ? std::string(STACK) : block_path(layer);
        norm(h + ".ln1", o.width);
        if (o.fused_qkv) {
            specs.linear(h + ".attn.qkv", o.width, queries + 2 * keys, o.qkv_bias);
        } else {
            specs.linear(h + ".attn.q", o.width, queries, o.qkv_bias);
            specs.linear(h + ".attn.k", o.width, keys, o.qkv_bias);
            specs.linear(h + ".attn.v", o.width, keys, o.qkv_bias);
        }
        if (o.query_key_norm) {
            norm(h + ".attn.q_norm", o.depth);
            norm(h + ".attn.k_norm", o.depth);
        }
        specs.linear(h + ".attn.out", queries, o.width, o.out_bias);
        if (o.post_norms) norm(h + ".post1", o.width);
        norm(h + ".ln2", o.width);
        if (o.experts > 0) {
            specs.linear(h + ".mlp.router", o.width, o.experts, false);
            specs.add(h + ".mlp.gate.weight", {o.experts, o.width, o.hidden});
            specs.add(h + ".mlp.up.weight", {o.experts, o.width, o.hidden});
            specs.add(h + ".mlp.down.weight", {o.experts, o.hidden, o.width});
        } else {
            if (o.gated) specs.linear(h + ".mlp.gate", o.width, o.hidden, o.mlp_bias);
            specs.linear(h + ".mlp.up", o.width, o.hidden, o.mlp_bias);
            specs.linear(h + ".mlp.down", o.hidden, o.width, o.mlp_bias);
        }
        if (o.post_norms) norm(h + ".post2", o.width);
    }
    norm("ln_f", o.width);
    if (!o.tie_embeddings) specs.linear("head", o.width, o.vocabulary, false);
    auto taken = specs.take();
    for (auto& spec : taken)
        if (is_under(spec.path, STACK)) spec.dims.insert(spec.dims.begin(), o.layers);
    return taken;
}

Tree Decoder::init(const Key& key) const {
    return first_values(parameters(), key, FIRST_DEVIATION, options_.precision.parameters);
}

bool Decoder::is_windowed(std::int64_t layer) const {
    return options_.window > 0 && (options_.windowed.empty() || options_.windowed[static_cast<std::size_t>(layer)]);
}

Tensor Decoder::normed(const Tree& parameters, const Tensor& x) const {
    if (options_.norm == NormKind::LAYER)
        return nn::LayerNorm{.width = x.dim(-1), .epsilon = options_.epsilon}(parameters, x);
    Tree own = parameters;
    if (options_.norm_offset) own["weight"] = nn::at_least_f32(own["weight"]) + 1;
    return nn::RmsNorm{.width = x.dim(-1), .epsilon = options_.epsilon}(own, x);
}

Tensor Decoder::attended(const Tree& parameters, const Tensor& x, Pass& pass, std::int64_t layer) const {
    const auto& o = options_;
    const std::int64_t batch = x.dim(0), length = x.dim(1), queries = o.heads * o.depth, keys = o.key_heads * o.depth;
    Tensors parts;
    if (o.fused_qkv) {
        const Tensor all = linear(parameters, "qkv", x, queries + 2 * keys);
        parts = {slice_axis(all, 2, 0, queries), slice_axis(all, 2, queries, queries + keys),
                 slice_axis(all, 2, queries + keys, queries + 2 * keys)};
    } else {
        parts = {linear(parameters, "q", x, queries), linear(parameters, "k", x, keys),
                 linear(parameters, "v", x, keys)};
    }
    const auto in_heads = [&](std::size_t part, std::int64_t heads, const char* norm) {
        const Tensor y = reshape(parts[part], {batch, length, heads, o.depth});
        return o.query_key_norm && norm != nullptr ? normed(parameters.subtree(norm), y) : y;
    };
    const bool windowed = is_windowed(layer);
    const auto turned = [&](const Tensor& y) {
        return o.positions == PositionKind::ROTARY ? nn::rotated(y, pass.tables(windowed)) : y;
    };
    const Tensor q = turned(in_heads(0, o.heads, "q_norm")), k = turned(in_heads(1, o.key_heads, "k_norm"));
    const Tensor v = in_heads(2, o.key_heads, nullptr);
    const std::string h = block_path(layer);
    const double scale = o.attention_scale != 0 ? o.attention_scale : 1 / std::sqrt(static_cast<double>(o.depth));
    const Tensor mixed = nn::grouped_attention(
        q, pass.remembered(h + ".k", k), pass.remembered(h + ".v", v),
        {.scale = scale, .soft_cap = o.attention_cap, .seen = pass.mask(windowed), .bias = pass.bias()});
    return linear(parameters, "out", reshape(mixed, {batch, length, queries}), o.width);
}

Tensor Decoder::raised(const Tree& parameters, const Tensor& x) const {
    const auto& o = options_;
    const Tensor up = linear(parameters, "up", x, o.hidden);
    const Tensor inner =
        o.gated ? activated(o.activation, linear(parameters, "gate", x, o.hidden)) * up : activated(o.activation, up);
    return linear(parameters, "down", inner, o.width);
}

/// Every expert sees every token, and those that a token did not take count nothing: none is ever dropped.
Tensors Decoder::mixed(const Tree& parameters, const Tensor& x) const {
    const auto& o = options_;
    const Tensor rows = reshape(x, {x.dim(0) * x.dim(1), o.width});
    const Tensor chances = nn::softmax(nn::at_least_f32(linear(parameters, "router", rows, o.experts)));
    const TopK taken = top_k(chances, o.experts_per_token);
    const Tensor chosen = sum(one_hot(taken.indices, o.experts, chances.type()), {1});  // [tokens, experts]
    const Tensor kept = chances * chosen;
    const Tensor shares = convert(kept / sum(kept, {1}, true), x.type());
    const DotDimensions each{{}, {}, {1}, {1}};
    const Tensor inner = activated(o.activation, dot_general(rows, parameters["gate.weight"], each)) *
                         dot_general(rows, parameters["up.weight"], each);  // [tokens, experts, hidden]
    const Tensor weighed = inner * expand_dims(shares, 2);
    const Tensor result = dot_general(weighed, parameters["down.weight"], {{}, {}, {1, 2}, {0, 1}});
    return {reshape(result, x.dims()), chances, chosen};
}

Tensors Decoder::kept_block(const Tree& parameters, const Tensor& x, Pass& pass, std::int64_t layer) const {
    const auto ended = [&](const char* path, const Tensor& y) {
        return options_.post_norms ? normed(parameters.subtree(path), y) : y;
    };
    const Tensor seen = attended(parameters.subtree("attn"), normed(parameters.subtree("ln1"), x), pass, layer);
    const Tensor middle = x + ended("post1", seen);
    const Tensor given = normed(parameters.subtree("ln2"), middle);
    const Tree mlp = parameters.subtree("mlp");
    Tensors results = options_.experts > 0 ? mixed(mlp, given) : Tensors{raised(mlp, given)};
    results[0] = middle + ended("post2", results[0]);
    return results;
}

Tensors Decoder::computed_block(const Tree& parameters, const Tensor& x, Pass& pass, std::int64_t layer) const {
    const auto block = [&](const Tree& tree, const Tensor& y) { return kept_block(tree, y, pass, layer); };
    const bool again = options_.remat && pass.cache().empty();  // what decodes has no backward pass
    return again ? remat(block)(parameters, x) : block(parameters, x);
}

Tensor Decoder::scanned_blocks(const Tree& parameters, const Tensor& x, Pass& pass) const {
    const Tree layers = parameters.subtree(STACK);
    const auto body = [&](const Tensors& in) {  // x, one layer's parameters
        return computed_block(Tree(layers.paths(), Tensors(in.begin() + 1, in.end())), in.front(), pass, 0);
    };
    const Tensors results = scan_list(body, {x}, layers.leaves(), options_.layers);
    if (results.size() == 1) return results[0];
    const auto flat = [](const Tensor& each) { return reshape(each, {each.dim(0) * each.dim(1), each.dim(2)}); };
    pass.router_probabilities.push_back(flat(results[1]));
    pass.router_choices.push_back(flat(results[2]));
    return results[0];
}

Tensor Decoder::blocks(const Tree& parameters, Tensor x, Pass& pass) const {
    if (options_.scan_layers && pass.cache().empty()) return scanned_blocks(parameters, x, pass);
    const Tree layers = options_.scan_layers ? unstacked(parameters, options_.layers) : parameters;
    for (std::int64_t layer = 0; layer < options_.layers; ++layer) {
        const Tensors results = computed_block(layers.subtree(block_path(layer)), x, pass, layer);
        x = results[0];
        if (results.size() == 1) continue;
        pass.router_probabilities.push_back(results[1]);
        pass.router_choices.push_back(results[2]);
    }
    return x;
}

Tensor Decoder::embedded(const Tree& parameters, const Tensor& tokens, const Tensor& places) const {
    Tensor x = take(parameters["wte.weight"], tokens);
    if (options_.embedding_scale != 1) x = x * options_.embedding_scale;
    if (options_.positions == PositionKind::LEARNED) x = x + take(parameters["wpe.weight"], places);
    return x;
}

Tensor Decoder::logits_of(const Tree& parameters, const Tensor& x) const {
    const Tensor last = normed(parameters.subtree("ln_f"), x);
    const Tensor logits = nn::at_least_f32(
        options_.tie_embeddings ? dot_general(last, parameters["wte.weight"], {{}, {}, {last.rank() - 1}, {1}})
                                : linear(parameters, "head", last, options_.vocabulary));
    return options_.logit_cap == 0 ? logits : tanh(logits / options_.logit_cap) * options_.logit_cap;
}

void Decoder::expect_tokens(const Operand& tokens) const {
    const Shape& shape = tokens.tensor().shape();
    if (!is_integer(shape.type))
        fail_at(Code::DTYPE_MISMATCH, tokens.location(),
                fmt::format("decoder: tokens are integers, got {}", to_string(shape)));
    if (shape.rank() != 2 || shape.dims[1] > options_.length)
        fail_at(Code::SHAPE_MISMATCH, tokens.location(),
                fmt::format("decoder: takes tokens [batch,length] with a length of at most {}, got {}", options_.length,
                            to_string(shape)));
}

DecoderResult Decoder::with_balance(const Tree& parameters, const Operand& tokens) const {
    expect_tokens(tokens);
    const LocationScope scope(tokens.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, tokens.location());
    Pass pass(options_, tokens.tensor().dim(1));
    const Tensor x = blocks(computed, embedded(computed, tokens.tensor(), pass.places()), pass);
    if (pass.router_choices.empty()) return {logits_of(computed, x), zeros({})};
    const Tensor shares = mean(concatenate(pass.router_choices, 0), {0});
    const Tensor chances = mean(concatenate(pass.router_probabilities, 0), {0});
    return {logits_of(computed, x), sum(shares * chances) * options_.experts};
}

Tensor Decoder::operator()(const Tree& parameters, const Operand& tokens) const {
    return with_balance(parameters, tokens).logits;
}

Tree Decoder::empty_cache(std::int64_t batch, std::int64_t capacity) const {
    TreeBuilder<Tensor> tree;
    for (std::int64_t i = 0; i < options_.layers; ++i)
        for (const char* what : {".k", ".v"})
            tree.add(block_path(i) + what,
                     zeros({batch, capacity, options_.key_heads, options_.depth}, options_.precision.compute));
    return tree.build();
}

Decoded Decoder::decode(const Tree& parameters, const Operand& tokens, const Tree& cache, const Tensor& slot,
                        const Tensor& first) const {
    expect_tokens(tokens);
    const LocationScope scope(tokens.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, tokens.location());
    const auto length = tokens.tensor().dim(1);
    Pass pass(options_, cache, length, slot, first);
    const Tensor x = blocks(computed, embedded(computed, tokens.tensor(), pass.places()), pass);
    return {squeeze(logits_of(computed, slice_axis(x, 1, length - 1, length)), 1), pass.cache()};
}

}  // namespace podium::models
