#include "tests/support/random_graph.h"

#include <algorithm>

#include "podium/ir/number.h"
#include "podium/ir/ops.h"

namespace podium::test {
namespace {

constexpr std::array TYPES{DataType::FLOAT64, DataType::FLOAT64, DataType::FLOAT32, DataType::INT32,     DataType::INT8,
                           DataType::UINT16,  DataType::INT64,   DataType::BOOL,    DataType::COMPLEX128};
constexpr std::int64_t LARGEST_DIM = 4, LARGEST_RANK = 3, LARGEST_COUNT = 300;
constexpr int INPUTS = 4;

class Growth {
public:
    Growth(std::uint64_t seed, Tensors pool) : random_(seed), pool_(std::move(pool)) {}

    Tensors grow(int steps) {
        for (int grown = 0; grown < steps;)
            if (const Tensor made = chance(2) ? elementwise() : structural(); made.defined()) {
                pool_.push_back(made);
                ++grown;
            }
        return {pool_.end() - std::min(steps, 6), pool_.end()};
    }

private:
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
    }
    bool chance(std::int64_t one_in) { return below(one_in) == 0; }
    const Tensor& any() { return pool_[static_cast<std::size_t>(below(static_cast<std::int64_t>(pool_.size())))]; }
    /// Returns some tensor like `x`: x itself where no other one is drawn.
    Tensor like(const Tensor& x, DataType type) {
        for (int tries = 0; tries < 20; ++tries)
            if (const Tensor& other = any(); other.type() == type && other.dims() == x.dims()) return other;
        return x.type() == type ? x : zeros(x.dims(), type);
    }

    /// Returns x between the bounds: smoothly, so that neighbours stay neighbours.
    static Tensor within(const Tensor& x, const Domain& domain) {
        if (is_complex(x.type()) || !is_float(x.type())) return x;
        return tanh(x) * ((domain.high - domain.low) / 2) + (domain.high + domain.low) / 2;
    }

    Tensor elementwise() {
        const auto rows = elementwise_ops();
        const Op& op = *rows[static_cast<std::size_t>(below(static_cast<std::int64_t>(rows.size())))];
        const Tensor x = any();
        if (op.kind != Kind::ELEMENTWISE || op.attributes != nullptr || op.arity == 0 || !takes(op.types, x.type()))
            return {};
        // Complex functions far from the real line, and integers divided by zero, are the backends' own affair.
        const bool plain = op.types == Types::ANY || op.types == Types::NUMBER || op.types == Types::LOGICAL;
        if (is_complex(x.type()) && !(plain && op.arity == 2)) return {};
        const bool divides = &op == &divide || &op == &remainder || &op == &power;
        if (divides && !is_float(x.type())) return {};
        Tensors operands;
        for (int i = 0; i < op.arity; ++i) {
            if (op.condition && i == 0)
                operands.push_back(like(x, DataType::BOOL));
            else
                operands.push_back(within(i == 0 ? x : like(x, x.type()), op.domain));
        }
        return record({.op = op, .shape = {result_type(op.gives, x.type()), x.dims()}, .operands = operands});
    }

    Tensor structural() {
        const Tensor x = any();
        const auto rank = x.rank();
        const auto axis = rank > 0 ? below(rank) : 0;
        const bool is_number = x.type() != DataType::BOOL, is_real = is_number && !is_complex(x.type());
        if (rank == 0) return x.shape().count() < LARGEST_COUNT ? broadcast_to(x, {1 + below(LARGEST_DIM)}) : Tensor();
        switch (below(16)) {
            case 0: return reshape(x, {-1});
            case 1: return transpose(x);
            case 2: return swap_axes(x, axis, below(rank));
            case 3: return reverse(x, {axis});
            case 4: return x.shape().count() > LARGEST_COUNT ? Tensor() : concatenate({x, like(x, x.type())}, axis);
            case 5: return x.dim(axis) < 2 ? Tensor() : slice_axis(x, axis, 1, x.dim(axis));
            case 6: return is_number ? sum(x, {axis}) : any_of(x, axis);
            case 7: return is_real ? podium::max(x, {axis}, chance(2)) : Tensor();
            case 8: return is_number && x.type() != DataType::INT8 ? cumulative_sum(x, axis, chance(2)) : Tensor();
            case 9: return rank == 2 && is_number ? matmul(x, transpose(like(x, x.type()))) : Tensor();
            case 10:
                return x.dim(axis) == 0
                           ? Tensor()
                           : take(x, remainder(iota({3}, 0, DataType::INT32) * 5, 4), axis);  // some are outside
            case 11: return is_real ? sort(x, axis, chance(2)) : Tensor();
            case 12: return is_real ? argsort(x, axis) : Tensor();
            case 13: return converted(x);
            case 14: return padded(x, axis);
            default: return scanned(x);
        }
    }

    static Tensor any_of(const Tensor& x, std::int64_t axis) { return podium::any(x, {axis}); }

    Tensor converted(const Tensor& x) {
        const DataType type = TYPES[static_cast<std::size_t>(below(TYPES.size()))];
        if (is_complex(x.type()) || type == DataType::BOOL) return {};
        return convert(is_unsigned(type) ? abs_or_same(within(x, {})) : within(x, {}), type);
    }
    static Tensor abs_or_same(const Tensor& x) { return is_float(x.type()) ? abs(x) : x; }

    Tensor padded(const Tensor& x, std::int64_t axis) {
        if (x.shape().count() > LARGEST_COUNT) return {};
        Dims low(x.dims().size()), high(low), interior(low);
        low[static_cast<std::size_t>(axis)] = below(3);
        high[static_cast<std::size_t>(axis)] = below(3);
        interior[static_cast<std::size_t>(axis)] = below(2);
        return pad(x, zeros({}, x.type()), low, high, interior);
    }

    /// A loop over the first dimension whose state feeds on itself.
    Tensor scanned(const Tensor& x) {
        if (!is_float(x.type()) || x.dim(0) == 0) return {};
        const Tensor start = zeros(Dims(x.dims().begin() + 1, x.dims().end()), x.type());
        return scan_list(
            [](const Tensors& in) {
                const Tensor next = tanh(in[0] + in[1]);
                return Tensors{next, next * 0.5};
            },
            {start}, {x}, x.dim(0), chance(2))[1];
    }

    std::mt19937_64 random_;
    Tensors pool_;
};

HostArray random_array(std::mt19937_64& random) {
    const DataType type = TYPES[random() % TYPES.size()];
    Dims dims(random() % (LARGEST_RANK + 1));
    for (auto& dim : dims) dim = static_cast<std::int64_t>(random() % 10 == 0 ? 0 : 1 + random() % LARGEST_DIM);
    HostArray array(Shape(type, dims));
    for (std::int64_t i = 0; i < array.count(); ++i) {
        const auto number = static_cast<std::int64_t>(random() % 4001) - 2000;
        const double real = static_cast<double>(number) / 1000;
        if (is_complex(type))
            store(array, i, Complex128(real, static_cast<double>(random() % 4001) / 1000 - 2));
        else if (is_float(type))
            store(array, i, real);
        else
            store(array, i, type == DataType::BOOL ? std::int64_t{number > 0} : number % 128);
    }
    return array;
}

}  // namespace

RandomGraph random_graph(std::uint64_t seed, int steps) {
    std::mt19937_64 random(seed);
    RandomGraph graph;
    for (int i = 0; i < INPUTS; ++i) graph.inputs.push_back(random_array(random));
    graph.f = [seed, steps](const Tensors& inputs) { return Growth(seed, inputs).grow(steps); };
    return graph;
}

}  // namespace podium::test
