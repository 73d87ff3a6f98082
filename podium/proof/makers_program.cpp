// Samples of rows that arrange others (control, plumbing), of rows between devices, each alone in its group, and of
// what podium adds. And the table of all makers.
#include <algorithm>
#include <array>

#include "podium/ir/ops.h"
#include "podium/proof/allowances.h"
#include "podium/proof/makers.h"

namespace podium::proof {
namespace {

const Groups ALONE{{0}};

Tensors same(const Tensors& tensors) { return tensors; }
Tensors swapped(const Tensors& tensors) { return {tensors[1], tensors[0]}; }

/// Two operands of one shape.
Tensors pair(Draw& d) {
    const Dims dims = d.any_dims();
    Tensors both{d.operand(dims)};
    both.push_back(d.operand(dims));
    return both;
}

/// Every elementwise row: operands of the row's types, and among them scalars' shapes and empty ones. What functions of
/// complex numbers are at infinities, where they overflow, and on which side of a branch cut a zero lies, is nowhere
/// specified: IEEE 754 has no complex numbers. Nor is what CHLO's functions of two numbers are outside of the domain in
/// which they are used.
Tensors make_elementwise(Draw& d) {
    constexpr std::int64_t MANY = 64, HOW_RARELY_SMALL = 4;
    const Dims dims = d.below(HOW_RARELY_SMALL) == 0 ? d.any_dims() : Dims{MANY};
    const bool of_domain = &d.op == &polygamma || &d.op == &zeta;
    const bool by_parts = is_complex(d.type) && allowance_of(d.op).op != nullptr;
    const Values values = of_domain || by_parts ? Values::DOMAIN : Values::ANY;
    Tensors operands;
    for (int i = 0; i < d.op.arity; ++i)
        operands.push_back(d.operand(Shape(d.op.condition && i == 0 ? DataType::BOOL : d.type, dims), values));
    return {
        record({.op = d.op, .shape = Shape(result_type(d.op.gives, d.type), dims), .operands = std::move(operands)})};
}

Tensors make_stop_gradient(Draw& d) { return {stop_gradient(d.operand(d.any_dims()))}; }
Tensors make_bessel_i0e(Draw& d) { return {bessel_i0e(d.operand({24}, Values::DOMAIN))}; }

Tensors make_while(Draw& d) {
    Tensors state{d.integers({}, 0, 3), d.integers({}, 0, 5)};
    for (const auto& each : pair(d)) state.push_back(each);
    return while_loop([](const Tensors& t) -> Tensors { return {less(t[0], t[1])}; },
                      [](const Tensors& t) -> Tensors {
                          return {t[0] + 1, t[1], t[3], t[2]};
                      },
                      state);
}
Tensors make_case(Draw& d) {
    const Tensor index = d.integers({}, -1, 4);
    return switch_case(index, {same, swapped, same}, pair(d));
}
Tensors make_if(Draw& d) {
    const Tensor condition = d.operand(Shape(DataType::BOOL, {}));
    return cond(condition, same, swapped, pair(d));
}
Tensors make_barrier(Draw& d) { return optimization_barrier(pair(d)); }
Tensors make_scan(Draw& d) {
    const auto length = d.between(1, 4), size = d.between(1, 3);
    const Tensor carry = d.operand({size}), xs = d.operand({length, size});
    return scan_list([](const Tensors& t) -> Tensors { return {t[1], t[0]}; }, {carry}, {xs}, length, d.coin());
}
Tensors make_remat(Draw& d) { return remat_list(swapped, pair(d)); }
Tensors make_hold(Draw& d) {
    const Tensors both = pair(d);
    return hold_until({both[0]}, {zeros(both[0].dims())});
}
Tensors make_named(Draw& d) { return {named(d.operand(d.any_dims()), "x")}; }
Tensors make_custom_vjp(Draw& d) { return custom_vjp_list(swapped, swapped, swapped, pair(d)); }
Tensors make_custom_jvp(Draw& d) { return custom_jvp_list(swapped, swapped, pair(d)); }
Tensors make_tuple(Draw& d) { return through_tuple(pair(d)); }
Tensors make_composite(Draw& d) { return composite("podium.swapped", swapped, pair(d)); }

const Binary& between_devices(Draw& d) { return d.type == DataType::BOOL ? logical_or : add; }
Tensors make_all_reduce(Draw& d) { return {all_reduce(between_devices(d), d.operand(d.any_dims()), ALONE)}; }
Tensors make_collective_reduce(Draw& d) {
    return {collective_reduce(between_devices(d), d.operand(d.any_dims()), ALONE)};
}
Tensors make_reduce_scatter(Draw& d) {
    return {reduce_scatter(between_devices(d), d.operand({3, 2}), d.below(2), ALONE)};
}
Tensors make_all_gather(Draw& d) { return {all_gather(d.operand({3, 2}), d.below(2), ALONE)}; }
Tensors make_all_to_all(Draw& d) { return {all_to_all(d.operand({3, 2}), d.below(2), d.below(2), ALONE)}; }
Tensors make_collective_broadcast(Draw& d) { return {collective_broadcast(d.operand(d.any_dims()), ALONE)}; }
Tensors make_collective_permute(Draw& d) { return {collective_permute(d.operand(d.any_dims()), {{0, 0}})}; }
Tensors make_partition_id(Draw&) { return {partition_id()}; }
Tensors make_replica_id(Draw&) { return {replica_id()}; }
Tensors make_asynchronous(Draw& d) {
    return {asynchronously([](const Tensor& t) { return all_gather(t, 0, ALONE); }, d.operand({3, 2}))};
}

std::span<const MakerRow> program_makers() {
    static constexpr std::array ROWS{
        MakerRow{&rows::stop_gradient, make_stop_gradient},
        MakerRow{&rows::bessel_i0e, make_bessel_i0e},
        MakerRow{&rows::while_loop, make_while},
        MakerRow{&rows::conditional, make_case},
        MakerRow{&rows::if_else, make_if},
        MakerRow{&rows::optimization_barrier, make_barrier},
        MakerRow{&rows::scan, make_scan},
        MakerRow{&rows::remat, make_remat},
        MakerRow{&rows::hold, make_hold},
        MakerRow{&rows::named, make_named},
        MakerRow{&rows::custom_vjp, make_custom_vjp},
        MakerRow{&rows::custom_jvp, make_custom_jvp},
        MakerRow{&rows::tuple, make_tuple},
        MakerRow{&rows::get_tuple_element, make_tuple},
        MakerRow{&rows::composite, make_composite},
        MakerRow{&rows::all_reduce, make_all_reduce},
        MakerRow{&rows::all_gather, make_all_gather},
        MakerRow{&rows::reduce_scatter, make_reduce_scatter},
        MakerRow{&rows::all_to_all, make_all_to_all},
        MakerRow{&rows::collective_broadcast, make_collective_broadcast},
        MakerRow{&rows::collective_permute, make_collective_permute},
        MakerRow{&rows::collective_reduce, make_collective_reduce},
        MakerRow{&rows::partition_id, make_partition_id},
        MakerRow{&rows::replica_id, make_replica_id},
        MakerRow{&rows::async_start, make_asynchronous},
        MakerRow{&rows::async_done, make_asynchronous},
    };
    return ROWS;
}

}  // namespace

Maker maker_of(const Op& op) {
    for (const auto& family : {movement_makers(), arithmetic_makers(), program_makers()}) {
        const auto found =
            std::find_if(family.begin(), family.end(), [&](const MakerRow& row) { return row.op == &op; });
        if (found != family.end()) return found->make;
    }
    return op.kind == Kind::ELEMENTWISE && op.arity > 0 ? make_elementwise : nullptr;
}

}  // namespace podium::proof
