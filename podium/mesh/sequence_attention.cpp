#include "podium/mesh/sequence_attention.h"

#include <cmath>

#include "podium/ir/ops.h"

namespace podium {
namespace {

constexpr double UNSEEN = -1e30;  // a score whose power is zero

void expect_heads(std::string_view op, const Operand& q, const Tensor& k, const Tensor& v) {
    if (q.tensor().rank() == 4 && q.tensor().dims() == k.dims() && k.dims() == v.dims()) return;
    fail_at(Code::SHAPE_MISMATCH, q.location(),
            fmt::format("{}: takes q, k and v of one shape, [batch,length,heads,depth]; got {}, {} and {}", op,
                        to_string(q.tensor().shape()), to_string(k.shape()), to_string(v.shape())));
}

Tensor wide(const Tensor& x) { return size_bits(x.type()) < 32 ? convert(x, DataType::FLOAT32) : x; }

}  // namespace

Tensor ring_attention(const Operand& q, const Tensor& k, const Tensor& v, const std::string& axis,
                      const AttentionOptions& options) {
    expect_heads("ring_attention", q, k, v);
    const LocationScope scope(q.location());
    const auto batch = q.tensor().dim(0), length = q.tensor().dim(1), depth = q.tensor().dim(3),
               devices = axis_size(axis);
    const double scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(depth)));
    const Tensor own = axis_index(axis);
    std::vector<std::pair<std::int64_t, std::int64_t>> next;
    for (std::int64_t i = 0; i < devices; ++i) next.emplace_back(i, (i + 1) % devices);
    Tensor keys = k, values = v, documents = options.documents.value_or(Tensor());
    Tensor greatest, sums, mixed;  // [batch, heads, to, …]
    for (std::int64_t turn = 0; turn < devices; ++turn) {
        if (turn > 0) {
            keys = ppermute(keys, axis, next);
            values = ppermute(values, axis, next);
            if (documents.defined()) documents = ppermute(documents, axis, next);
        }
        Tensor scores = wide(dot_general(q, keys, {{0, 2}, {0, 2}, {3}, {3}})) * scale;
        if (options.causal) {
            const Tensor source = remainder(own - turn + devices, devices);  // whose keys these are
            const Tensor to = iota({length, length}, 0, DataType::INT32) + own * length,
                         from = iota({length, length}, 1, DataType::INT32) + source * length;
            scores = select(broadcast_to(to >= from, scores.dims()), scores, UNSEEN);
        }
        if (documents.defined()) {
            const Tensor to = reshape(*options.documents, {batch, 1, length, 1}),
                         from = reshape(documents, {batch, 1, 1, length});
            scores = select(broadcast_to(equal(to, from), scores.dims()), scores, UNSEEN);
        }
        const Tensor here = max(stop_gradient(scores), {3}, true), now = turn == 0 ? here : maximum(greatest, here);
        const Tensor powers = exp(scores - now);
        const Tensor added = wide(dot_general(convert(powers, v.type()), values, {{0, 1}, {0, 2}, {3}, {1}}));
        const Tensor added_sums = sum(powers, {3}, true);
        if (turn == 0) {
            sums = added_sums;
            mixed = added;
        } else {
            const Tensor shrink = exp(greatest - now);
            sums = sums * shrink + added_sums;
            mixed = mixed * shrink + added;
        }
        greatest = now;
    }
    return transpose(convert(mixed / sums, v.type()), {0, 2, 1, 3});
}

Tensor all_to_all_attention(const Operand& q, const Tensor& k, const Tensor& v, const std::string& axis,
                            const AttentionOptions& options) {
    expect_heads("all_to_all_attention", q, k, v);
    const LocationScope scope(q.location());
    const auto whole_length = [&](const Tensor& x) { return all_to_all(x, axis, 2, 1); };
    AttentionOptions whole = options;
    if (whole.documents) whole.documents = all_gather(*whole.documents, axis, 1);
    const Tensor mixed = attention(whole_length(q.tensor()), whole_length(k), whole_length(v), whole);
    return all_to_all(mixed, axis, 1, 2);
}

}  // namespace podium
