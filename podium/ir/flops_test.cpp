#include "podium/ir/flops.h"

#include <gtest/gtest.h>

#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

TEST(Flops, AProductIsTwoOperationsForEachPairThatMeets) {
    const Tensor a = zeros({5, 7}), b = zeros({7, 3});
    EXPECT_EQ(matmul_flops(Tensors{matmul(a, b)}), 2 * 5 * 7 * 3);
    EXPECT_EQ(matmul_flops(Tensors{matmul(zeros({4, 5, 7}), zeros({4, 7, 3}))}), 4 * 2 * 5 * 7 * 3);
    EXPECT_EQ(matmul_flops(Tensors{a + 1.0}), 0);
    const Tensor shared = matmul(a, b);
    EXPECT_EQ(matmul_flops(Tensors{shared, tanh(shared)}), 2 * 5 * 7 * 3) << "once, however often it is used";
}

TEST(Flops, LoopsCountAsOftenAsTheyRun) {
    const Tensor w = zeros({8, 8});
    const auto last = scan_list([&](const Tensors& now) { return Tensors{matmul(now[0], now[1])}; }, {zeros({2, 8})},
                                {zeros({6, 8, 8})}, 6);
    EXPECT_EQ(matmul_flops(last), 6 * 2 * 2 * 8 * 8);
    EXPECT_EQ(matmul_flops(remat_list([&](const Tensors& x) { return Tensors{matmul(x[0], w)}; }, {zeros({2, 8})})),
              2 * 2 * 8 * 8);
}

TEST(Flops, TheGradientOfALoopIsThatOfItsTurns) {
    const Tensor w = zeros({6, 8, 8}), x = zeros({2, 8});
    const auto loop = [&](const Tensors& in) {
        return scan_list([&](const Tensors& now) { return Tensors{tanh(matmul(now[0], now[1]))}; }, {in[0]}, {in[1]},
                         6);
    };
    const TraceScope scope;
    const Tensors inputs{scope.parameter(x.shape()), scope.parameter(w.shape())};
    const Tensors outputs = loop(inputs);
    const auto back = pullback(outputs, {ones({2, 8})}, inputs);
    Tensors all = back.gradients;
    all.push_back(back.outputs[0]);
    EXPECT_EQ(matmul_flops(all), 3 * 6 * 2 * 2 * 8 * 8) << "forward, and a product for each of its two operands";
}

}  // namespace
}  // namespace podium
