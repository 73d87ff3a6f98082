#include "podium/nn/activations.h"

#include <cmath>
#include <numbers>

#include "podium/ir/log_add_exp.h"
#include "podium/nn/located.h"

namespace podium::nn {
namespace {

/// A row of its own for its gradient, y (g - sum(y g)): of the forward pass it keeps the result and nothing else.
constinit const Op SOFTMAX{
    .name = "softmax",
    .spec = "podium: exp(x - max(x)) / sum(exp(x - max(x))) along an axis",
    .kind = Kind::COMPOSITE,
    .types = Types::FLOAT,
    .expand = [](const Node& node) -> Tensors {
        const Located at(node.location);
        const Dims axis = node.attributes[0];
        const Tensor& x = node.operands[0];
        const Tensor powers = exp(at(at(x) - max(at(x), axis, true)));
        return {at(powers) / sum(at(powers), axis, true)};
    },
    .vjp = [](const VjpArguments& v) -> Tensors {
        const Located at(v.node.location);
        const Tensor weighted = at(v.result) * v.cotangent;
        return {at(weighted) - at(v.result) * sum(at(weighted), v.node.attributes[0], true)};
    },
    .vmap = [](const VmapArguments& v) -> Tensors { return {softmax(v.operands[0], v.node.integer(0) + 1)}; }};

}  // namespace

// Not max(x, 0): the comparison is false for NaN, which therefore goes through.
Tensor relu(const Operand& x) { return select(Operand(less_equal(x, 0.0), x.location()), 0.0, x); }

Tensor gelu(const Operand& x) {
    const Located at(x.location());
    const Tensor cube = at(multiply(x, x)) * x;
    const Tensor inner = at(add(x, at(cube) * 0.044715)) * std::sqrt(2.0 / std::numbers::pi);
    return multiply(x, at(at(tanh(at(inner))) + 1.0) * 0.5);
}

Tensor gelu_exact(const Operand& x) {
    const Located at(x.location());
    return multiply(x, at(at(erf(at(multiply(x, std::numbers::sqrt2 / 2)))) + 1.0) * 0.5);
}

Tensor silu(const Operand& x) { return multiply(x, logistic(x)); }

Tensor softplus(const Operand& x) {
    const LocationScope scope(x.location());
    return log_add_exp(x.tensor(), zeros_like(x));
}

Tensor softmax(const Operand& x, std::int64_t axis) {
    const Tensor& tensor = x.tensor();
    if (!is_float(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("softmax: takes floating-point numbers, got {}", to_string(tensor.shape())));
    return record({.op = SOFTMAX,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor},
                   .attributes = {{normalize_axis("softmax", axis, tensor.rank(), x.location())}},
                   .location = x.location()});
}

Tensor log_softmax(const Operand& x, std::int64_t axis) {
    const Located at(x.location());
    const Tensor shifted = subtract(x, stop_gradient(at(max(x, {axis}, true))));
    const Tensor total = sum(at(exp(at(shifted))), {axis}, true);
    return at(shifted) - log(at(total));
}

}  // namespace podium::nn
