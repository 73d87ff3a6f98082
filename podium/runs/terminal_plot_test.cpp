#include "podium/runs/terminal_plot.h"

#include <gtest/gtest.h>

#include <cmath>

namespace podium {
namespace {

TEST(TerminalPlot, DrawsALineFromCornerToCorner) {
    Curve curve;
    for (int i = 0; i < 8; ++i) curve.add(i, 7 - i);
    EXPECT_EQ(terminal_plot(curve, 14, 2), (std::vector<std::string>{"        7 ⠑⢄⠀⠀", "        0 ⠀⠀⠑⢄"}));
}

TEST(TerminalPlot, DrawsALevelLineInTheMiddleAndSpikes) {
    EXPECT_EQ(terminal_plot({{1, 2}, {5, 5}}, 12, 1), (std::vector<std::string>{"        5 ⠤⠤"}));
    EXPECT_EQ(terminal_plot({{0, 1, 2, 3}, {0, 1, 0, 0}}, 12, 1), (std::vector<std::string>{"        1 ⡜⣄"}));
}

TEST(TerminalPlot, NeedsTwoPointsAndSomeSpace) {
    EXPECT_TRUE(terminal_plot({}, 80, 5).empty());
    EXPECT_TRUE(terminal_plot({{1, 2}, {1, NAN}}, 80, 5).empty());
    EXPECT_TRUE(terminal_plot({{1, 2}, {1, 2}}, 10, 5).empty());
    EXPECT_EQ(terminal_plot({{1, 2}, {-1e308, 1e308}}, 80, 5).size(), 5U);
}

}  // namespace
}  // namespace podium
