#include "podium/emit/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/ir/ops.h"

namespace podium {
namespace {

/// x and y, f32[2,3], of which a step gives new values.
struct Pair {
    const TraceScope scope;
    Tensor x = scope.parameter(Shape(DataType::FLOAT32, {2, 3})), y = scope.parameter(Shape(DataType::FLOAT32, {2, 3}));

    Graph graph(Tensors results, std::vector<std::int64_t> reuse = {}) const {
        return {.parameters = {x, y}, .results = std::move(results), .reuse = std::move(reuse)};
    }
};

TEST(Kernel, IsTheLoopOfWhatEndsInResults) {
    const Pair p;
    const Tensor scale = scalar_of(DataType::FLOAT32, 0.5), moment = p.x * scale + p.y * p.y;
    const auto kernels = find_kernels(p.graph({moment, p.y - sqrt(moment)}, {0, 1}), 1);
    ASSERT_EQ(kernels.size(), 1);
    const Kernel& kernel = kernels[0];
    EXPECT_EQ(
        kernel.body,
        R"((const void* const* in, void* const* out, std::int64_t begin, std::int64_t end) {  // out[0] may be in[0]  // out[1] may be in[2]
    const auto* const a0 = static_cast<const float*>(in[0]);
    const float s1 = *static_cast<const float*>(in[1]);
    const auto* const a2 = static_cast<const float*>(in[2]);
    auto* const r0 = static_cast<float*>(out[0]);
    auto* const r1 = static_cast<float*>(out[1]);
#pragma GCC ivdep
    for (std::int64_t i = begin; i < end; ++i) {
        const float x0 = a0[i];
        const float t0 = x0 * s1;
        const float x2 = a2[i];
        const float t1 = x2 * x2;
        const float t2 = t0 + t1;
        const float t3 = sqrt(t2);
        const float t4 = x2 - t3;
        r0[i] = t2;
        r1[i] = t4;
    }
}
)");
    EXPECT_EQ(kernel.results[0].node(), moment.node());
    EXPECT_EQ(kernel.operands[kernel.array].shape(), p.x.shape());
    EXPECT_EQ(kernel.in_place, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {1, 2}}));
}

TEST(Kernel, IsTheSameWhateverTheOrderOfResultsAndTheNumbers) {
    const Pair p, q;
    const auto body = [](const Pair& of, double number, bool swapped) {
        const Tensor moment = of.x * number, value = of.y - moment;
        return find_kernels(of.graph(swapped ? Tensors{value, moment} : Tensors{moment, value}), 1)[0].body;
    };
    EXPECT_EQ(body(p, 0.5, false), body(q, 0.25, true));
    EXPECT_NE(body(p, 0.5, false), find_kernels(p.graph({p.x * 0.5, p.y - p.x * 0.5}), 1)[0].body);
}

TEST(Kernel, LeavesOutWhatOthersUseAndWhatIsSmall) {
    const Pair p;
    const Tensor inner = p.x * p.y, result = inner + p.x;
    const auto kernels = find_kernels(p.graph({result * p.y, sum(inner)}), 1);
    ASSERT_EQ(kernels.size(), 1);
    EXPECT_EQ(kernels[0].operands.size(), 3) << "inner, which the sum needs too, is made outside";
    EXPECT_TRUE(find_kernels(p.graph({result * p.y}), 7).empty()) << "six elements are too few";
    EXPECT_TRUE(find_kernels(p.graph({tanh(p.x)}), 1).empty()) << "tanh's last bits are XLA's own";
}

TEST(Kernel, ReadsAnArrayOnce) {
    const Pair p;
    const Tensor choice = select(less(p.x, p.y), p.x, sign(p.y)), moment = p.x * p.x;
    const auto kernels = find_kernels(p.graph({choice, moment}), 1);
    ASSERT_EQ(kernels.size(), 1);
    EXPECT_THAT(kernels[0].body, testing::HasSubstr("const bool t0 = x0 < x1;\n"));
    EXPECT_EQ(kernels[0].operands.size(), 2);
    EXPECT_EQ(find_kernels(p.graph({p.x * p.x + 1.0, p.y * p.y + 1.0}), 1).size(), 2);
}

TEST(Kernel, CopiesAnOperandIntoTheMemoryOfOneThatItReads) {
    const Pair p;
    const Tensor fresh = tanh(p.x + 1.0);  // a gradient that the next step compares with its own
    const auto kernels = find_kernels(p.graph({p.x - (fresh - p.y) * 0.5, fresh}, {0, 1}), 1);
    ASSERT_EQ(kernels.size(), 1);
    const Kernel& kernel = kernels[0];
    EXPECT_EQ(kernel.copies, (std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}}));
    EXPECT_EQ(kernel.results[1].node(), fresh.node());
    ASSERT_EQ(kernel.in_place.size(), 2);
    EXPECT_EQ(kernel.operands[kernel.in_place[1].second].node(), p.y.node());
    EXPECT_THAT(kernel.body, testing::HasSubstr("        r1[i] = x"));
    EXPECT_TRUE(find_kernels(p.graph({p.x - (fresh - p.y) * 0.5, fresh}), 1)[0].copies.empty()) << "no memory to take";
}

TEST(Kernel, DoesNotWaitForItself) {
    const Pair p;
    const Tensor moment = p.x + p.y * p.y;  // its norm is needed before what else the loop would compute
    const Tensor update = p.y - moment / broadcast_to(sum(moment), {2, 3});
    EXPECT_TRUE(find_kernels(p.graph({moment, update}), 1).empty());
}

}  // namespace
}  // namespace podium
