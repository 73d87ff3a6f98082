#include "podium/ir/reduction.h"

#include <gtest/gtest.h>

#include <limits>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "tests/support/gradient.h"
#include "tests/support/interpreted.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::sample;

const HostArray X = sample(Shape(DataType::FLOAT64, {2, 3, 4}));

const std::vector<test::Example>& samples() {
    static const std::vector<test::Example> SAMPLES{
        {"x[0].sum()", [](const Tensors& x) { return Tensors{sum(x[0])}; }},
        {"x[0].sum((0, 2))",
         [](const Tensors& x) {
             return Tensors{sum(x[0], {-1, 0})};
         }},
        {"x[0].sum(1, keepdims=True)", [](const Tensors& x) { return Tensors{sum(x[0], {1}, true)}; }},
        {"x[0].mean((0, 1))",
         [](const Tensors& x) {
             return Tensors{mean(x[0], {0, 1})};
         }},
        {"x[0].max(2)", [](const Tensors& x) { return Tensors{max(x[0], {2})}; }},
        {"x[0].min((0, 1), keepdims=True)",
         [](const Tensors& x) {
             return Tensors{min(x[0], {0, 1}, true)};
         }},
        {"x[0].prod((1, 2))",
         [](const Tensors& x) {
             return Tensors{product(x[0], {1, 2})};
         }},
        {"jax.nn.logsumexp(x[0], 1)", [](const Tensors& x) { return Tensors{logsumexp(x[0], 1)}; }},
        {"jax.nn.logsumexp(x[0], 2, keepdims=True)",
         [](const Tensors& x) { return Tensors{logsumexp(x[0], -1, true)}; }},
        {"x[0].sum() + 0.5", [](const Tensors& x) { return Tensors{reduce(add, x[0], 0.5)}; }},
    };
    return SAMPLES;
}

TEST(Reduction, ValuesAreJaxs) {
    test::Oracle oracle;
    for (const auto& one : samples()) oracle.expect(one.jax, {X}, test::run(one.call, {X})[0]);
    const auto of = [&](const char* jax, const HostArray& x, const TensorFunction& f) {
        oracle.expect(jax, {x}, test::run(f, {x})[0]);
    };
    const HostArray flags = sample(Shape(DataType::BOOL, {4, 3}), 0, 2);
    of("x[0].any(0)", flags, [](const Tensors& x) { return Tensors{any(x[0], {0})}; });
    of("x[0].all(0)", flags, [](const Tensors& x) { return Tensors{all(x[0], {0})}; });
    const HostArray bytes = sample(Shape(DataType::INT8, {3, 40}), 0, 120);
    of("x[0].sum(1, dtype='i1')", bytes, [](const Tensors& x) { return Tensors{sum(x[0], {1})}; });
    of("x[0].max(1)", bytes, [](const Tensors& x) { return Tensors{max(x[0], {1})}; });
    of("x[0].min(0)", sample(Shape(DataType::UINT32, {3, 4}), 0, 9),
       [](const Tensors& x) { return Tensors{min(x[0], {0})}; });
    of("jnp.argmax(x[0], 1).astype('i4')", sample(Shape(DataType::INT32, {6, 9}), 0, 4),
       [](const Tensors& x) { return Tensors{argmax(x[0], 1)}; });
    of("jnp.argmax(x[0], 0).astype('i4')", X, [](const Tensors& x) { return Tensors{argmax(x[0], 0)}; });
    of("x[0].sum()", sample(Shape(DataType::BFLOAT16, {1000}), 0, 1),
       [](const Tensors& x) { return Tensors{sum(x[0])}; });
    of("x[0].mean()", sample(Shape(DataType::BFLOAT16, {1000}), 0, 1),
       [](const Tensors& x) { return Tensors{mean(x[0])}; });
    of("x[0].sum(0)", HostArray(Shape(DataType::FLOAT32, {0, 3})),
       [](const Tensors& x) { return Tensors{sum(x[0], {0})}; });
    const double inf = std::numeric_limits<double>::infinity();
    const HostArray edges = HostArray::of<double>({3, 2}, std::vector<double>{-inf, -inf, inf, 0, std::nan(""), 1});
    of("jax.nn.logsumexp(x[0], 1)", edges, [](const Tensors& x) { return Tensors{logsumexp(x[0], 1)}; });
    of("x[0].max(1)", edges, [](const Tensors& x) { return Tensors{max(x[0], {1})}; });
    of("jnp.argmax(x[0], 1).astype('i4')", edges, [](const Tensors& x) { return Tensors{argmax(x[0], 1)}; });
    oracle.check();
}

TEST(Reduction, GradientsMatchCentralDifferences) {
    for (const auto& one : samples()) {
        SCOPED_TRACE(one.jax);
        test::expect_gradient(one.call, {X});
        test::expect_mapped(one.call, {X});
    }
}

TEST(Reduction, SecondDerivativesMatchCentralDifferences) {
    const auto softmax = [](const Tensors& x) { return Tensors{exp(x[0] - logsumexp(x[0], 1, true))}; };
    test::expect_gradient(test::gradient_of(softmax), {sample(Shape(DataType::FLOAT64, {2, 3}))});
    const auto prod = [](const Tensors& x) { return Tensors{product(x[0], {1})}; };
    test::expect_gradient(test::gradient_of(prod), {sample(Shape(DataType::FLOAT64, {2, 3}))});
}

TEST(Reduction, GradientOfAProductWithAZeroIsFinite) {
    const HostArray x = HostArray::of<double>({3}, std::vector<double>{2, 0, 3});
    test::expect_gradient([](const Tensors& in) { return Tensors{product(in[0])}; }, {x});
}

TEST(Reduction, WhereItStartsTakesPartInTheGradient) {
    const HostArray start = HostArray::of<double>({}, {0.8});  // above some rows, below others
    for (const auto* combiner : {&add, &multiply, &maximum, &minimum}) {
        SCOPED_TRACE(combiner->name);
        const auto f = [&](const Tensors& in) { return Tensors{reduce(*combiner, in[0], in[1], {2})}; };
        test::expect_gradient(f, {X, start});
        test::expect_gradient(test::gradient_of(f), {X, start});
        test::expect_gradient([&](const Tensors& in) { return Tensors{reduce(*combiner, in[0], 0.8, {0})}; }, {X});
    }
}

TEST(Reduction, TiesShareTheGradientOfAMaximum) {
    const HostArray x = HostArray::of<double>({3}, std::vector<double>{5, 1, 5});
    const auto gradient = test::run(test::gradient_of([](const Tensors& in) { return Tensors{max(in[0])}; }), {x})[0];
    EXPECT_EQ(gradient.as_double(0), gradient.as_double(2));
    EXPECT_EQ(gradient.as_double(1), 0.0);
}

TEST(Reduction, ErrorsNameTheDimensions) {
    const Tensor x = zeros({2, 3});
    expect_error(Code::SHAPE_MISMATCH, "sum: no dimension 2 in a tensor of rank 2", [&] { sum(x, {2}); });
    expect_error(Code::SHAPE_MISMATCH, "reduce: dimensions [0,0] repeat", [&] { sum(x, {0, -2}); });
    expect_error(Code::SHAPE_MISMATCH, "argmax: no dimension 3", [&] { argmax(x, 3); });
    expect_error(Code::SHAPE_MISMATCH, "reduce: the initial value must be a scalar, got f32[2,3]",
                 [&] { reduce(add, x, x); });
    expect_error(Code::DTYPE_MISMATCH, "reduce: cannot start f32[2,3] from i32[]",
                 [&] { reduce(add, x, zeros({}, DataType::INT32)); });
    expect_error(Code::DTYPE_MISMATCH, "mean: takes floating-point numbers, got i32[2]",
                 [] { mean(zeros({2}, DataType::INT32)); });
}

TEST(Reduction, ExtremesStartFromANumberInTypesWithoutInfinityToo) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const auto type = static_cast<DataType>(i);
        if (!is_float(type)) continue;
        const Tensor x = ones({2}, type);
        for (const auto& found : test::interpreted({max(x), min(x)})) EXPECT_EQ(found.as_double(0), 1.0) << name(type);
    }
}

}  // namespace
}  // namespace podium
