#include "podium/ir/attention.h"

#include <bit>
#include <cmath>

#include "podium/ir/batching.h"
#include "podium/ir/expansion.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"

namespace podium {
namespace {

constexpr double UNSEEN = -1e30;  // a score whose power is zero
constexpr std::int64_t MOST_SCORES = 1 << 20,
                       BLOCK = 256;  // of a head at once; queries of a block where there are more

// Operands of the rows: q, k, v, documents where there are any; for the gradient then the result, the logarithms of its
// sums and the result's cotangent.
enum Operands : std::size_t { Q, K, V, DOCUMENTS };

/// Queries `first` to `first + q.dim(1)`, and what belongs to them.
struct Block {
    Tensor q, documents, first;
};

/// One head's attention is [queries, keys]: these are [batch, heads, queries, keys].
class Attention {
public:
    Attention(const Node& node) : a_(attention_node(node)), node_(node), type_(node.operands[Q].type()) {}

    const AttentionNode& sizes() const { return a_; }
    DataType type() const { return type_; }
    const Tensor& k() const { return node_.operands[K]; }
    const Tensor& v() const { return node_.operands[V]; }
    Tensor documents() const { return a_.has_documents ? node_.operands[DOCUMENTS] : Tensor(); }
    /// Returns operand `i` of the gradient behind the forward's own.
    const Tensor& extra(std::size_t i) const { return node_.operands[DOCUMENTS + (a_.has_documents ? 1 : 0) + i]; }
    Block all() const { return {node_.operands[Q], documents(), Tensor()}; }

    /// Returns whether the scores of all queries are too many to be there at once.
    bool in_blocks() const { return a_.queries * a_.keys > MOST_SCORES && a_.queries % BLOCK == 0; }

    Tensor wide(const Tensor& x) const { return size_bits(type_) < 32 ? convert(x, DataType::FLOAT32) : x; }

    Tensor scores(const Block& b) const {
        Tensor s = wide(dot_general(b.q, k(), {{0, 2}, {0, 2}, {3}, {3}})) * a_.scale;
        const auto queries = b.q.dim(1);
        Tensor seen;
        if (a_.causal) {
            Tensor row = iota({queries, a_.keys}, 0, DataType::INT32);
            if (b.first.defined()) row = row + b.first;
            seen = row >= iota({queries, a_.keys}, 1, DataType::INT32);
        }
        if (a_.has_documents) {
            const Tensor same =
                equal(reshape(b.documents, {a_.batch, 1, queries, 1}), reshape(documents(), {a_.batch, 1, 1, a_.keys}));
            seen = seen.defined() ? seen & same : same;
        }
        return seen.defined() ? select(seen, s, UNSEEN) : s;
    }

    /// Returns the result [batch, queries, heads, depth] and the logarithms of the powers' sums [batch, heads,
    /// queries].
    Tensors forward(const Block& b) const {
        const Tensor s = scores(b), greatest = max(s, {3}, true), powers = exp(s - greatest);
        const Tensor sums = sum(powers, {3}, true);
        const Tensor mixed = dot_general(convert(powers / sums, type_), v(), {{0, 1}, {0, 2}, {3}, {1}});
        return {transpose(mixed, {0, 2, 1, 3}), reshape(greatest + log(sums), {a_.batch, a_.heads, b.q.dim(1)})};
    }

    /// Returns what the block adds to the gradients of q (its own), k and v.
    Tensors backward(const Block& b, const Tensor& result, const Tensor& log_sums, const Tensor& cotangent) const {
        const auto queries = b.q.dim(1);
        const Dims column{a_.batch, a_.heads, queries, 1};
        const Tensor weights = exp(scores(b) - reshape(log_sums, column));
        const Tensor of_weights = wide(dot_general(cotangent, v(), {{0, 2}, {0, 2}, {3}, {3}}));
        const Tensor moved = transpose(sum(wide(result) * wide(cotangent), {3}), {0, 2, 1});  // [batch, heads, queries]
        const Tensor of_scores = convert(weights * (of_weights - reshape(moved, column)) * a_.scale, type_);
        const auto rows_first = [](const Tensor& x) { return transpose(x, {0, 2, 1, 3}); };
        return {rows_first(dot_general(of_scores, k(), {{0, 1}, {0, 2}, {3}, {1}})),
                rows_first(dot_general(of_scores, b.q, {{0, 1}, {0, 2}, {2}, {1}})),
                rows_first(dot_general(convert(weights, type_), cotangent, {{0, 1}, {0, 2}, {2}, {1}}))};
    }

private:
    AttentionNode a_;
    const Node& node_;
    DataType type_;
};

/// Returns [blocks, …, BLOCK, …] of a tensor whose dimension `axis` counts queries; axis_into is the inverse.
Tensor blocks_of(const Tensor& x, std::int64_t axis) {
    const Tensor split = axis_out_of(x, axis, x.dim(axis) / BLOCK);
    Dims order = complement({axis}, split.rank());
    order.insert(order.begin(), axis);
    return transpose(split, order);
}

/// The queries' blocks, as scan takes them: q, where each begins, and documents where there are any.
Tensors queries_in_blocks(const Attention& a) {
    const auto count = a.sizes().queries / BLOCK;
    Tensors xs{blocks_of(a.all().q, 1), iota({count}, 0, DataType::INT32) * BLOCK};
    if (a.sizes().has_documents) xs.push_back(blocks_of(a.documents(), 1));
    return xs;
}
Block block_of(const Attention& a, std::span<const Tensor> slice) {
    return {slice[0], a.sizes().has_documents ? slice[2] : Tensor(), slice[1]};
}

Tensors expand_attention(const Node& node) {
    const LocationScope scope(node.location);
    const Attention a(node);
    if (!a.in_blocks()) return a.forward(a.all());
    const auto body = [&](const Tensors& slice) { return a.forward(block_of(a, slice)); };
    const Tensors blocks = scan_list(body, {}, queries_in_blocks(a), a.sizes().queries / BLOCK);
    return {axis_into(blocks[0], 0, 1), axis_into(blocks[1], 0, 2)};
}

Tensors expand_gradient(const Node& node) {
    const LocationScope scope(node.location);
    const Attention a(node);
    if (!a.in_blocks()) return a.backward(a.all(), a.extra(0), a.extra(1), a.extra(2));
    Tensors xs = queries_in_blocks(a);
    const auto own = static_cast<std::ptrdiff_t>(xs.size());
    xs.insert(xs.end(), {blocks_of(a.extra(0), 1), blocks_of(a.extra(1), 2), blocks_of(a.extra(2), 1)});
    const auto body = [&](const Tensors& state) -> Tensors {
        const auto slice = std::span(state).subspan(2), extra = slice.subspan(static_cast<std::size_t>(own));
        const Tensors found = a.backward(block_of(a, slice), extra[0], extra[1], extra[2]);
        return {state[0] + a.wide(found[1]), state[1] + a.wide(found[2]), found[0]};
    };
    const Tensor nothing = zeros(a.k().dims(), a.wide(a.k()).type());
    const Tensors found = scan_list(body, {nothing, nothing}, xs, a.sizes().queries / BLOCK);
    return {axis_into(found[2], 0, 1), convert(found[0], a.type()), convert(found[1], a.type())};
}

Tensors attention_vjp(const VjpArguments& v) {
    if (v.cotangents[1].defined()) return vjp_by_expansion(v);  // the gradient of a gradient
    Tensors operands(v.operands.begin(), v.operands.end());
    for (std::int64_t i = 0; i < 2; ++i)
        operands.push_back(record({.op = rows::result,
                                   .shape = v.node.results[static_cast<std::size_t>(i)],
                                   .operands = {v.result},
                                   .attributes = {{i}},
                                   .location = v.node.location}));
    operands.push_back(or_zeros(v.cotangents[0], v.node.results[0]));
    std::vector<Shape> shapes;
    for (std::size_t i = Q; i <= V; ++i) shapes.emplace_back(v.operands[i].type(), v.operands[i].dims());
    return record_all({.op = rows::attention_gradient,
                       .operands = std::move(operands),
                       .attributes = v.node.attributes,
                       .location = v.node.location,
                       .results = std::move(shapes)});
}

/// Examples become more batch: it is the first dimension of all operands and results.
Tensors map_batch(const VmapArguments& v) {
    Tensors operands;
    for (std::size_t i = 0; i < v.operands.size(); ++i) operands.push_back(axis_into(mapped_operand(v, i), 0, 0));
    std::vector<Shape> shapes = v.node.results;
    for (auto& shape : shapes) shape.dims[0] *= v.size;
    Tensors results = record_all({.op = *v.node.op,
                                  .operands = std::move(operands),
                                  .attributes = v.node.attributes,
                                  .location = v.node.location,
                                  .results = std::move(shapes)});
    for (std::size_t i = 0; i < results.size(); ++i)
        results[i] = reshape(results[i], mapped_shape(v.node.results[i], v.size).dims);
    return results;
}

}  // namespace

namespace rows {

constinit const Op attention{.name = "attention",
                             .spec = "podium: softmax(scale q k^T) v a head; Vaswani et al. 2017, arXiv:1706.03762",
                             .kind = Kind::COMPOSITE,
                             .types = Types::FLOAT,
                             .expand = expand_attention,
                             .vjp = attention_vjp,
                             .vmap = map_batch};
constinit const Op attention_gradient{
    .name = "attention_gradient",
    .spec = "podium: attention's, from its result and the logarithms of its sums; Dao et al. 2022, arXiv:2205.14135",
    .kind = Kind::COMPOSITE,
    .types = Types::FLOAT,
    .expand = expand_gradient,
    .vjp = vjp_by_expansion,
    .vmap = map_batch};

}  // namespace rows

AttentionNode attention_node(const Node& node) {
    const Tensor &q = node.operands[Q], &k = node.operands[K];
    return {.causal = node.attributes[0][0] != 0,
            .has_documents = node.attributes[0][1] != 0,
            .scale = std::bit_cast<double>(node.attributes[0][2]),
            .batch = q.dim(0),
            .queries = q.dim(1),
            .keys = k.dim(1),
            .heads = q.dim(2),
            .depth = q.dim(3)};
}

Tensor attention(const Operand& q, const Operand& k, const Operand& v, const AttentionOptions& options) {
    const Tensor &queries = q.tensor(), &keys = k.tensor(), &values = v.tensor();
    const Location& where = q.location();
    if (!is_float(queries.type()) || keys.type() != queries.type() || values.type() != queries.type())
        fail_at(Code::DTYPE_MISMATCH, where,
                fmt::format("attention: takes floating-point numbers of one type, got {}, {} and {}",
                            to_string(queries.shape()), to_string(keys.shape()), to_string(values.shape())));
    if (queries.rank() != 4 || keys.rank() != 4 || keys.dims() != values.dims() || keys.dim(0) != queries.dim(0) ||
        keys.dim(2) != queries.dim(2) || keys.dim(3) != queries.dim(3))
        fail_at(
            Code::SHAPE_MISMATCH, where,
            fmt::format("attention: takes [batch,queries,heads,depth] and twice [batch,keys,heads,depth], got {}, {} "
                        "and {}",
                        to_string(queries.shape()), to_string(keys.shape()), to_string(values.shape())));
    const bool has_documents = options.documents.has_value();
    if ((options.causal || has_documents) && keys.dim(1) != queries.dim(1))
        fail_at(Code::SHAPE_MISMATCH, where,
                fmt::format("attention: {} queries and {} keys; causal and documents want as many of both",
                            queries.dim(1), keys.dim(1)));
    Tensors operands{queries, keys, values};
    if (has_documents) {
        if (!takes(Types::INTEGER, options.documents->type()) ||
            options.documents->dims() != Dims{queries.dim(0), queries.dim(1)})
            fail_at(Code::SHAPE_MISMATCH, where,
                    fmt::format("attention: documents are integers [{},{}], got {}", queries.dim(0), queries.dim(1),
                                to_string(options.documents->shape())));
        operands.push_back(convert(Operand(*options.documents, where), DataType::INT32));
    }
    const double scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(queries.dim(3))));
    const DataType wide = size_bits(queries.type()) < 32 ? DataType::FLOAT32 : queries.type();
    return record_all(
        {.op = rows::attention,
         .operands = std::move(operands),
         .attributes = {{options.causal ? 1 : 0, has_documents ? 1 : 0, std::bit_cast<std::int64_t>(scale)}},
         .location = where,
         .results = {Shape(queries.type(), queries.dims()),
                     Shape(wide, {queries.dim(0), queries.dim(2), queries.dim(1)})}})[0];
}

std::span<const Op* const> attention_ops() {
    static constexpr std::array ROWS{&rows::attention, &rows::attention_gradient};
    return ROWS;
}

}  // namespace podium
