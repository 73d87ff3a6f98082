#pragma once

#include <functional>
#include <string>
#include <vector>

#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::test {

/// One function in two languages. `jax` is an expression of the dict `p`, whose arrays are `inputs`.
struct JaxCase {
    std::string name;
    Tree inputs;
    std::function<Tensor(const Tree&)> ours;
    std::string jax;
};

/// Expects value and gradients (of the result's sum, weighted unevenly) to be JAX's in f64. One process for all cases.
inline void expect_as_jax(const std::vector<JaxCase>& cases, double tolerance = 1e-12) {
    const auto weighted = [](const Tensor& y) {
        return sum(y * cos(convert(reshape(arange(y.shape().count()), y.dims()), DataType::FLOAT64)));
    };
    TreeBuilder<Tensor> inputs;
    std::string script = R"(
def case(name, f):
    def weighted(p):
        y = f(p)
        return (y * jnp.cos(jnp.arange(y.size).reshape(y.shape))).sum(), y
    p = {k[len(name) + 1:]: v for k, v in given.items() if k.startswith(name + '.')}
    (_, out[name]), gradient = jax.jit(jax.value_and_grad(weighted, has_aux=True))(p)
    out.update({f'{name}.{k}': v for k, v in gradient.items()})
)";
    for (const auto& each : cases) {
        inputs.add(each.name, each.inputs);
        script.append(fmt::format("case('{}', lambda p: {})\n", each.name, each.jax));
    }
    const auto expected = jax_results(script, inputs.build());
    for (const auto& each : cases) {
        expect_near(each.ours(each.inputs).to_host(), expected[each.name], tolerance, each.name);
        const Tree gradient = grad([&](const Tree& p) { return weighted(each.ours(p)); })(each.inputs);
        const auto ours = interpreted(gradient.leaves());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const auto path = join_path(each.name, gradient.path(i));
            expect_near(ours[i], expected[path], tolerance, "gradient of " + path);
        }
    }
}

}  // namespace podium::test
