#include "podium/transform/forward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/transform/transform.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

Tensor given(const HostArray& array) { return constant(array); }

TEST(Jvp, GivesValueAndTangentAsJaxDoes) {
    test::Oracle oracle;
    const HostArray x = f64({3}), y = f64({3}, 2), dx = f64({3}, 3), dy = f64({3}, 4);
    const auto f = [](const Tensor& a, const Tensor& b) { return sin(a) * exp(b) + maximum(a, b); };
    const auto [value, tangent] = jvp(f, std::tuple(given(x), given(y)), std::tuple(given(dx), given(dy)));
    const std::string call =
        "jax.jvp(lambda a, b: jnp.sin(a) * jnp.exp(b) + jnp.maximum(a, b), (x[0], x[1]), (x[2], x[3]))";
    oracle.expect(call + "[0]", {x, y, dx, dy}, value.to_host());
    oracle.expect(call + "[1]", {x, y, dx, dy}, tangent.to_host());
    oracle.check();
}

TEST(Jvp, OfOneArgumentTakesATreeAndGivesTheFormOfTheResult) {
    const std::pair<Tensor, Tensor> x{given(f64({2})), arange(2)}, direction{ones({2}, DataType::FLOAT64), arange(2)};
    const auto [value, tangent] = jvp(
        [](const std::pair<Tensor, Tensor>& in) {
            return std::vector<Tensor>{in.first * 3, in.second + 1};
        },
        x, direction);
    EXPECT_EQ(tangent[0].to_host().as_double(1), 3.0);
    EXPECT_EQ(tangent[1].to_host().as_double(1), 0.0);  // integers do not move
    EXPECT_EQ(value[1].to_host().as_double(1), 2.0);
}

TEST(Jvp, NamesTheTangentThatIsNotLikeItsArgument) {
    expect_error(Code::SHAPE_MISMATCH, "jvp: the tangent f32[3] is not like its argument f32[2]",
                 [] { jvp([](const Tensor& x) { return x; }, zeros({2}), zeros({3})); });
}

TEST(Jvp, OfLoopsRunsThemOnce) {
    const auto f = [](const Tensor& x) {
        return scan([](const Tensor& c, const Tensor& s) { return std::pair(c * s, c + s); }, sum(x), x).second;
    };
    const auto [value, tangent] = jvp(f, given(f64({4})), ones({4}, DataType::FLOAT64));
    std::size_t loops = 0;
    for (const Node* node : topological(Tensors{value, tangent})) loops += node->op == &rows::scan ? 1 : 0;
    EXPECT_EQ(loops, 1);
}

TEST(Linearize, GivesTheDerivativeAsOftenAsWanted) {
    test::Oracle oracle;
    const HostArray x = f64({3});
    const auto [value, derivative] = linearize([](const Tensor& a) { return tanh(a) * sum(a); }, given(x));
    oracle.expect("jnp.tanh(x[0]) * x[0].sum()", {x}, value.to_host());
    for (const std::uint64_t seed : {5, 6})
        oracle.expect("jax.jvp(lambda a: jnp.tanh(a) * a.sum(), (x[0],), (x[1],))[1]", {x, f64({3}, seed)},
                      derivative(given(f64({3}, seed))).to_host());
    oracle.check();
}

TEST(Jacobian, OfBothDirectionsIsJaxs) {
    test::Oracle oracle;
    const HostArray x = f64({2, 3}), w = f64({3, 2}, 2);
    const auto f = [](const Tensor& a, const Tensor& b) { return tanh(matmul(a, b)); };
    const std::string call = "(lambda a, b: jnp.tanh(a @ b))(x[0], x[1])";
    const std::string python = "(lambda a, b: jnp.tanh(a @ b))";
    oracle.expect("jax.jacfwd" + python + "(x[0], x[1])", {x, w}, jacobian_forward(f)(given(x), given(w)).to_host());
    oracle.expect("jax.jacrev" + python + "(x[0], x[1])", {x, w}, jacobian_reverse(f)(given(x), given(w)).to_host());
    oracle.check();
}

TEST(Hessian, OfATwoLayerNetworkIsJaxs) {
    struct Network {
        Tensor first, first_bias, second, second_bias;
    };
    const HostArray x = f64({5, 3}), y = f64({5, 2}, 2);
    const std::vector<HostArray> weights{f64({3, 4}, 3), f64({4}, 4), f64({4, 2}, 5), f64({2}, 6)};
    const Network network{given(weights[0]), given(weights[1]), given(weights[2]), given(weights[3])};
    const auto [flat, back] = ravel(network);
    const auto loss = [&, back = back](const Tensor& parameters) {
        const Network n = back(parameters);
        const Tensor hidden = tanh(matmul(given(x), n.first) + n.first_bias);
        return mean(square(matmul(hidden, n.second) + n.second_bias - given(y)));
    };
    const Tensor found = hessian(loss)(flat);
    test::Oracle oracle;
    std::vector<HostArray> inputs{x, y};
    inputs.insert(inputs.end(), weights.begin(), weights.end());
    oracle.expect(
        "(lambda flat, back: jax.hessian(lambda p: (lambda a, b, c, d: jnp.mean((jnp.tanh(x[0] @ a + b) @ c + d "
        "- x[1]) ** 2))(*back(p)))(flat))(*jax.flatten_util.ravel_pytree(x[2:]))",
        inputs, found.to_host(), 1e-12);
    oracle.check();
}

TEST(Hessian, TakesFurtherArgumentsAndEveryNesting) {
    const HostArray x = f64({3});
    const auto f = [](const Tensor& a, double power) { return sum(exp(a) * a) * power; };
    const Tensor forward_over_reverse = hessian(f)(given(x), 2.0);
    const Tensor reverse_over_forward = jacobian_reverse(
        [&](const Tensor& a) { return jacobian_forward([&](const Tensor& b) { return f(b, 2.0); })(a); })(given(x));
    EXPECT_EQ(test::difference(reverse_over_forward.to_host(), forward_over_reverse.to_host(), 1e-12), "");
    // A Hessian-vector product, and a third derivative.
    const Tensor direction = given(f64({3}, 2));
    const auto gradient = [&](const Tensor& a) { return grad([&](const Tensor& b) { return f(b, 2.0); })(a); };
    const Tensor product = jvp(gradient, given(x), direction).second;
    EXPECT_EQ(test::difference(product.to_host(), matmul(forward_over_reverse, direction).to_host(), 1e-12), "");
    const auto third = grad([&](const Tensor& a) { return sum(jvp(gradient, a, direction).second); })(given(x));
    test::Oracle oracle;
    oracle.expect(
        "jax.grad(lambda a: jax.jvp(jax.grad(lambda b: (jnp.exp(b) * b).sum() * 2), (a,), (x[1],))[1].sum())(x[0])",
        {x, f64({3}, 2)}, third.to_host(), 1e-12);
    oracle.check();
}

TEST(Ravel, GoesBothWaysAndRefusesSeveralTypes) {
    const std::pair<Tensor, Tensor> tree{given(f64({2, 2})), given(f64({3}, 2))};
    const auto [flat, back] = ravel(tree);
    EXPECT_EQ(to_string(flat.shape()), "f64[7]");
    EXPECT_EQ(back(flat).second.to_host(), f64({3}, 2));
    expect_error(Code::SHAPE_MISMATCH, "ravel: f64[6] is not the vector's own f64[7]",
                 [&back = back] { back(zeros({6}, DataType::FLOAT64)); });
    expect_error(Code::DTYPE_MISMATCH, "ravel: leaves are f32[2] and i32[2]",
                 [] { ravel(std::pair(zeros({2}), zeros({2}, DataType::INT32))); });
}

}  // namespace
}  // namespace podium
