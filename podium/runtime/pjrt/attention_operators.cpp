#include "podium/runtime/pjrt/attention_operators.h"

#include <algorithm>
#include <array>
#include <vector>

#include "podium/emit/library_calls.h"
#include "podium/ir/custom_operator.h"
#include "podium/runtime/pjrt/attention_loops.h"
#include "podium/runtime/pjrt/onednn.h"

namespace podium {
namespace {

using onednn::Layout;
using onednn::PrimitivePtr;
using onednn::Role;

constexpr std::int64_t ATTENTION_KEY = 100;  // what its primitives are known by begins so
constexpr std::int64_t FEW_KEYS = 1024, STRIP = 128, NARROW_STRIP = 64, SPANS = 8;

/// Sizes of an attention, and what its arrays look like: [batch, positions, heads, depth].
struct Heads {
    AttentionCall call;
    DataType type;
    std::int64_t batch, queries, keys, heads, depth, strip;

    Heads(const CallSettings& settings, const Shape& q, const Shape& k)
        : call(AttentionCall::of(settings)),
          type(q.type),
          batch(q.dims[0]),
          queries(q.dims[1]),
          keys(k.dims[1]),
          heads(q.dims[2]),
          depth(q.dims[3]),
          strip(std::min(queries, keys <= FEW_KEYS ? STRIP : NARROW_STRIP)) {}

    std::int64_t row() const { return heads * depth; }
    std::int64_t strips() const { return (queries + strip - 1) / strip; }
    std::int64_t strip_length(std::int64_t i) const { return std::min(strip, queries - i * strip); }
    /// Returns how many keys strip `i` looks at: as many as it sees, or some more so that few counts are met.
    std::int64_t span(std::int64_t i) const {
        if (!call.causal) return keys;
        const auto unit = std::max(strip, (keys + SPANS - 1) / SPANS);
        const auto end = i * strip + strip_length(i);
        return std::min(keys, (end + unit - 1) / unit * unit);
    }
    std::int64_t element_bytes() const { return static_cast<std::int64_t>(size_bits(type)) / 8; }
    /// Returns the bytes before a head's position in an array of `positions`.
    std::int64_t offset(std::int64_t positions, std::int64_t head, std::int64_t position) const {
        return (((head / heads) * positions + position) * row() + (head % heads) * depth) * element_bytes();
    }
    attention_loops::Seen seen(std::int64_t query, std::int64_t count, const std::int32_t* documents) const {
        return {call.causal ? query + 1 : keys, count, documents, documents == nullptr ? 0 : documents[query]};
    }
};

/// A matrix in some array.
struct Matrix {
    DataType type;
    std::int64_t rows, columns, row, column;  ///< counts, and elements between neighbours
    Matrix transposed() const { return {type, columns, rows, column, row}; }
    Layout layout() const { return {type, {rows, columns}, {row, column}}; }
};

void multiply(const Matrix& a, const void* lhs, const Matrix& b, const void* rhs, const Matrix& c, void* result,
              bool added = false) {
    Dims key{ATTENTION_KEY, added};
    for (const auto* m : {&a, &b, &c})
        key.insert(key.end(), {static_cast<std::int64_t>(m->type), m->rows, m->columns, m->row, m->column});
    onednn::known(key, [&] {
        return onednn::product(a.layout(), b.layout(), c.layout(), added);
    })->run({{Role::INPUT, lhs}, {Role::WEIGHTS, rhs}, {Role::OUTPUT, result}});
}

/// A strip of scores or weights in f32, and what products take of it: itself, or a copy in bf16.
class Scores {
public:
    Scores(DataType type, std::int64_t rows, std::int64_t columns)
        : type_(type), rows_(rows), columns_(columns), numbers_(static_cast<std::size_t>(rows * columns)) {
        if (type == DataType::BFLOAT16) narrow_.resize(numbers_.size());
    }
    Matrix wide() const { return {DataType::FLOAT32, rows_, columns_, columns_, 1}; }
    Matrix matrix() const { return {type_, rows_, columns_, columns_, 1}; }
    float* row(std::int64_t i) { return numbers_.data() + i * columns_; }
    float* data() { return numbers_.data(); }
    /// Returns the numbers in the products' type.
    const void* in_type() {
        if (narrow_.empty()) return numbers_.data();
        attention_loops::to_bf16(narrow_.data(), numbers_.data(), rows_ * columns_);
        return narrow_.data();
    }

private:
    DataType type_;
    std::int64_t rows_, columns_;
    std::vector<float> numbers_;
    std::vector<std::uint16_t> narrow_;
};

const std::int32_t* documents_of(const OperatorCall& call, const Heads& h, std::int64_t head) {
    if (!h.call.has_documents) return nullptr;
    return reinterpret_cast<const std::int32_t*>(call.operands[3].data()) + head / h.heads * h.keys;
}

void run_attention(const OperatorCall& call) {
    const Heads h(call.settings, call.operands[0].shape(), call.operands[1].shape());
    auto* const log_sums = reinterpret_cast<float*>(call.results[1].mutable_data());
    call.for_each(h.batch * h.heads * h.strips(), [&](std::int64_t task) {
        const auto head = task / h.strips(), i = task % h.strips(), first = i * h.strip;
        const auto length = h.strip_length(i), span = h.span(i);
        const Matrix queries{h.type, length, h.depth, h.row(), 1}, keys{h.type, span, h.depth, h.row(), 1};
        const auto* const documents = documents_of(call, h, head);
        const auto at_queries = h.offset(h.queries, head, first), at_keys = h.offset(h.keys, head, 0);
        Scores scores(h.type, length, span);
        multiply(queries, call.operands[0].data() + at_queries, keys.transposed(), call.operands[1].data() + at_keys,
                 scores.wide(), scores.data());
        for (std::int64_t row = 0; row < length; ++row)
            log_sums[head * h.queries + first + row] = attention_loops::softmax(
                scores.row(row), static_cast<float>(h.call.scale), h.seen(first + row, span, documents));
        multiply(scores.matrix(), scores.in_type(), keys, call.operands[2].data() + at_keys, queries,
                 call.results[0].mutable_data() + at_queries);
    });
}

/// Numbers of one position as f32.
const float* wide(const Heads& h, const std::byte* numbers, std::vector<float>& space) {
    if (h.type == DataType::FLOAT32) return reinterpret_cast<const float*>(numbers);
    attention_loops::from_bf16(space.data(), reinterpret_cast<const std::uint16_t*>(numbers), h.depth);
    return space.data();
}

/// Writes [keys, depth] sums where a head's gradient of keys or values goes.
void store(const Heads& h, const std::vector<float>& sums, std::byte* out, std::int64_t head) {
    for (std::int64_t key = 0; key < h.keys; ++key) {
        const float* const from = sums.data() + key * h.depth;
        std::byte* const to = out + h.offset(h.keys, head, key);
        if (h.type == DataType::FLOAT32)
            std::copy(from, from + h.depth, reinterpret_cast<float*>(to));
        else
            attention_loops::to_bf16(reinterpret_cast<std::uint16_t*>(to), from, h.depth);
    }
}

void run_gradient(const OperatorCall& call) {
    const Heads h(call.settings, call.operands[0].shape(), call.operands[1].shape());
    const std::size_t own = h.call.has_documents ? 4 : 3;
    const auto* const log_sums = reinterpret_cast<const float*>(call.operands[own + 1].data());
    const auto scale = static_cast<float>(h.call.scale);
    call.for_each(h.batch * h.heads, [&](std::int64_t head) {
        const auto* const documents = documents_of(call, h, head);
        const auto at_keys = h.offset(h.keys, head, 0);
        const auto *const q = call.operands[0].data(), *const k = call.operands[1].data() + at_keys,
                          *const v = call.operands[2].data() + at_keys, *const result = call.operands[own].data(),
                          *const cotangent = call.operands[own + 2].data();
        std::vector<float> of_keys(static_cast<std::size_t>(h.keys * h.depth)), of_values(of_keys.size());
        std::vector<float> space(static_cast<std::size_t>(h.depth)), more_space(space.size());
        for (std::int64_t i = 0; i < h.strips(); ++i) {
            const auto first = i * h.strip, length = h.strip_length(i), span = h.span(i);
            const auto at = h.offset(h.queries, head, first);
            const Matrix queries{h.type, length, h.depth, h.row(), 1}, keys{h.type, span, h.depth, h.row(), 1},
                sums{DataType::FLOAT32, span, h.depth, h.depth, 1};
            Scores weights(h.type, length, span), gradients(h.type, length, span);
            multiply(queries, q + at, keys.transposed(), k, weights.wide(), weights.data());
            multiply(queries, cotangent + at, keys.transposed(), v, gradients.wide(), gradients.data());
            for (std::int64_t row = 0; row < length; ++row) {
                const auto query = first + row, place = h.offset(h.queries, head, query);
                const float moved = attention_loops::dot(wide(h, result + place, space),
                                                         wide(h, cotangent + place, more_space), h.depth);
                attention_loops::weights(weights.row(row), scale, log_sums[head * h.queries + query],
                                         h.seen(query, span, documents));
                attention_loops::score_gradients(gradients.row(row), weights.row(row), moved, scale, span);
            }
            const auto *const of_weights = weights.in_type(), *const of_scores = gradients.in_type();
            multiply(weights.matrix().transposed(), of_weights, queries, cotangent + at, sums, of_values.data(), true);
            multiply(gradients.matrix().transposed(), of_scores, queries, q + at, sums, of_keys.data(), true);
            multiply(gradients.matrix(), of_scores, keys, k, queries, call.results[0].mutable_data() + at);
        }
        store(h, of_keys, call.results[1].mutable_data(), head);
        store(h, of_values, call.results[2].mutable_data(), head);
    });
}

}  // namespace

void define_attention_operators() {
    CustomOperator({.name = std::string(ATTENTION_OPERATOR),
                    .shapes =
                        [](std::span<const Shape> in, const CallSettings&) {
                            const Dims& q = in[0].dims;
                            return std::vector{in[0], Shape(DataType::FLOAT32, {q[0], q[2], q[1]})};
                        },
                    .run = run_attention});
    CustomOperator({.name = std::string(ATTENTION_GRADIENT_OPERATOR),
                    .shapes =
                        [](std::span<const Shape> in, const CallSettings&) {
                            return std::vector{in[0], in[1], in[2]};
                        },
                    .run = run_gradient});
}

}  // namespace podium
