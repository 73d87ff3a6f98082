#include "podium/plan/out_of_memory.h"

#include <gtest/gtest.h>

namespace podium::plan {
namespace {

TEST(OutOfMemory, FiguresAreReadFromBothOfLibtpusForms) {
    const auto total = read_out_of_memory(
        "PJRT_Compile: E1000: CompileTimeHbmOom: Ran out of memory on HBM, the total memory required for the program "
        "(48.00G) exceeds available HBM (15.25G)");
    ASSERT_TRUE(total);
    EXPECT_EQ(total->needed_bytes, 48LL << 30);
    EXPECT_EQ(total->limit_bytes, static_cast<std::int64_t>(15.25 * (1 << 30)));
    const auto used = read_out_of_memory("Ran out of memory in memory space hbm. Used 20.50G of 15.75G hbm. Exceeded");
    ASSERT_TRUE(used);
    EXPECT_EQ(used->needed_bytes, static_cast<std::int64_t>(20.5 * (1 << 30)));
    EXPECT_EQ(used->limit_bytes, static_cast<std::int64_t>(15.75 * (1 << 30)));
    EXPECT_FALSE(read_out_of_memory("the program has no figures"));
}

}  // namespace
}  // namespace podium::plan
