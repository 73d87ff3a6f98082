#include "podium/numeric/linalg_products.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium::linalg {
namespace {

using test::f64;

TensorFunction of(Tensor (*f)(const Tensor&)) {
    return [=](const Tensors& in) { return Tensors{f(in[0])}; };
}
TensorFunction of_two(Tensor (*f)(const Tensor&, const Tensor&)) {
    return [=](const Tensors& in) { return Tensors{f(in[0], in[1])}; };
}

TEST(LinalgProducts, ExamplesAreJaxs) {
    using T = const Tensor&;
    test::expect_examples({
        {"jnp.diagonal(x[0], 0, -2, -1)", of([](T x) { return diagonal(x); }), {f64({2, 3, 4})}},
        {"jnp.diagonal(x[0], 1, 0, 2)", of([](T x) { return diagonal(x, 1, 0, 2); }), {f64({2, 3, 4})}},
        {"jnp.diagonal(x[0], -1)", of([](T x) { return diagonal(x, -1); }), {f64({4, 3})}},
        {"like(jnp.trace(x[0], 0, -2, -1), x[0])", of([](T x) { return trace(x); }), {f64({2, 3, 3})}},
        {"like(jnp.trace(x[0], -2), x[0])", of([](T x) { return trace(x, -2); }), {f64({3, 3})}},
        {"jnp.diag(x[0])", of([](T x) { return diag(x); }), {f64({3})}},
        {"jnp.diag(x[0], 2)", of([](T x) { return diag(x, 2); }), {f64({2})}},
        {"jnp.diag(x[0], -1)", of([](T x) { return diag(x, -1); }), {f64({2})}},
        {"jnp.diag(x[0], 1)", of([](T x) { return diag(x, 1); }), {f64({3, 3})}},
        {"jnp.outer(x[0], x[1])", of_two([](T x, T y) { return outer(x, y); }), {f64({2, 2}), f64({3}, 2)}},
        {"jnp.inner(x[0], x[1])", of_two([](T x, T y) { return inner(x, y); }), {f64({2, 3}), f64({4, 3}, 2)}},
        {"jnp.inner(x[0], x[1])", of_two([](T x, T y) { return inner(x, y); }), {f64({}), f64({3}, 2)}},
        {"jnp.vdot(x[0], x[1])", of_two([](T x, T y) { return vdot(x, y); }), {f64({2, 2}), f64({4}, 2)}},
        {"jnp.tensordot(x[0], x[1])",
         of_two([](T x, T y) { return tensordot(x, y); }),
         {f64({2, 3, 2}), f64({3, 2}, 2)}},
        {"jnp.tensordot(x[0], x[1], 0)", of_two([](T x, T y) { return tensordot(x, y, 0); }), {f64({2}), f64({3}, 2)}},
        {"jnp.tensordot(x[0], x[1], ((2, 0), (0, 1)))",
         of_two([](T x, T y) {
             return tensordot(x, y, {2, 0}, {0, 1});
         }),
         {f64({2, 3, 4}), f64({4, 2}, 2)}},
        {"jnp.kron(x[0], x[1])", of_two([](T x, T y) { return kron(x, y); }), {f64({2, 3}), f64({2, 2}, 2)}},
        {"jnp.kron(x[0], x[1])", of_two([](T x, T y) { return kron(x, y); }), {f64({2}), f64({2, 2}, 2)}},
    });
}

TEST(LinalgProducts, VdotConjugatesItsFirst) {
    const std::vector inputs{test::sample({DataType::COMPLEX128, {3}}),
                             test::sample({DataType::COMPLEX128, {3}}, -2, 2, 2)};
    const auto found = test::run(
        [](const Tensors& in) -> Tensors {
            return {vdot(in[0], in[1]), sum(conj(in[0]) * in[1])};
        },
        inputs);
    EXPECT_EQ(test::difference(found[0], found[1], 1e-12), "");
}

TEST(LinalgProducts, DiagonalsOutsideAreEmpty) {
    EXPECT_EQ(diagonal(zeros({2, 3}), 5).dims(), Dims{0});
    EXPECT_EQ(diagonal(zeros({2, 3}), -2).dims(), Dims{0});
}

TEST(LinalgProducts, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "diag: takes a vector or a matrix, got f32[2,2,2]", [] {
        diag(zeros({2, 2, 2}));
    });
    expect_error(Code::INVALID_ARGUMENT, "diagonal: dimension 0 of f32[2,2] is named twice", [] {
        diagonal(zeros({2, 2}), 0, 0, -2);
    });
    expect_error(Code::INVALID_ARGUMENT, "tensordot: f32[2] and f32[2] have no 2 dimensions each",
                 [] { tensordot(zeros({2}), zeros({2})); });
}

}  // namespace
}  // namespace podium::linalg
