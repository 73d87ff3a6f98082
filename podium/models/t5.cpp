#include "podium/models/t5.h"

#include <cmath>

#include "podium/models/blocks.h"
#include "podium/nn/grouped_attention.h"
#include "podium/nn/layers.h"

namespace podium::models {
namespace {

T5Options checked_t5(T5Options o) {
    expect_sizes("t5", {{"vocabulary", o.vocabulary},
                        {"layers", o.layers},
                        {"decoder_layers", o.decoder_layers},
                        {"width", o.width},
                        {"hidden", o.hidden},
                        {"heads", o.heads},
                        {"depth", o.depth},
                        {"farthest", o.farthest}});
    if (o.buckets < 4 || o.buckets % 4 != 0 || o.farthest <= o.buckets / 2)
        fail(Code::INVALID_ARGUMENT, "t5: {} buckets up to a distance of {}; give a multiple of 4, and twice farther",
             o.buckets, o.farthest);
    return o;
}

/// Returns the bucket of a key so far from its query (negative: before it). Source: as T5, section 2.1.
std::int64_t bucket_of(std::int64_t distance, std::int64_t buckets, std::int64_t farthest, bool causal) {
    std::int64_t first = 0;
    if (!causal) {
        buckets /= 2;
        if (distance > 0) first = buckets;
    }
    const std::int64_t far = causal ? std::max<std::int64_t>(-distance, 0) : std::abs(distance), exact = buckets / 2;
    if (far < exact) return first + far;
    // In floats, as transformers computes it: at a boundary doubles find another bucket.
    const float share = std::log(static_cast<float>(far) / static_cast<float>(exact)) /
                        static_cast<float>(std::log(static_cast<double>(farthest) / static_cast<double>(exact)));
    const auto more = static_cast<std::int64_t>(share * static_cast<float>(buckets - exact));
    return first + std::min(exact + more, buckets - 1);
}

void expect_t5_tokens(const Operand& tokens) {
    const Shape& shape = tokens.tensor().shape();
    if (!is_integer(shape.type) || shape.rank() != 2)
        fail_at(Code::SHAPE_MISMATCH, tokens.location(),
                fmt::format("t5: takes integers [batch,length], got {}", to_string(shape)));
}

std::optional<Tensor> seen_by(const std::optional<Tensor>& seen, std::int64_t queries) {
    if (!seen) return std::nullopt;
    const auto batch = seen->dim(0), keys = seen->dim(1);
    return broadcast_to(reshape(*seen, {batch, 1, keys}), {batch, queries, keys});
}

}  // namespace

T5::T5(T5Options options) : options_(checked_t5(options)) {}

std::vector<ParameterSpec> T5::parameters() const {
    const auto& o = options_;
    SpecList specs;
    const std::int64_t inner = o.heads * o.depth;
    const auto attention = [&](const std::string& path) {
        for (const char* name : {".q", ".k", ".v"}) specs.linear(path + name, o.width, inner, false);
        specs.linear(path + ".out", inner, o.width, false);
    };
    specs.add("words.weight", {o.vocabulary, o.width});
    for (const std::string side : {"encoder", "decoder"}) {
        const bool decodes = side == "decoder";
        specs.add(side + ".bias.weight", {o.buckets, o.heads});
        for (std::int64_t layer = 0; layer < (decodes ? o.decoder_layers : o.layers); ++layer) {
            const auto h = fmt::format("{}.h.{}", side, layer);
            specs.norm(h + ".ln1", o.width, false);
            attention(h + ".attn");
            if (decodes) {
                specs.norm(h + ".cross_ln", o.width, false);
                attention(h + ".cross");
            }
            specs.norm(h + ".ln2", o.width, false);
            if (o.gated) specs.linear(h + ".mlp.gate", o.width, o.hidden, false);
            specs.linear(h + ".mlp.up", o.width, o.hidden, false);
            specs.linear(h + ".mlp.down", o.hidden, o.width, false);
        }
        specs.norm(side + ".norm", o.width, false);
    }
    if (!o.tie_embeddings) specs.linear("head", o.width, o.vocabulary, false);
    return specs.take();
}

Tree T5::init(const Key& key) const { return first_values(parameters(), key, 0.02, options_.precision.parameters); }

Tensor T5::normed(const Tree& parameters, std::string_view path, const Tensor& x) const {
    return nn::RmsNorm{.width = options_.width, .epsilon = options_.epsilon}(parameters.subtree(path), x);
}

Tensor T5::bias_of(const Tensor& table, std::int64_t length, bool causal) const {
    std::vector<std::int32_t> buckets;
    for (std::int64_t query = 0; query < length; ++query)
        for (std::int64_t key = 0; key < length; ++key)
            buckets.push_back(
                static_cast<std::int32_t>(bucket_of(key - query, options_.buckets, options_.farthest, causal)));
    const Tensor each = take(table, constant(HostArray::of({length, length}, buckets)));  // [length, length, heads]
    return expand_dims(transpose(each, {2, 0, 1}), 0);
}

Tensor T5::attended(const Tree& parameters, const Tensor& x, const Tensor& from, const std::optional<Tensor>& bias,
                    bool causal, const std::optional<Tensor>& seen) const {
    const auto part = [&](const char* path, const Tensor& y) {
        return into_heads(linear(parameters, path, y, options_.heads * options_.depth), options_.heads);
    };
    const Tensor mixed = nn::grouped_attention(part("q", x), part("k", from), part("v", from),
                                               {.causal = causal, .seen = seen, .bias = bias});
    return linear(parameters, "out", out_of_heads(mixed), options_.width);
}

Tensor T5::raised(const Tree& parameters, const Tensor& x) const {
    const auto& o = options_;
    const Tensor up = linear(parameters, "up", x, o.hidden);
    const Tensor inner =
        o.gated ? activated(o.activation, linear(parameters, "gate", x, o.hidden)) * up : activated(o.activation, up);
    return linear(parameters, "down", inner, o.width);
}

Tensor T5::stack(const Tree& parameters, const Operand& tokens, const Tensor& words, const Tensor* encoded,
                 const std::optional<Tensor>& seen) const {
    expect_t5_tokens(tokens);
    const bool decodes = encoded != nullptr;
    const auto length = tokens.tensor().dim(1);
    Tensor x = take(words, tokens);
    const Tensor bias = bias_of(parameters["bias.weight"], length, decodes);
    const auto of_self = decodes ? std::nullopt : seen_by(seen, length);
    const auto across = decodes ? seen_by(seen, length) : std::nullopt;
    for (std::int64_t i = 0; i < (decodes ? options_.decoder_layers : options_.layers); ++i) {
        const Tree h = parameters.subtree(fmt::format("h.{}", i));
        const Tensor own = normed(h, "ln1", x);
        x = x + attended(h.subtree("attn"), own, own, bias, decodes, of_self);
        if (decodes) x = x + attended(h.subtree("cross"), normed(h, "cross_ln", x), *encoded, {}, false, across);
        x = x + raised(h.subtree("mlp"), normed(h, "ln2", x));
    }
    return normed(parameters, "norm", x);
}

Tensor T5::encode(const Tree& parameters, const Operand& tokens, const std::optional<Tensor>& seen) const {
    const LocationScope scope(tokens.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, tokens.location());
    return stack(computed.subtree("encoder"), tokens, computed["words.weight"], nullptr, seen);
}

Tensor T5::decode(const Tree& parameters, const Operand& outputs, const Tensor& encoded,
                  const std::optional<Tensor>& seen) const {
    const LocationScope scope(outputs.location());
    const auto& o = options_;
    const Tree computed = nn::cast_tree(parameters, o.precision.compute, outputs.location());
    Tensor x = stack(computed.subtree("decoder"), outputs, computed["words.weight"], &encoded, seen);
    if (o.scale_outputs) x = x * (1 / std::sqrt(static_cast<double>(o.width)));
    return nn::at_least_f32(o.tie_embeddings ? dot_general(x, computed["words.weight"], {{}, {}, {2}, {1}})
                                             : linear(computed, "head", x, o.vocabulary));
}

}  // namespace podium::models
