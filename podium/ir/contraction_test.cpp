#include "podium/ir/contraction.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;
using test::sample;

TensorFunction dot(const DotDimensions& dimensions) {
    return [=](const Tensors& x) { return Tensors{dot_general(x[0], x[1], dimensions)}; };
}

const std::vector<test::Example>& samples() {
    static const TensorFunction MATMUL = [](const Tensors& x) { return Tensors{matmul(x[0], x[1])}; };
    static const std::vector<test::Example> SAMPLES{
        {"lax.dot_general(*x, (((1,), (0,)), ((), ())))", dot({{}, {}, {1}, {0}}), {f64({2, 3}, 1), f64({3, 4}, 2)}},
        {"lax.dot_general(*x, (((0,), (1,)), ((), ())))", dot({{}, {}, {0}, {1}}), {f64({3, 2}, 1), f64({4, 3}, 2)}},
        {"lax.dot_general(*x, (((2, 0), (1, 3)), ((1,), (2,))))",  // odd orders, two contracted, one batch
         dot({{1}, {2}, {2, 0}, {1, 3}}),
         {f64({2, 3, 4, 2}, 1), f64({5, 4, 3, 2}, 2)}},
        {"lax.dot_general(*x, (((1,), (3,)), ((3, 0), (0, 2))))",  // two batches in different orders
         dot({{3, 0}, {0, 2}, {1}, {3}}),
         {f64({2, 3, 4, 5}, 1), f64({5, 2, 2, 3}, 2)}},
        {"lax.dot_general(*x, (((), ()), ((), ())))", dot({}), {f64({2}, 1), f64({3}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({3}, 1), f64({3}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({3}, 1), f64({3, 2}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({2, 3}, 1), f64({3}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({4, 2, 3}, 1), f64({3, 2}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({4, 2, 3}, 1), f64({3}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({2, 3}, 1), f64({4, 3, 2}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({3}, 1), f64({4, 3, 2}, 2)}},
        {"x[0] @ x[1]", MATMUL, {f64({5, 1, 2, 3}, 1), f64({4, 3, 2}, 2)}},
    };
    return SAMPLES;
}

TEST(Contraction, ValuesAreJaxs) {
    test::Oracle oracle;
    for (const auto& one : samples()) oracle.expect(one.jax, one.inputs, test::run(one.call, one.inputs)[0]);
    for (const DataType type : {DataType::FLOAT32, DataType::BFLOAT16, DataType::INT8, DataType::UINT32}) {
        const std::vector<HostArray> inputs{sample(Shape(type, {3, 70}), -2, 90, 1),
                                            sample(Shape(type, {70, 2}), -2, 90, 2)};
        oracle.expect("lax.dot(x[0], x[1], precision='highest')", inputs,
                      test::run(dot({{}, {}, {1}, {0}}), inputs)[0]);
    }
    oracle.check();
}

TEST(Contraction, GradientsMatchCentralDifferences) {
    for (const auto& one : samples()) {
        SCOPED_TRACE(one.jax);
        test::expect_gradient(one.call, one.inputs);
        test::expect_mapped(one.call, one.inputs);
    }
}

TEST(Contraction, SecondDerivativesMatchCentralDifferences) {
    const auto square = [](const Tensors& x) {
        const Tensor y = matmul(x[0], x[0]);
        return Tensors{matmul(y, x[0])};
    };
    test::expect_gradient(test::gradient_of(square), {f64({2, 2}, 1)});
}

TEST(Contraction, ErrorsSayWhichDimensionsDiffer) {
    const Tensor x = zeros({64, 128}), y = zeros({256, 32});
    expect_error(Code::SHAPE_MISMATCH,
                 "dot_general: contracting dimensions differ: lhs f32[64,128] dim 1 is 128, rhs f32[256,32] dim 0 is "
                 "256; transpose one of them?",
                 [&] {
                     dot_general(x, y, {{}, {}, {1}, {0}});
                 });
    expect_error(Code::SHAPE_MISMATCH, "matmul: contracting dimensions differ: lhs f32[64,128] dim 1 is 128",
                 [&] { matmul(x, y); });
    expect_error(Code::SHAPE_MISMATCH, "dot_general: batch dimensions differ: lhs f32[64,128] dim 0 is 64", [&] {
        dot_general(x, y, {{0}, {0}, {}, {}});
    });
    expect_error(Code::SHAPE_MISMATCH, "dot_general: 1 contracting dimensions on the left, 0 on the right", [&] {
        dot_general(x, y, {{}, {}, {1}, {}});
    });
    expect_error(Code::SHAPE_MISMATCH, "dot_general: no dimension 2 in a tensor of rank 2", [&] {
        dot_general(x, y, {{}, {}, {2}, {0}});
    });
    expect_error(Code::SHAPE_MISMATCH, "dot_general: a dimension of lhs f32[64,64] is named twice", [] {
        dot_general(zeros({64, 64}), zeros({64, 64}), {{0}, {0}, {0}, {1}});
    });
    expect_error(Code::SHAPE_MISMATCH, "matmul: takes vectors and matrices, got f32[] and f32[64,128]",
                 [&] { matmul(zeros({}), x); });
    expect_error(Code::SHAPE_MISMATCH, "matmul: cannot broadcast f32[2,3,4] with f32[3,4,5]", [] {
        matmul(zeros({2, 3, 4}), zeros({3, 4, 5}));
    });
    expect_error(Code::DTYPE_MISMATCH, "dot_general: takes numbers of one type, got f32[64,128] and i32[128]",
                 [&] { matmul(x, zeros({128}, DataType::INT32)); });
}

}  // namespace
}  // namespace podium
