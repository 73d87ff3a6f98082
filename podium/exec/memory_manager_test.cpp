#include "podium/exec/memory_manager.h"

#include <gtest/gtest.h>

#include "podium/exec/compile.h"
#include "podium/exec/evaluate.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

TEST(TpuMemoryManager, CountsWhatLiesOnTheDevice) {
    constexpr std::int64_t BYTES = 4'000'000;
    TpuMemoryManager memory(Device("cpu"));
    const auto before = memory.stats().in_use_bytes;
    {
        const Tensor x = put(HostArray(Shape(DataType::FLOAT32, {1000, 1000})), memory.device());
        EXPECT_EQ(memory.stats().in_use_bytes, before + BYTES);
        EXPECT_NEAR(memory.used_gb().value_or(0), static_cast<double>(before + BYTES) / 1e9, 1e-12);
        EXPECT_GE(memory.peak_gb().value_or(0), 0.004);
        EXPECT_NEAR(memory.utilization_percent().value_or(-1),
                    100 * memory.used_gb().value_or(0) / memory.limit_gb().value_or(0), 1e-9);
        EXPECT_LT(memory.utilization_percent().value_or(-1), 100);
    }
    EXPECT_EQ(memory.stats().in_use_bytes, before);
}

TEST(TpuMemoryManager, ClearingForgetsPrograms) {
    TpuMemoryManager memory(Device("cpu"));
    const auto work = [] { eval(put(HostArray::scalar(3.0F), Device("cpu")) * 7.0); };
    work();
    const auto compiled = compile_stats().compiled;
    work();
    EXPECT_EQ(compile_stats().compiled, compiled);
    memory.clear_cache();
    work();
    EXPECT_EQ(compile_stats().compiled, compiled + 1);
}

TEST(TpuMemoryManager, SaysNothingOfWhatItDoesNotKnow) {
    TpuMemoryManager memory(Device("interp"));
    EXPECT_FALSE(memory.limit_gb());
    EXPECT_FALSE(memory.utilization_percent());
    EXPECT_FALSE(memory.fragmentation());
}

}  // namespace
}  // namespace podium
