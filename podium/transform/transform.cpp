#include "podium/ir/batching.h"
#include "podium/transform/forward.h"

namespace podium {
namespace {

constinit const Op VARIABLE{.name = "variable",
                            .spec = "podium: the identity that a gradient is taken by",
                            .kind = Kind::COMPOSITE,
                            .types = Types::ANY,
                            .expand = [](const Node& node) -> Tensors { return {node.operands[0]}; },
                            .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent}; },
                            .vmap = map_alike};

}  // namespace

Tensors fresh(const Tensors& tensors) {
    Tensors results;
    for (const auto& tensor : tensors)
        results.push_back(
            record({.op = VARIABLE, .shape = tensor.shape(), .operands = {tensor}, .location = tensor->location}));
    return results;
}

void expect_differentiable(const Tensors& inputs) {
    for (const auto& input : inputs)
        if (!is_inexact(input.type()))
            fail(Code::DTYPE_MISMATCH,
                 "grad: a gradient is by floating-point or complex tensors, a leaf is {}; pass it as another argument",
                 to_string(input.shape()));
}

void expect_scalar(const Tensor& loss) {
    if (loss.rank() != 0 || !is_float(loss.type()))
        fail_at(Code::SHAPE_MISMATCH, loss->location,
                fmt::format(
                    "grad: the loss must be a floating-point scalar, the function returned {}; take its mean or sum",
                    to_string(loss.shape())));
}

Tensors filled(const Tensors& gradients, const Tensors& inputs) {
    Tensors results;
    for (std::size_t i = 0; i < inputs.size(); ++i) results.push_back(or_zeros(gradients[i], inputs[i].shape()));
    return results;
}

Tensors tangents_like(const Tensors& inputs, const Tensors& tangents) {
    Tensors results;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Shape& shape = inputs[i].shape();
        if (!is_inexact(shape.type)) {
            results.emplace_back();
            continue;
        }
        if (!(tangents[i].shape() == shape))
            fail(Code::SHAPE_MISMATCH, "jvp: the tangent {} is not like its argument {}",
                 to_string(tangents[i].shape()), to_string(shape));
        results.push_back(tangents[i]);
    }
    return results;
}

}  // namespace podium
