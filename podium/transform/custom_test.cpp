#include "podium/transform/custom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unordered_map>
#include <unordered_set>

#include "podium/base/expect_error.h"
#include "podium/transform/transform.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;
using test::sample;

/// x * y whose gradient by x is clipped to [-1, 1], and by y is doubled.
const auto CLIPPED =
    custom_vjp([](const Tensor& x, const Tensor& y) { return sin(x) * y; },
               [](const Tensor& x, const Tensor& y) { return std::pair(sin(x) * y, std::pair(cos(x), y)); },
               [](const std::pair<Tensor, Tensor>& kept, const Tensor& cotangent) {
                   return std::tuple(clamp(-1.0, kept.first * kept.second * cotangent, 1.0), cotangent * 2.0);
               });
constexpr const char* PYTHON = R"((lambda f: (f.defvjp(lambda x, y: (jnp.sin(x) * y, (jnp.cos(x), y)),
    lambda k, c: (jnp.clip(k[0] * k[1] * c, -1, 1), c * 2)), f)[1])(jax.custom_vjp(lambda x, y: jnp.sin(x) * y)))";

TEST(CustomVjp, GivesItsOwnGradient) {
    test::Oracle oracle;
    const HostArray x = f64({4}), y = sample(Shape(DataType::FLOAT64, {4}), 1, 9, 3);
    const auto loss = [](const std::pair<Tensor, Tensor>& in) { return sum(square(CLIPPED(in.first, in.second))); };
    const auto [value, gradient] = value_and_grad(loss)(std::pair(constant(x), constant(y)));
    const std::string call = fmt::format("jax.grad(lambda x, y: ({}(x, y) ** 2).sum(), (0, 1))(*x)", PYTHON);
    oracle.expect("((jnp.sin(x[0]) * x[1]) ** 2).sum()", {x, y}, value.to_host());
    oracle.expect(call + "[0]", {x, y}, gradient.first.to_host());
    oracle.expect(call + "[1]", {x, y}, gradient.second.to_host());
    oracle.check();
}

TEST(CustomVjp, KeepsItsGradientWhenMapped) {
    test::Oracle oracle;
    const HostArray x = f64({3, 4}), y = sample(Shape(DataType::FLOAT64, {4}), 1, 9, 3);
    const auto loss = [](const std::pair<Tensor, Tensor>& in) {
        return sum(vmap(CLIPPED, {.in_axes = {0, std::nullopt}})(in.first, in.second));
    };
    const auto found = grad(loss)(std::pair(constant(x), constant(y)));
    const std::string call =
        fmt::format("jax.grad(lambda x, y: jax.vmap({}, (0, None))(x, y).sum(), (0, 1))(*x)", PYTHON);
    oracle.expect(call + "[0]", {x, y}, found.first.to_host());
    oracle.expect(call + "[1]", {x, y}, found.second.to_host());
    const Tensor each = vmap(grad([](const Tensor& a, const Tensor& b) { return sum(CLIPPED(a, b)); }),
                             {.in_axes = {0, std::nullopt}})(constant(x), constant(y));
    oracle.expect(fmt::format("jax.vmap(jax.grad(lambda x, y: {}(x, y).sum()), (0, None))(*x)", PYTHON), {x, y},
                  each.to_host());
    oracle.check();
}

TEST(CustomVjp, HasTangentsByTransposition) {
    const HostArray x = f64({4}), y = sample(Shape(DataType::FLOAT64, {4}), 0.1, 0.5, 3);  // nothing is clipped
    const auto f = [&](const Tensor& a) { return CLIPPED(a, constant(y)); };
    const auto [value, tangent] = jvp(f, constant(x), ones({4}, DataType::FLOAT64));
    EXPECT_EQ(test::difference(tangent.to_host(), (cos(constant(x)) * constant(y)).to_host(), 1e-12), "");
    EXPECT_EQ(test::difference(value.to_host(), f(constant(x)).to_host(), 0), "");
    // Forward over reverse: what the backward pass kept moves too.
    const Tensor second = jvp([&](const Tensor& a) { return grad([&](const Tensor& b) { return sum(f(b)); })(a); },
                              constant(x), ones({4}, DataType::FLOAT64))
                              .second;
    EXPECT_EQ(test::difference(second.to_host(), (negate(sin(constant(x))) * constant(y)).to_host(), 1e-12), "");
}

TEST(CustomVjp, MayCaptureWhatIsOutside) {
    const Tensor scale = constant(f64({3}, 9));
    const auto f =
        custom_vjp([&](const Tensor& x) { return x * scale; }, [&](const Tensor& x) { return std::pair(x * scale, x); },
                   [&](const Tensor&, const Tensor& cotangent) { return std::tuple(cotangent * scale * 10.0); });
    const Tensor gradient = grad([&](const Tensor& x) { return sum(f(x)); })(constant(f64({3})));
    EXPECT_EQ(test::difference(gradient.to_host(), (scale * 10.0).to_host(), 1e-12), "");
}

TEST(CustomVjp, SaysWhatDoesNotFit) {
    const auto f = custom_vjp([](const Tensor& x) { return x; }, [](const Tensor& x) { return std::pair(x, x); },
                              [](const Tensor&, const Tensor& cotangent) { return std::tuple(sum(cotangent)); });
    expect_error(Code::SHAPE_MISMATCH, "custom_vjp: backward returned f32[] as tensor 0, f32[3] is needed",
                 [&] { f(zeros({3})); });
}

/// log(1 + e^x) with a derivative that does not overflow.
const auto SOFTPLUS = custom_jvp([](const Tensor& x) { return log1p(exp(x)); },
                                 [](const std::tuple<Tensor>& at, const std::tuple<Tensor>& direction) {
                                     return logistic(std::get<0>(at)) * std::get<0>(direction);
                                 });

TEST(CustomJvp, GivesItsOwnDerivativeInEveryDirection) {
    test::Oracle oracle;
    const HostArray x = HostArray::of<double>({3}, std::vector<double>{-3, 0.5, 800});  // e^800 overflows
    const HostArray ones_of_x = HostArray::of<double>({3}, std::vector<double>{1, 1, 1});
    const auto total = [](const Tensor& a) { return sum(SOFTPLUS(a)); };
    oracle.expect("jax.nn.sigmoid(x[0])", {x}, grad(total)(constant(x)).to_host());
    oracle.expect("jax.nn.sigmoid(x[0])", {x}, jvp(SOFTPLUS, constant(x), constant(ones_of_x)).second.to_host());
    oracle.expect("jax.nn.sigmoid(x[0])", {x}, vmap(grad(SOFTPLUS))(constant(x)).to_host());
    oracle.expect("jax.vmap(jax.grad(jax.grad(jax.nn.softplus)))(x[0])", {x},
                  vmap(grad(grad(SOFTPLUS)))(constant(x)).to_host());
    oracle.check();
}

TEST(CustomJvp, OfSeveralArgumentsTakesTangentsOfEach) {
    const auto f = custom_jvp([](const Tensor& x, const Tensor& y) { return x * y; },
                              [](const std::tuple<Tensor, Tensor>& at, const std::tuple<Tensor, Tensor>& direction) {
                                  return std::get<0>(direction) * std::get<1>(at) * 3.0 +
                                         std::get<1>(direction) * std::get<0>(at) * 5.0;
                              });
    const auto gradient = grad([&](const std::pair<Tensor, Tensor>& in) { return sum(f(in.first, in.second)); })(
        std::pair(constant(f64({2})), constant(f64({2}, 2))));
    EXPECT_EQ(test::difference(gradient.first.to_host(), (constant(f64({2}, 2)) * 3.0).to_host(), 1e-12), "");
    EXPECT_EQ(test::difference(gradient.second.to_host(), (constant(f64({2})) * 5.0).to_host(), 1e-12), "");
}

/// Returns how many matrix products a program of the tensors runs: composites are expanded.
std::size_t products_in(Tensors pending) {
    std::unordered_map<const Node*, Tensors> expansions;
    std::unordered_set<const Node*> seen;
    std::size_t count = 0;
    while (!pending.empty()) {
        const Tensor tensor = pending.back();
        pending.pop_back();
        const bool of_composite = tensor->op->kind == Kind::RESULT && tensor->operands[0]->op->kind == Kind::COMPOSITE;
        const Node* composite = of_composite                          ? tensor->operands[0].node().get()
                                : tensor->op->kind == Kind::COMPOSITE ? tensor.node().get()
                                                                      : nullptr;
        if (composite != nullptr) {
            if (!expansions.contains(composite)) expansions[composite] = composite->op->expand(*composite);
            pending.push_back(expansions[composite][of_composite ? static_cast<std::size_t>(tensor->integer(0)) : 0]);
        } else if (seen.insert(tensor.node().get()).second) {
            count += tensor->op == &rows::dot_general ? 1 : 0;
            pending.insert(pending.end(), tensor->operands.begin(), tensor->operands.end());
        }
    }
    return count;
}

TEST(Remat, KeepsWhatItsPolicySays) {
    const HostArray x = f64({3, 3}), w = f64({3, 3}, 2);
    const auto block = [](const Tensor& a, const Tensor& b) {
        return sum(sin(matmul(tanh(named(matmul(a, b), "product")), b)));
    };
    const auto both = [&](const auto& f) {
        return value_and_grad([&](const Tensor& b) { return f(constant(x), b); })(constant(w));
    };
    const auto [value, plain] = both(block);
    const std::size_t least = products_in({value, plain});
    const std::pair<RematPolicy, std::size_t> again[]{{RematPolicy::EVERYTHING, 0},
                                                      {RematPolicy::NOTHING, 2},
                                                      {RematPolicy::DOTS, 0},
                                                      {{.names = {"other", "product"}}, 1},
                                                      {{.names = {"prod"}}, 2}};
    for (const auto& [policy, count] : again) {
        const auto [same, found] = both(remat(block, policy));
        EXPECT_EQ(test::difference(found.to_host(), plain.to_host(), 1e-12), "");
        EXPECT_EQ(products_in({same, found}), least + count) << fmt::format("{}", fmt::join(policy.names, ","));
    }
    // A second derivative goes through what was kept.
    const auto twice = [&](const RematPolicy& policy) {
        return grad([&](const Tensor& b) {
            return sum(square(grad([&](const Tensor& c) { return remat(block, policy)(constant(x), c); })(b)));
        })(constant(w));
    };
    EXPECT_EQ(test::difference(twice(RematPolicy::DOTS).to_host(), twice(RematPolicy::EVERYTHING).to_host(), 1e-12),
              "");
}

}  // namespace
}  // namespace podium
