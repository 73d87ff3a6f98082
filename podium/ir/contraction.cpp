#include "podium/ir/contraction.h"

#include <algorithm>
#include <numeric>

#include "podium/base/dims.h"
#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

enum : std::size_t { LHS_BATCH, RHS_BATCH, LHS_CONTRACT, RHS_CONTRACT };

/// Returns the dimensions that are neither batch nor contracted.
Dims free_dims(std::int64_t rank, const Dims& batch, const Dims& contract) {
    Dims named(batch);
    named.insert(named.end(), contract.begin(), contract.end());
    return complement(named, rank);
}

void expect_distinct(const char* side, const Tensor& tensor, Dims axes, const Dims& more, const Location& location) {
    axes.insert(axes.end(), more.begin(), more.end());
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("dot_general: a dimension of {} {} is named twice", side, to_string(tensor.shape())));
}

std::vector<HostArray> evaluate_dot(const Evaluation& e) {
    const auto& a = e.node.attributes;
    const HostArray &lhs = e.operands[0], &rhs = e.operands[1];
    const Dims lhs_free = free_dims(lhs.shape().rank(), a[LHS_BATCH], a[LHS_CONTRACT]);
    const Dims rhs_free = free_dims(rhs.shape().rank(), a[RHS_BATCH], a[RHS_CONTRACT]);
    Dims inner;
    for (const auto axis : a[LHS_CONTRACT]) inner.push_back(lhs.shape().dims[static_cast<std::size_t>(axis)]);
    HostArray result(e.node.shape);
    const bool real = is_float(e.node.shape.type);
    std::int64_t position = 0;
    for_each_index(e.node.shape.dims, [&](const Dims& index) {
        Dims at_lhs(lhs.shape().dims.size()), at_rhs(rhs.shape().dims.size());
        std::size_t next = 0;
        for (std::size_t i = 0; i < a[LHS_BATCH].size(); ++i, ++next) {
            at_lhs[static_cast<std::size_t>(a[LHS_BATCH][i])] = index[next];
            at_rhs[static_cast<std::size_t>(a[RHS_BATCH][i])] = index[next];
        }
        for (const auto axis : lhs_free) at_lhs[static_cast<std::size_t>(axis)] = index[next++];
        for (const auto axis : rhs_free) at_rhs[static_cast<std::size_t>(axis)] = index[next++];
        Number total = is_complex(e.node.shape.type)          ? Number(Complex128())
                       : real                                 ? Number(0.0)
                       : is_signed_integer(e.node.shape.type) ? Number(std::int64_t{0})
                                                              : Number(std::uint64_t{0});
        for_each_index(inner, [&](const Dims& k) {
            for (std::size_t i = 0; i < k.size(); ++i) {
                at_lhs[static_cast<std::size_t>(a[LHS_CONTRACT][i])] = k[i];
                at_rhs[static_cast<std::size_t>(a[RHS_CONTRACT][i])] = k[i];
            }
            total = combine(add, total,
                            combine(multiply, load(lhs, flat_index(at_lhs, lhs.shape().dims)),
                                    load(rhs, flat_index(at_rhs, rhs.shape().dims))));
        });
        store(result, position++, total);
    });
    return {result};
}

/// Returns the permutation that brings `order`'s dimensions (in the order a product left them) back to 0, 1, 2, …
Tensor restore(const Tensor& product, const Dims& order) {
    Dims permutation(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        permutation[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
    return transpose(product, permutation);
}

/// Returns the right operand's contracted dimensions in the order of the left's sorted ones, and the like.
Dims ordered(const Dims& by, const Dims& values) {
    std::vector<std::size_t> order(by.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](auto i, auto j) { return by[i] < by[j]; });
    Dims result;
    for (const auto i : order) result.push_back(values[i]);
    return result;
}

/// The mapped dimension is one more batch dimension where both sides have it, and a free one of the side that has it.
Tensors dot_vmap(const VmapArguments& v) {
    const auto& a = v.node.attributes;
    DotDimensions d{a[LHS_BATCH], a[RHS_BATCH], a[LHS_CONTRACT], a[RHS_CONTRACT]};
    for (auto* dims : {&d.lhs_batch, &d.lhs_contract})
        if (v.mapped[0]) *dims = behind_mapped(*dims);
    for (auto* dims : {&d.rhs_batch, &d.rhs_contract})
        if (v.mapped[1]) *dims = behind_mapped(*dims);
    if (v.mapped[0] && v.mapped[1]) {
        d.lhs_batch.insert(d.lhs_batch.begin(), 0);
        d.rhs_batch.insert(d.rhs_batch.begin(), 0);
        return {dot_general(v.operands[0], v.operands[1], d)};
    }
    const Tensor product = dot_general(v.operands[0], v.operands[1], d);
    const auto batch = static_cast<std::int64_t>(d.lhs_batch.size());
    const auto lhs_free = v.node.operands[0].rank() - batch - static_cast<std::int64_t>(d.lhs_contract.size());
    const auto at = static_cast<std::size_t>(v.mapped[0] ? batch : batch + lhs_free);
    Dims permutation = counting(0, product.rank());
    std::rotate(permutation.begin(), permutation.begin() + static_cast<std::ptrdiff_t>(at),
                permutation.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    return {transpose(product, permutation)};
}

Tensors dot_vjp(const VjpArguments& v) {
    const auto& a = v.node.attributes;
    const Tensor &lhs = v.operands[0], &rhs = v.operands[1];
    const Dims lhs_free = free_dims(lhs.rank(), a[LHS_BATCH], a[LHS_CONTRACT]);
    const Dims rhs_free = free_dims(rhs.rank(), a[RHS_BATCH], a[RHS_CONTRACT]);
    const auto batch = a[LHS_BATCH].size();
    const Dims batch_dims = counting(0, static_cast<std::int64_t>(batch));
    const Dims of_lhs = counting(static_cast<std::int64_t>(batch), std::ssize(lhs_free));
    const Dims of_rhs = counting(static_cast<std::int64_t>(batch + lhs_free.size()), std::ssize(rhs_free));
    // Each product is written so that a plain matmul's gradients need no transposition: g yᵀ and xᵀ g.
    const Tensor by_lhs = dot_general(v.cotangent, rhs, {batch_dims, a[RHS_BATCH], of_rhs, rhs_free});
    const Tensor by_rhs = dot_general(lhs, v.cotangent, {a[LHS_BATCH], batch_dims, lhs_free, of_lhs});
    return {restore(by_lhs, joined(a[LHS_BATCH], lhs_free, ordered(a[RHS_CONTRACT], a[LHS_CONTRACT]))),
            restore(by_rhs, joined(a[RHS_BATCH], ordered(a[LHS_CONTRACT], a[RHS_CONTRACT]), rhs_free))};
}

}  // namespace

namespace rows {

constinit const Op dot_general{
    .name = "dot_general",
    .spec = "StableHLO specification, dot_general",
    .stablehlo = "stablehlo.dot_general",
    .kind = Kind::STRUCTURAL,
    .evaluate = evaluate_dot,
    .attributes =
        [](const Node& n) {
            const auto& a = n.attributes;
            return fmt::format(
                "dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = {}, rhs_batching_dimensions = "
                "{}, lhs_contracting_dimensions = {}, rhs_contracting_dimensions = {}>, {}",
                list(a[LHS_BATCH]), list(a[RHS_BATCH]), list(a[LHS_CONTRACT]), list(a[RHS_CONTRACT]),
                precision_attribute(n));
        },
    .vjp = dot_vjp,
    .vmap = dot_vmap};

}  // namespace rows

Tensor dot_general(const Operand& lhs, const Operand& rhs, const DotDimensions& dimensions) {
    DotDimensions d = dimensions;
    const Tensor &x = lhs.tensor(), &y = rhs.tensor();
    const auto& where = lhs.location();
    if (x.type() != y.type() || x.type() == DataType::BOOL)
        fail_at(Code::DTYPE_MISMATCH, where,
                fmt::format("dot_general: takes numbers of one type, got {} and {}", to_string(x.shape()),
                            to_string(y.shape())));
    const auto pair_up = [&](const char* what, Dims& left, Dims& right) {  // (C1) … (C10)
        if (left.size() != right.size())
            fail_at(Code::SHAPE_MISMATCH, where,
                    fmt::format("dot_general: {} {} dimensions on the left, {} on the right", left.size(), what,
                                right.size()));
        for (std::size_t i = 0; i < left.size(); ++i) {
            left[i] = normalize_axis("dot_general", left[i], x.rank(), where);
            right[i] = normalize_axis("dot_general", right[i], y.rank(), where);
            const auto a = x.dim(left[i]), b = y.dim(right[i]);
            if (a != b)
                fail_at(Code::SHAPE_MISMATCH, where,
                        fmt::format("dot_general: {} dimensions differ: lhs {} dim {} is {}, rhs {} dim {} is {}; "
                                    "transpose one of them?",
                                    what, to_string(x.shape()), left[i], a, to_string(y.shape()), right[i], b));
        }
    };
    pair_up("batch", d.lhs_batch, d.rhs_batch);
    pair_up("contracting", d.lhs_contract, d.rhs_contract);
    expect_distinct("lhs", x, d.lhs_batch, d.lhs_contract, where);
    expect_distinct("rhs", y, d.rhs_batch, d.rhs_contract, where);
    Shape shape(x.type(), {});
    for (const auto axis : d.lhs_batch) shape.dims.push_back(x.dim(axis));
    for (const auto axis : free_dims(x.rank(), d.lhs_batch, d.lhs_contract)) shape.dims.push_back(x.dim(axis));
    for (const auto axis : free_dims(y.rank(), d.rhs_batch, d.rhs_contract)) shape.dims.push_back(y.dim(axis));
    return record({.op = rows::dot_general,
                   .shape = std::move(shape),
                   .operands = {x, y},
                   .attributes = {d.lhs_batch, d.rhs_batch, d.lhs_contract, d.rhs_contract},
                   .location = where});
}

Tensor matmul(const Operand& lhs, const Operand& rhs) {
    const LocationScope scope(lhs.location());
    Tensor x = lhs.tensor(), y = rhs.tensor();
    if (x.rank() == 0 || y.rank() == 0)
        fail_at(Code::SHAPE_MISMATCH, lhs.location(),
                fmt::format("matmul: takes vectors and matrices, got {} and {}", to_string(x.shape()),
                            to_string(y.shape())));
    const std::int64_t inner = y.rank() == 1 ? 0 : y.rank() - 2;
    if (x.dim(-1) != y.dim(inner))
        fail_at(Code::SHAPE_MISMATCH, lhs.location(),
                fmt::format("matmul: contracting dimensions differ: lhs {} dim {} is {}, rhs {} dim {} is {}; "
                            "transpose one of them?",
                            to_string(x.shape()), x.rank() - 1, x.dim(-1), to_string(y.shape()), inner, y.dim(inner)));
    if (x.rank() <= 2 || y.rank() <= 2) {
        if (y.rank() <= 2)
            return dot_general(Operand(x, lhs.location()), Operand(y, lhs.location()),
                               {{}, {}, {x.rank() - 1}, {inner}});
        if (x.rank() == 1) {
            const Tensor product = matmul(Operand(expand_dims(x, 0), lhs.location()), Operand(y, lhs.location()));
            return squeeze(product, -2);
        }
    }
    const Dims x_lead(x.dims().begin(), x.dims().end() - 2), y_lead(y.dims().begin(), y.dims().end() - 2);
    const auto with_lead = [&](const Tensor& t, const Dims& lead) {
        Dims dims = lead;
        dims.insert(dims.end(), t.dims().end() - 2, t.dims().end());
        return broadcast_to(t, dims, lhs.location());
    };
    const auto lead = broadcast_dims(x_lead, y_lead);
    if (!lead)
        fail_at(Code::SHAPE_MISMATCH, lhs.location(),
                fmt::format("matmul: cannot broadcast {} with {}", to_string(x.shape()), to_string(y.shape())));
    x = with_lead(x, *lead);
    y = with_lead(y, *lead);
    const Dims batch = counting(0, std::ssize(*lead));
    return dot_general(Operand(x, lhs.location()), Operand(y, lhs.location()),
                       {batch, batch, {x.rank() - 1}, {y.rank() - 2}});
}

std::int64_t contracted_count(const Node& dot) {
    std::int64_t count = 1;
    for (const auto axis : dot.attributes[LHS_CONTRACT]) count *= dot.operands[0].dim(axis);
    return count;
}

std::span<const Op* const> contraction_ops() {
    static constexpr std::array ROWS{&rows::dot_general};
    return ROWS;
}

}  // namespace podium
