#include "podium/runtime/schedule.h"

#include <gtest/gtest.h>

namespace podium {
namespace {

/// argument 0 -> a = f(0) -> b = g(a) -> result = h(a, b), of 100, 40, 40 and 8 bytes.
Schedule chain(bool b_may_overwrite) {
    return {.instructions = {{.name = "argument", .buffers = {0}, .makes_nothing = true},
                             {.name = "a", .operands = {0}, .buffers = {1}},
                             {.name = "b", .operands = {1}, .buffers = {2}, .may_overwrite = b_may_overwrite},
                             {.name = "c", .operands = {2}, .buffers = {3}},
                             {.name = "result", .operands = {3}, .buffers = {4}}},
            .buffers = {{.bytes = 100, .argument = 0}, {.bytes = 40}, {.bytes = 40}, {.bytes = 24}, {.bytes = 8}},
            .results = {4}};
}

TEST(Schedule, BuffersLiveFromTheirMakerToTheirLastReader) {
    const auto ranges = live_ranges(chain(false));
    EXPECT_EQ(ranges[0].first, 0U);
    EXPECT_EQ(ranges[0].last, 4U) << "arguments stay";
    EXPECT_EQ(ranges[1].first, 1U);
    EXPECT_EQ(ranges[1].last, 2U);
    EXPECT_EQ(ranges[4].first, 0U) << "results have their place from the start";
    EXPECT_EQ(temporary_peak_bytes(chain(false)), 80);
}

TEST(Schedule, AnOperandOfTheSameSizeThatNothingWantsIsOverwritten) {
    EXPECT_EQ(live_ranges(chain(true))[1].last, 1U);
    EXPECT_EQ(temporary_peak_bytes(chain(true)), 64);
    Schedule wanted = chain(true);
    wanted.instructions[3].operands.push_back(1);  // c reads a as well
    EXPECT_EQ(temporary_peak_bytes(wanted), 104);
}

TEST(Schedule, ALoopAddsWhatItNeedsInside) {
    Schedule schedule = chain(false);
    schedule.instructions[3].inner_bytes = 1000;
    EXPECT_EQ(temporary_peak_bytes(schedule), 1064);
}

TEST(Schedule, NothingNeedsNothing) {
    EXPECT_TRUE(live_ranges({}).empty());
    EXPECT_EQ(temporary_peak_bytes({}), 0);
}

}  // namespace
}  // namespace podium
