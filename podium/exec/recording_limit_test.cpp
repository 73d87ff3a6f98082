#include <gtest/gtest.h>

#include "podium/exec/evaluate.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

TEST(Eager, WhateverNodeMeetsTheBoundOfRecordingIsWhole) {
    for (int phase = 0; phase < 4; ++phase) {
        Tensor x = tensor<float>({0, 0});
        for (int i = 0; i < phase; ++i) x = -x;
        for (int i = 0; i < 3000; ++i) x = x + 1.0;
        EXPECT_EQ(x.to_host(), HostArray::of<float>({2}, {3000, 3000}));
    }
}

}  // namespace
}  // namespace podium
