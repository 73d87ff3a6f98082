#include "podium/nn/precision.h"

#include <gtest/gtest.h>

namespace podium::nn {
namespace {

TEST(Precision, CastsFloatingPointLeavesOnly) {
    Tree tree;
    tree.set("weight", ones({2, 3}));
    tree.set("count", zeros({}, DataType::INT32));
    const Tree cast = cast_tree(tree, DataType::BFLOAT16);
    EXPECT_EQ(to_string(cast["weight"].shape()), "bf16[2,3]");
    EXPECT_EQ(cast["count"].node(), tree["count"].node());
    EXPECT_EQ(parameter_count(tree), 7);
    EXPECT_EQ(parameter_count({}), 0);
}

TEST(Precision, WidensOnly16BitFloats) {
    EXPECT_EQ(at_least_f32(zeros({}, DataType::FLOAT16)).type(), DataType::FLOAT32);
    EXPECT_EQ(at_least_f32(zeros({}, DataType::FLOAT64)).type(), DataType::FLOAT64);
    EXPECT_EQ(at_least_f32(zeros({}, DataType::UINT16)).type(), DataType::UINT16);
}

}  // namespace
}  // namespace podium::nn
