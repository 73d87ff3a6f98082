#include "podium/runs/curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace podium {
namespace {

Curve noise(std::int64_t count) {
    Curve curve;
    std::mt19937 random(7);
    for (std::int64_t step = 1; step <= count; ++step) curve.add(step, static_cast<double>(random() % 1000) / 1000);
    return curve;
}

TEST(Curve, AStepThatIsSaidAgainReplacesItAndAllAfterIt) {
    Curve curve;
    for (const std::int64_t step : {1, 2, 3, 4}) curve.add(step, static_cast<double>(step));
    curve.add(3, 9);
    EXPECT_EQ(curve, (Curve{{1, 2, 3}, {1, 2, 9}}));
}

TEST(Curve, ThinnedKeepsEndsAndSpikes) {
    Curve curve = noise(100'000);
    curve.values[54'321] = 7;
    curve.values[777] = -7;
    const Curve few = thinned(curve, 100);
    EXPECT_LE(few.size(), 400U);
    EXPECT_GE(few.size(), 300U);
    EXPECT_EQ(few.steps.front(), 1);
    EXPECT_EQ(few.steps.back(), 100'000);
    EXPECT_EQ(*std::max_element(few.values.begin(), few.values.end()), 7);
    EXPECT_EQ(lowest(few)->value, -7);
    EXPECT_EQ(lowest(few)->step, 778);
    EXPECT_TRUE(std::is_sorted(few.steps.begin(), few.steps.end()));
    for (std::size_t i = 0; i < few.size(); ++i)
        EXPECT_EQ(few.values[i], curve.values[static_cast<std::size_t>(few.steps[i]) - 1]);
}

TEST(Curve, ThinnedTakesARangeAndLeavesShortCurvesAlone) {
    const Curve curve = noise(1000);
    const Curve few = thinned(curve, 100, {.first = 11, .last = 20});
    EXPECT_EQ(few.steps, (std::vector<std::int64_t>{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}));
    EXPECT_EQ(thinned(curve, 250), curve);
    EXPECT_TRUE(thinned(curve, 100, {.first = 2000}).empty());
    EXPECT_TRUE(thinned({}, 100).empty());
}

TEST(Curve, WhatIsNotFiniteIsLeftOut) {
    Curve curve = noise(10'000);
    std::fill(curve.values.begin() + 100, curve.values.end(), NAN);
    EXPECT_EQ(thinned(curve, 10).steps.back(), 100);
    EXPECT_EQ(lowest(Curve{{1, 2}, {NAN, INFINITY}}), std::nullopt);
}

}  // namespace
}  // namespace podium
