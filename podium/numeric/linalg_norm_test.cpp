#include "podium/numeric/linalg_norm.h"

#include <gtest/gtest.h>

#include <deque>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "podium/numeric/linalg_spectral.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium::linalg {
namespace {

using test::f64;

constexpr double INFINITE = std::numeric_limits<double>::infinity();

TEST(LinalgNorm, ExamplesAreJaxs) {
    struct Row {
        std::string jax;
        NormOptions options;
        Dims dims;
    };
    const std::vector<Row> rows{
        {"", {}, {3}},
        {"", {}, {2, 3}},
        {"axis=1", {.axes = {1}}, {2, 3}},
        {"axis=(0, 2), keepdims=True", {.axes = {0, 2}, .keep_dims = true}, {2, 3, 2}},
        {"ord=1", {.order = 1}, {3}},
        {"ord=2", {.order = 2}, {3}},
        {"ord=3", {.order = 3}, {3}},
        {"ord=0.5, axis=-1, keepdims=True", {.order = 0.5, .axes = {-1}, .keep_dims = true}, {2, 3}},
        {"ord=jnp.inf", {.order = INFINITE}, {4}},
        {"ord=-jnp.inf, axis=0", {.order = -INFINITE, .axes = {0}}, {2, 3}},
        {"ord=1", {.order = 1}, {2, 3}},
        {"ord=-1, axis=(2, 0)", {.order = -1, .axes = {2, 0}}, {2, 3, 2}},
        {"ord=jnp.inf", {.order = INFINITE}, {3, 2}},
        {"ord=-jnp.inf, keepdims=True", {.order = -INFINITE, .keep_dims = true}, {3, 2}},
        {"ord='fro', axis=(1, 2)", {.order = "fro", .axes = {1, 2}}, {2, 2, 3}},
        {"ord='nuc', axis=(0, 1)", {.order = "nuc", .axes = {0, 1}}, {2, 3, 2}},
        {"ord=2, keepdims=True", {.order = 2, .keep_dims = true}, {3, 3}},
        {"ord=-2", {.order = -2}, {2, 3}},
    };
    std::deque<std::string> texts;
    std::vector<test::Example> examples;
    for (const auto& row : rows) {
        texts.push_back("jnp.linalg.norm(x[0]" + (row.jax.empty() ? "" : ", " + row.jax) + ")");
        examples.push_back({texts.back().c_str(),
                            [options = row.options](const Tensors& in) { return Tensors{norm(in[0], options)}; },
                            {f64(row.dims)}});
    }
    examples.push_back(
        {"jnp.linalg.cond(x[0])", [](const Tensors& in) { return Tensors{cond(in[0])}; }, {f64({3, 2})}});
    examples.push_back(
        {"jnp.linalg.cond(x[0], 1)", [](const Tensors& in) { return Tensors{cond(in[0], 1)}; }, {f64({2, 3, 3}, 4)}});
    test::expect_examples(examples, {.tolerance = 1e-5}, 1e-10);
}

TEST(LinalgNorm, NormsAreOfTheTypeOfTheParts) {
    for (const auto type : {DataType::FLOAT32, DataType::COMPLEX64, DataType::COMPLEX128}) {
        const auto found = test::run(
            [](const Tensors& in) -> Tensors {
                return {norm(in[0], {.order = "fro"}), sqrt(sum(square(singular_values(in[0])))),
                        norm(in[0], {.order = "nuc"}), sum(singular_values(in[0]))};
            },
            {test::sample({type, {3, 2}})});
        for (const std::size_t i : {0, 2}) {
            EXPECT_EQ(found[i].type(), part_type(type));
            EXPECT_EQ(test::difference(found[i], found[i + 1], 1e-6), "");
        }
    }
}

TEST(LinalgNorm, RankCountsWhatIsNotRoundingError) {
    const auto rank = [](const HostArray& x) {
        return test::run([](const Tensors& in) { return Tensors{matrix_rank(in[0])}; }, {x})[0];
    };
    EXPECT_EQ(rank(HostArray::of<double>({3, 3}, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9})),
              HostArray::of<std::int32_t>({}, {2}));
    EXPECT_EQ(rank(f64({2, 3, 2})), HostArray::of<std::int32_t>({2}, {2, 2}));
    EXPECT_EQ(rank(HostArray(Shape(DataType::FLOAT64, {2, 2}))), HostArray::of<std::int32_t>({}, {0}));
}

TEST(LinalgNorm, OrderZeroCountsWhatIsNotZero) {
    const HostArray x = HostArray::of<double>({3}, std::vector<double>{0, -2, 5});
    EXPECT_EQ(test::run([](const Tensors& in) { return Tensors{norm(in[0], {.order = 0})}; }, {x})[0],
              HostArray::of<double>({}, {2}));
}

TEST(LinalgNorm, TheGradientAtZeroIsZero) {
    const HostArray zero(Shape(DataType::FLOAT64, {3}));
    EXPECT_EQ(test::run(test::gradient_of([](const Tensors& in) { return Tensors{norm(in[0])}; }), {zero})[0], zero);
}

TEST(LinalgNorm, SaysWhatDoesNotFit) {
    expect_error(Code::INVALID_ARGUMENT, "norm: 'fro' is no norm of vectors",
                 [] { norm(zeros({3}), {.order = "fro"}); });
    expect_error(Code::INVALID_ARGUMENT, "norm: 3 is no norm of matrices", [] { norm(zeros({3, 3}), {.order = 3}); });
    expect_error(Code::SHAPE_MISMATCH, "norm: order 1 takes one axis or two different ones, got [0,1,2] of f32[2,2,2]",
                 [] {
                     norm(zeros({2, 2, 2}), {.order = 1});
                 });
    expect_error(Code::DTYPE_MISMATCH, "norm: takes floating-point and complex numbers, got i32[2]",
                 [] { norm(zeros({2}, DataType::INT32)); });
}

}  // namespace
}  // namespace podium::linalg
