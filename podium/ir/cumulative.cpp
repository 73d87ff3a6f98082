#include "podium/ir/cumulative.h"

#include "podium/ir/control.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/log_add_exp.h"

namespace podium {
namespace {

Tensor scanned_by(const Binary& combiner, const Operand& x, std::int64_t axis, bool reversed) {
    return associative_scan_list([&](const Tensors& t) -> Tensors { return {combiner(t[0], t[1])}; }, {x.tensor()},
                                 axis, reversed, x.location())[0];
}

}  // namespace

Tensor log_add_exp(const Tensor& x, const Tensor& y) {
    const Tensor high = maximum(x, y), low = minimum(x, y);
    const Tensor gap = select(equal(high, low), zeros_like(high), low - high);  // infinities are equal, too
    return high + log1p(exp(gap));
}

namespace rows {

constinit const Op cumulative_sum{
    .name = "cumulative_sum",
    .spec = "podium: running sums along an axis, by an associative scan; their cotangents are summed the other way",
    .kind = Kind::COMPOSITE,
    .types = Types::NUMBER,
    .expand = [](const Node& node) -> Tensors {
        return {scanned_by(add, Operand(node.operands[0], node.location), node.integer(0), node.integer(1) != 0)};
    },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {podium::cumulative_sum(v.cotangent, v.node.integer(0), v.node.integer(1) == 0)};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        return {podium::cumulative_sum(v.operands[0], v.node.integer(0) + 1, v.node.integer(1) != 0)};
    }};

}  // namespace rows

Tensor cumulative_sum(const Operand& x, std::int64_t axis, bool reversed) {
    const Tensor& tensor = x.tensor();
    if (!takes(Types::NUMBER, tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("cumulative_sum: takes numbers, got {}; convert it", to_string(tensor.shape())));
    return record(
        {.op = rows::cumulative_sum,
         .shape = Shape(tensor.type(), tensor.dims()),
         .operands = {tensor},
         .attributes = {{normalize_axis("cumulative_sum", axis, tensor.rank(), x.location())}, {reversed ? 1 : 0}},
         .location = x.location()});
}

Tensor cumulative_product(const Operand& x, std::int64_t axis, bool reversed) {
    return scanned_by(multiply, x, axis, reversed);
}
Tensor cumulative_max(const Operand& x, std::int64_t axis, bool reversed) {
    return scanned_by(maximum, x, axis, reversed);
}
Tensor cumulative_min(const Operand& x, std::int64_t axis, bool reversed) {
    return scanned_by(minimum, x, axis, reversed);
}
Tensor cumulative_logsumexp(const Operand& x, std::int64_t axis, bool reversed) {
    return associative_scan_list([](const Tensors& t) -> Tensors { return {log_add_exp(t[0], t[1])}; }, {x.tensor()},
                                 axis, reversed, x.location())[0];
}

std::span<const Op* const> cumulative_ops() {
    static constexpr std::array ROWS{&rows::cumulative_sum};
    return ROWS;
}

}  // namespace podium
