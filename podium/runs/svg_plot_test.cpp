#include "podium/runs/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/python.h"

namespace podium {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(SvgPlot, TicksAreRound) {
    EXPECT_THAT(round_ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
    EXPECT_THAT(round_ticks(1.9, 3.1, 5), ElementsAre(2, 2.5, 3));
    EXPECT_THAT(round_ticks(-1, 1, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
    EXPECT_THAT(round_ticks(100, 1'000'000, 4), ElementsAre(500'000, 1'000'000));
    EXPECT_EQ(tick_text(0.25, 0.05), "0.25");
    EXPECT_EQ(tick_text(1500, 500), "1500");
    EXPECT_EQ(tick_text(20'000, 5000), "20k");
    EXPECT_EQ(tick_text(1.5e6, 5e5), "1.5M");
    EXPECT_EQ(tick_text(400'010, 10), "400.01k");
    EXPECT_EQ(tick_text(-1.25e-5, 5e-7), "-1.25e-05");
    EXPECT_EQ(tick_text(1e-20, 0.5), "0");
    EXPECT_EQ(tick_text(2e300, 1e300), "2e+300");
}

TEST(SvgPlot, IsWellFormedAndSaysWhatItShows) {
    const Plot plot{"a <b> & c",
                    "the loss fell",
                    {{"loss", {{"training & more", {{1, 2, 3}, {3, 2, NAN}}}, {"validation", {{2}, {2.5}}, true}}},
                     {"speed", {{"training & more", {}}}, true}}};
    const auto svg = to_svg(plot);
    EXPECT_THAT(svg, HasSubstr("<title id=\"title\">a &lt;b&gt; &amp; c</title>"));
    EXPECT_THAT(svg, HasSubstr("<desc id=\"description\">the loss fell</desc>"));
    EXPECT_THAT(svg, HasSubstr("prefers-color-scheme: dark"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr(">speed<")));
    EXPECT_EQ(test::run_python("import sys, xml.dom.minidom as d\n"
                               "svg = d.parseString(sys.argv[1]).documentElement\n"
                               "print(svg.tagName, len(svg.getElementsByTagName('circle')))",
                               {svg}),
              "svg 1\n");
}

TEST(SvgPlot, AMillionStepsGiveASmallPicture) {
    Curve curve;
    for (std::int64_t step = 1; step <= 1'000'000; ++step)
        curve.add(step, 5.0 / std::sqrt(static_cast<double>(step)) + static_cast<double>(step * 7919 % 1000) / 1e4);
    const auto svg = to_svg({"long", "", {{"loss", {{"training", curve}}}}});
    EXPECT_LT(svg.size(), 40'000U);
}

TEST(SvgPlot, NothingAndOnePointAndNumbersFarApartAreDrawnToo) {
    EXPECT_THAT(to_svg({"empty", "", {}}), HasSubstr("</svg>"));
    EXPECT_THAT(to_svg({"one", "", {{"loss", {{"training", {{5}, {0}}}}}}}), HasSubstr("<circle"));
    for (const auto& values : std::vector<std::vector<double>>{{1e-300, 1e300}, {-1e308, 1e308}, {5, 5}})
        EXPECT_THAT(to_svg({"far", "", {{"loss", {{"training", {{1, 2}, values}}}}}}), Not(HasSubstr("inf")));
}

}  // namespace
}  // namespace podium
