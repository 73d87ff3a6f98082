#include "podium/nn/grouped_attention.h"

#include <bit>
#include <cmath>

#include "podium/nn/activations.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

constexpr double UNSEEN = -1e30;  // a score whose power is zero

/// Returns [batch, keys, heads, depth]: each head of keys as often as queries share it.
Tensor repeated(const Tensor& x, std::int64_t heads) {
    const auto shared = heads / x.dim(2);
    if (shared == 1) return x;
    const Tensor apart = reshape(x, {x.dim(0), x.dim(1), x.dim(2), 1, x.dim(3)});
    return reshape(broadcast_to(apart, {x.dim(0), x.dim(1), x.dim(2), shared, x.dim(3)}),
                   {x.dim(0), x.dim(1), heads, x.dim(3)});
}

}  // namespace

Tensor grouped_attention(const Operand& q, const Operand& k, const Operand& v, const GroupedAttentionOptions& options) {
    const LocationScope scope(q.location());
    const Tensor &queries = q.tensor(), &keys = k.tensor(), &values = v.tensor();
    if (queries.rank() != 4 || keys.rank() != 4 || queries.dim(2) % keys.dim(2) != 0)
        fail_at(Code::SHAPE_MISMATCH, q.location(),
                fmt::format("grouped attention: heads of keys divide those of queries in [batch,length,heads,depth]; "
                            "got {} and {}",
                            to_string(queries.shape()), to_string(keys.shape())));
    const std::int64_t batch = queries.dim(0), length = queries.dim(1), heads = queries.dim(2), depth = queries.dim(3);
    if (!options.seen && !options.bias && options.soft_cap == 0)
        return attention(queries, repeated(keys, heads), repeated(values, heads),
                         {.causal = options.causal, .scale = options.scale});
    const std::int64_t groups = keys.dim(2), count = keys.dim(1);
    const Tensor apart = reshape(queries, {batch, length, groups, heads / groups, depth});
    const Tensor products = dot_general(apart, keys, {{0, 2}, {0, 2}, {4}, {3}});  // [batch, groups, to, shared, from]
    Tensor scores = at_least_f32(products) * options.scale;
    if (options.soft_cap != 0) scores = tanh(scores / options.soft_cap) * options.soft_cap;
    if (options.bias) {
        const Tensor bias = reshape(*options.bias, {options.bias->dim(0), groups, heads / groups, length, count});
        scores = scores + convert(transpose(bias, {0, 1, 3, 2, 4}), scores.type());
    }
    if (options.seen || options.causal) {
        const Tensor seen =
            options.seen ? *options.seen
                         : iota({1, length, count}, 1, DataType::INT32) >= iota({1, length, count}, 2, DataType::INT32);
        const Tensor apart_seen = reshape(seen, {seen.dim(0), 1, length, 1, count});
        scores = select(broadcast_to(apart_seen, scores.dims()), scores, UNSEEN);
    }
    const Tensor weights = convert(softmax(scores), values.type());
    const Tensor mixed =
        dot_general(weights, values, {{0, 1}, {0, 2}, {4}, {1}});  // [batch, groups, to, shared, depth]
    return reshape(transpose(mixed, {0, 2, 1, 3, 4}), {batch, length, heads, depth});
}

Tensor alibi_bias(const Operand& places, std::int64_t heads) {
    const LocationScope scope(places.location());
    std::vector<float> slopes;
    const auto whole = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(heads)));
    for (std::int64_t i = 0; i < heads; ++i) {  // beyond a power of two, every other of those of twice as many
        const auto step = i < whole ? static_cast<double>(i + 1) / static_cast<double>(whole)
                                    : (static_cast<double>(i - whole) + 0.5) / static_cast<double>(whole);
        slopes.push_back(static_cast<float>(std::exp2(-8 * step)));
    }
    return convert(expand_dims(places, 1), DataType::FLOAT32) * constant(HostArray::of({1, heads, 1, 1}, slopes));
}

}  // namespace podium::nn
