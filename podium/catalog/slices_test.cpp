#include "podium/catalog/slices.h"

#include <set>

#include "podium/base/expect_error.h"
#include "podium/catalog/prices.h"

namespace podium::catalog {
namespace {

TEST(Slices, NamesCountWhatGooglesNamesCount) {
    EXPECT_EQ(find_slice("v4-32").chip_count(), 16) << "TensorCores, two a chip";
    EXPECT_EQ(find_slice("v4-32").topology(), "v4:2x2x4");
    EXPECT_EQ(find_slice("v5e-16").topology(), "v5e:4x4");
    EXPECT_EQ(find_slice("v5litepod-16").name(), "v5e-16");
    EXPECT_EQ(find_slice("v5p-64").topology(), "v5p:2x4x4");
    EXPECT_EQ(find_slice("v6e-256").device_count(), 256);
    EXPECT_EQ(find_slice("v2-8").device_count(), 8) << "a device is a core";
    EXPECT_EQ(find_slice("tpu7x-8").chip_count(), 4);
    EXPECT_EQ(find_slice("v5p:2x2x2").name(), "v5p-16");
}

TEST(Slices, EachHasANameThatFindsIt) {
    for (const auto& chip : chips()) {
        std::set<std::string> names;
        for (const auto& slice : slices_of(chip)) {
            EXPECT_TRUE(names.insert(slice.name()).second) << slice.name();
            EXPECT_EQ(find_slice(slice.name()).shape, slice.shape);
            EXPECT_EQ(find_slice(slice.topology()).shape, slice.shape);
        }
        EXPECT_GE(names.size(), 5U) << chip.name;
    }
}

TEST(Slices, WhatDoesNotExistIsRefusedWithTheNearest) {
    expect_error(Code::INVALID_ARGUMENT,
                 "there is no slice \"v5e-24\" (v5e-N counts chips); the nearest are v5e-16 (v5e:4x4)",
                 [] { find_slice("v5e-24"); });
    expect_error(Code::INVALID_ARGUMENT, "v4-8 (v4:2x2x1)", [] { find_slice("v4-4"); });
    expect_error(Code::INVALID_ARGUMENT, "v5p-32 (v5p:2x2x4)", [] { find_slice("v5p:3x3x2"); });
    expect_error(Code::INVALID_ARGUMENT, "did you mean v6e?", [] { find_slice("v6f-8"); });
    expect_error(Code::INVALID_ARGUMENT, "give a generation and a size", [] { find_slice("pod"); });
    expect_error(Code::INVALID_ARGUMENT, "v5e comes as v5e-1, v5e-4, v5e-8", [] { find_slice("v5e-"); });
    expect_error(Code::INVALID_ARGUMENT, "no slice was named", [] { find_slices(","); });
}

TEST(Prices, AreKnownDatedOrUnknownAndTheUsersCountFirst) {
    PriceList prices;
    for (const auto& row : prices.rows()) {
        EXPECT_GT(row.usd_per_chip_hour, 0);
        EXPECT_FALSE(row.date.empty());
        EXPECT_FALSE(row.source.empty());
    }
    EXPECT_FALSE(prices.find("tpu7x")) << "unknown is not a number";
    prices.override_price("tpu7x=12.5");
    prices.override_price("v5litepod=1.1");
    EXPECT_EQ(prices.find("tpu7x")->usd_per_chip_hour, 12.5);
    EXPECT_EQ(prices.find("v5e")->usd_per_chip_hour, 1.1);
    expect_error(Code::INVALID_ARGUMENT, "v5e=1.10", [&] { prices.override_price("v5e=cheap"); });
    expect_error(Code::INVALID_ARGUMENT, "there is no TPU generation", [&] { prices.override_price("x=1"); });
}

}  // namespace
}  // namespace podium::catalog
