// Gradients and batches of Python functions of lists of tensors; podium/_transforms.py makes lists of trees.
#include "bindings.h"

namespace podium::python {
namespace {

using ListFunction = std::function<Tensors(const Tensors&)>;

}  // namespace

void bind_transforms(nb::module_& module) {
    module.def(
        "value_and_grad",
        [](const ListFunction& f, const Tensors& inputs) {
            const LocationScope scope(user_line());
            return value_and_grad([&](const Tensors& leaves) {
                Tensors results = f(leaves);
                const Tensor loss = results.at(0);
                return std::pair(loss, Tensors(results.begin() + 1, results.end()));
            })(inputs);
        },
        "f"_a, "inputs"_a, "Returns ((loss, the other results), the gradients of the loss by the inputs).");
    module.def(
        "vjp",
        [](const ListFunction& f, const Tensors& inputs) {
            const LocationScope scope(user_line());
            auto [results, back] = vjp(f, inputs);
            return std::pair(results, ListFunction([back = std::move(back)](const Tensors& cotangents) {
                                 return std::get<0>(back(cotangents));
                             }));
        },
        "f"_a, "inputs"_a, "Returns (results, the function from cotangents of them to gradients by the inputs).");
    module.def(
        "jvp",
        [](const ListFunction& f, const Tensors& inputs, const Tensors& tangents) {
            const LocationScope scope(user_line());
            return jvp(f, inputs, tangents);
        },
        "f"_a, "inputs"_a, "tangents"_a, "Returns (results, their tangents).");
    module.def(
        "vmap",
        [](const ListFunction& f, const Tensors& inputs, const std::vector<std::optional<std::int64_t>>& axes) {
            VmapTrace trace(user_line());
            Tensors examples;
            for (std::size_t i = 0; i < inputs.size(); ++i)
                examples.push_back(axes.at(i) ? trace.enter(inputs[i], *axes[i]) : inputs[i]);
            return trace.leave(f(examples), 0);
        },
        "f"_a, "inputs"_a, "axes"_a, "Returns f of every example, along a new first dimension.");
    module.def(
        "remat",
        [](const ListFunction& f, const Tensors& inputs, bool dots) {
            return remat_list(f, inputs, user_line(), dots ? RematPolicy::DOTS : RematPolicy::NOTHING);
        },
        "f"_a, "inputs"_a, "dots"_a);
    module.def(
        "custom_vjp",
        [](const ListFunction& f, const ListFunction& forward, const ListFunction& backward, const Tensors& inputs) {
            return custom_vjp_list(f, forward, backward, inputs, user_line());
        },
        "f"_a, "forward"_a, "backward"_a, "inputs"_a);
}

void bind_loops(nb::module_& module) {
    module.def(
        "scan",
        [](const ListFunction& body, const Tensors& carry, const Tensors& xs, std::int64_t length, bool reversed) {
            return scan_list(body, carry, xs, length, reversed, user_line());
        },
        "body"_a, "carry"_a, "xs"_a, "length"_a, "reversed"_a);
    module.def(
        "while_loop",
        [](const std::function<Tensor(const Tensors&)>& condition, const ListFunction& body, const Tensors& state) {
            return while_loop([&](const Tensors& now) { return Tensors{condition(now)}; }, body, state, user_line());
        },
        "condition"_a, "body"_a, "state"_a);
    module.def(
        "cond",
        [](const Tensor& predicate, const ListFunction& if_true, const ListFunction& if_false,
           const Tensors& operands) { return cond(predicate, if_true, if_false, operands, user_line()); },
        "predicate"_a, "if_true"_a, "if_false"_a, "operands"_a);
    module.def(
        "associative_scan",
        [](const ListFunction& combine, const Tensors& elements, std::int64_t axis, bool reversed) {
            return associative_scan_list(combine, elements, axis, reversed, user_line());
        },
        "combine"_a, "elements"_a, "axis"_a, "reversed"_a);
}

}  // namespace podium::python
