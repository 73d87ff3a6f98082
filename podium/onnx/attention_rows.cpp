#include <cmath>

#include "podium/base/dims.h"
#include "podium/nn/activations.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// Returns [batch, heads, length, depth] of that or of [batch, length, heads * depth].
Tensor by_heads(const Call& call, const Tensor& x, std::int64_t heads) {
    if (x.rank() == 4) return x;
    if (x.rank() != 3 || heads <= 0 || x.dim(2) % heads != 0)
        call.refuse(fmt::format("{} heads do not divide {}", heads, to_string(x.shape())));
    return transpose(reshape(x, {x.dim(0), x.dim(1), heads, x.dim(2) / heads}), {0, 2, 1, 3});
}
Tensor without_heads(const Tensor& x) {
    return reshape(transpose(x, {0, 2, 1, 3}), {x.dim(0), x.dim(2), x.dim(1) * x.dim(3)});
}

/// Returns keys or values with each of their heads beside the query's heads that use it.
Tensor for_heads(const Call& call, const Tensor& x, std::int64_t heads) {
    if (x.dim(1) == heads) return x;
    if (x.dim(1) == 0 || heads % x.dim(1) != 0) call.refuse("the heads of keys do not divide those of queries");
    return repeat(x, heads / x.dim(1), 1);
}

/// Returns the type that scores are made to probabilities in.
DataType softmax_type(const Call& call, DataType type) {
    if (!call.has("softmax_precision")) return type;
    const auto chosen = data_type_numbered(call.integer("softmax_precision", 1));
    if (!chosen || !is_float(*chosen)) call.refuse("softmax_precision is no type of floats");
    return *chosen;
}

/// Returns what is added to scores: 0 where a query sees a key, -inf where it does not, or the mask's own numbers.
Tensor score_bias(const Call& call, const Tensor& scores, std::int64_t past) {
    const auto queries = scores.dim(2), keys = scores.dim(3);
    const auto type = scores.type();
    const Tensor hidden = scalar_of(type, -INFINITY), seen = scalar_of(type, 0);
    Tensor bias = zeros({queries, keys}, type);
    if (call.has(3)) {
        Tensor mask = call.in(3);
        if (mask.type() == DataType::BOOL) mask = where(mask, seen, hidden);
        if (mask.dim(-1) < keys) {
            Dims low(mask.dims().size(), 0), high = low;
            high.back() = keys - mask.dim(-1);
            mask = pad(mask, hidden, low, high);
        }
        bias = bias + convert(mask, type);
    }
    if (call.flag("is_causal")) {
        const Tensor query = iota({queries, keys}, 0) + static_cast<std::int32_t>(past),
                     key_place = iota({queries, keys}, 1);
        bias = bias + where(less_equal(key_place, query), seen, hidden);
    }
    if (call.has(6)) {
        const Tensor length = reshape(convert(call.in(6), DataType::INT32), {-1, 1, 1, 1});
        bias = bias + where(less(iota({1, 1, 1, keys}, 3), length), seen, hidden);
    }
    return bias;
}

Tensors attention_node_rows(const Call& call) {
    const auto query_heads = call.integer("q_num_heads", 0), key_heads = call.integer("kv_num_heads", 0);
    const bool flat = call.in(0).rank() == 3;
    const Tensor q = by_heads(call, call.in(0), query_heads);
    Tensor k = by_heads(call, call.in(1), key_heads), v = by_heads(call, call.in(2), key_heads);
    const auto past = call.has(4) ? call.in(4).dim(2) : 0;
    if (call.has(4)) k = concatenate({call.in(4), k}, 2);
    if (call.has(5)) v = concatenate({call.in(5), v}, 2);
    const double scale = std::sqrt(call.real("scale", 1.0 / std::sqrt(static_cast<double>(q.dim(3)))));
    const Tensor all_keys = for_heads(call, k, q.dim(1));
    Tensor scores = matmul(q * scale, swap_axes(all_keys * scale, 2, 3));
    const auto mode = call.integer("qk_matmul_output_mode", 0);
    Tensor shown = scores;
    const double cap = call.real("softcap", 0.0);
    if (cap > 0) scores = tanh(scores / cap) * cap;
    if (mode == 1) shown = scores;
    scores = scores + score_bias(call, scores, past);
    if (mode == 2) shown = scores;
    const Tensor probabilities = nn::softmax(convert(scores, softmax_type(call, scores.type())));
    if (mode == 3) shown = probabilities;
    const Tensor values = for_heads(call, v, q.dim(1));
    const Tensor result = convert(matmul(convert(probabilities, q.type()), convert(values, q.type())), q.type());
    return {flat ? without_heads(result) : result, k, v, convert(shown, q.type())};
}

/// Attention whose scores and probabilities go through graphs of the node's.
Tensors flex_attention(const Call& call) {
    const Tensor& q = call.in(0);
    const Tensor k = for_heads(call, call.in(1), q.dim(1)), v = for_heads(call, call.in(2), q.dim(1));
    const double scale = std::sqrt(call.real("scale", 1.0 / std::sqrt(static_cast<double>(q.dim(3)))));
    const auto type = softmax_type(call, size_bytes(q.type()) < 4 ? DataType::FLOAT32 : q.type());
    Tensor scores = convert(matmul(q * scale, swap_axes(k * scale, 2, 3)), type);
    if (call.has("score_mod")) scores = convert(call.run(call.graph("score_mod"), {scores})[0], type);
    Tensor probabilities = nn::softmax(scores);
    if (call.has("prob_mod")) probabilities = convert(call.run(call.graph("prob_mod"), {probabilities})[0], type);
    return {convert(matmul(probabilities, convert(v, type)), v.type())};
}

/// A state of [batch, heads, key depth, value depth] that each step decays, writes into and reads.
Tensors linear_attention(const Call& call) {
    const auto query_heads = call.integer("q_num_heads", 0), heads = call.integer("kv_num_heads", 0);
    const auto rule = call.text("update_rule", "gated_delta");
    const bool gated = rule.starts_with("gated"), delta = rule.ends_with("delta");
    const auto steps = [&](const Tensor& x, std::int64_t count) {  // [time, batch, heads, depth]
        return convert(transpose(by_heads(call, x, count), {2, 0, 1, 3}), DataType::FLOAT32);
    };
    Tensors slices{steps(call.in(0), query_heads), steps(call.in(1), heads), steps(call.in(2), heads)};
    const auto batch = slices[0].dim(1), depth = slices[1].dim(3), width = slices[2].dim(3);
    if (gated) slices.push_back(exp(steps(call.in(4), heads)));
    if (delta) slices.push_back(steps(call.in(5), call.in(5).dim(2)));
    const Dims state_dims{batch, heads, depth, width};
    const Tensor state = call.has(3) ? convert(call.in(3), DataType::FLOAT32) : zeros(state_dims);
    const double given = call.real("scale", 0.0);
    const double scale = given == 0.0 ? 1.0 / std::sqrt(static_cast<double>(depth)) : given;
    const auto step = [&](const Tensors& in) -> Tensors {
        Tensor memory = in[0], value = in[3];
        if (gated) memory = memory * expand_dims(in[4], -1);
        if (delta) value = in[gated ? 5 : 4] * (value - einsum("bhdm,bhd->bhm", {memory, in[2]}));
        memory = memory + expand_dims(in[2], -1) * expand_dims(value, -2);
        const Tensor read = einsum("bhdm,bhd->bhm", {for_heads(call, memory, query_heads), in[1]});
        return {memory, read * scale};
    };
    const Tensors results = scan_list(step, {state}, slices, slices[0].dim(0));
    const Tensor out = reshape(transpose(results[1], {1, 0, 2, 3}), {batch, results[1].dim(0), query_heads * width});
    const auto state_type = call.has(3) ? call.in(3).type() : call.in(0).type();
    return {convert(out, call.in(0).type()), convert(results[0], state_type)};
}

Tensors rotary_embedding(const Call& call) {
    const Tensor& x = call.in(0);
    const bool by_head = x.rank() == 4;
    const auto heads = call.integer("num_heads", 0);
    const Tensor all = by_head ? x : by_heads(call, x, heads);  // [batch, heads, length, depth]
    auto turned = call.integer("rotary_embedding_dim", 0);
    if (turned == 0) turned = all.dim(3);
    if (turned < 0 || turned % 2 != 0 || turned > all.dim(3)) call.refuse("it turns an odd number of features");
    Tensor cosine = call.in(1), sine = call.in(2);
    if (call.has(3)) {
        cosine = take(cosine, call.in(3));
        sine = take(sine, call.in(3));
    }
    cosine = expand_dims(cosine, 1);
    sine = expand_dims(sine, 1);
    const Tensor part = slice_axis(all, 3, 0, turned);
    const bool interleaved = call.flag("interleaved");
    const auto half = turned / 2;
    const Tensor pairs = reshape(part, interleaved ? Dims{all.dim(0), all.dim(1), all.dim(2), half, 2}
                                                   : Dims{all.dim(0), all.dim(1), all.dim(2), 2, half});
    const std::int64_t axis = interleaved ? 4 : 3;
    const Tensor a = squeeze(slice_axis(pairs, axis, 0, 1), axis), b = squeeze(slice_axis(pairs, axis, 1, 2), axis);
    const Tensor mixed = stack({cosine * a - sine * b, sine * a + cosine * b}, axis);
    const Tensor result = concatenate({reshape(mixed, part.dims()), slice_axis(all, 3, turned, all.dim(3))}, 3);
    return {by_head ? result : without_heads(result)};
}

constexpr NodeRow ATTENTION_ROWS[] = {
    {"", "Attention", 1, attention_node_rows},
    {"", "LinearAttention", 1, linear_attention},
    {"", "RotaryEmbedding", 1, rotary_embedding},
    {"ai.onnx.preview", "FlexAttention", 1, flex_attention},
};

}  // namespace

std::span<const NodeRow> attention_rows() { return ATTENTION_ROWS; }

}  // namespace podium::onnx
