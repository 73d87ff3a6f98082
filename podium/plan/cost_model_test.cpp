#include "podium/plan/cost_model.h"

#include <gtest/gtest.h>

namespace podium::plan {
namespace {

const Efficiency ALL{.compute = 1, .memory = 1, .links = 1};

TEST(CostModel, CollectivesAreToldByTheAxesWithinTheirGroups) {
    const auto slice = catalog::find_slice("v5e-16");
    const std::vector<Mesh::Axis> axes{{"data", 4}, {"model", 4}};
    const std::vector<HloCollective> found{{"all-reduce", {0, 1, 2, 3}, 1000, 1},
                                           {"all-gather", {0, 4, 8, 12}, 4000, 2},
                                           {"all-reduce", {}, 10, 1},
                                           {"all-reduce", {4, 5, 6, 7}, 500, 1}};
    const auto rows = along_axes(found, axes, slice, ALL);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].kind, "all-gather");
    EXPECT_EQ(rows[0].axis, "data");
    EXPECT_EQ(rows[1].axis, "model");
    EXPECT_EQ(rows[1].bytes, 1500) << "of all groups of that kind and axis";
    EXPECT_EQ(rows[2].axis, "data+model") << "no group is all devices";
    EXPECT_NEAR(rows[0].seconds, 4000 * 0.75 / (2 * slice.chip->link_bandwidth), 1e-12);
    EXPECT_NEAR(rows[1].seconds, 1500 * 1.5 / (2 * slice.chip->link_bandwidth), 1e-12)
        << "all-reduce goes around twice";
    EXPECT_NEAR(rows[2].seconds, 10 * 2 * 15.0 / 16 / (4 * slice.chip->link_bandwidth), 1e-12)
        << "over both dimensions of the torus";
}

TEST(CostModel, AStepTakesTheLongestOfProductsMemoryAndLinks) {
    const auto slice = catalog::find_slice("v2-8");  // two devices a chip
    const HloTraffic traffic{.memory_bytes = 350e9};
    const auto time = step_time(4 * 45e12 * 0.25, traffic, {}, slice, ALL);
    EXPECT_DOUBLE_EQ(time.compute, 0.25);
    EXPECT_DOUBLE_EQ(time.memory, 1.0) << "a core has half of its chip's bandwidth";
    EXPECT_EQ(time.links, 0);
    EXPECT_DOUBLE_EQ(time.total(), 1.0);
    EXPECT_EQ(time.bound(), "memory");
}

}  // namespace
}  // namespace podium::plan
