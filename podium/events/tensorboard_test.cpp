#include "podium/events/tensorboard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include "podium/base/file.h"
#include "tests/support/error_of.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

TEST(TensorBoard, ChecksumsAreThoseOfTheRfc) {
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
}

TEST(TensorBoard, HistogramsCountEveryFiniteValueBetweenItsLimits) {
    std::vector<float> values{0, -0.0F, 1e-30F, -5, 3e38F, -3e38F, NAN, INFINITY, -INFINITY};
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (int i = 0; i < 10'000; ++i) values.push_back(normal(random));
    const auto histogram = Histogram::of(values);
    EXPECT_EQ(histogram.count, 10'006);
    EXPECT_EQ(histogram.min, -3e38F);
    EXPECT_EQ(histogram.max, 3e38F);
    ASSERT_EQ(histogram.limits.size(), histogram.counts.size());
    double below = -INFINITY;
    for (std::size_t i = 0; i < histogram.limits.size(); ++i) {
        const double limit = histogram.limits[i];
        ASSERT_LT(below, limit);
        const auto between = std::count_if(values.begin(), values.end(), [&](double v) {
            const bool in = limit > 0 ? v >= below && v < limit : v > below && v <= limit;
            return std::isfinite(v) && in && !(v == 0 && below == 0 && std::signbit(v));
        });
        EXPECT_NEAR(histogram.counts[i], static_cast<double>(between), limit == 0 || below == 0 ? 2 : 0) << limit;
        below = limit;
    }
    EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0.0), histogram.count);
    EXPECT_TRUE(Histogram::of({}).limits.empty());
    EXPECT_EQ(Histogram::of(std::vector{1.0F, 1.0F}).limits.back(), 1.125);
}

TEST(TensorBoard, APictureNeedsItsPixels) {
    EXPECT_EQ(to_png({1, 2, {0, 255}}).substr(1, 3), "PNG");
    EXPECT_EQ(test::error_of([] { to_png({2, 2, {0}}); }).code(), Code::INVALID_ARGUMENT);
}

TEST(TensorBoard, RecordsAreFramedAndHoldTheEventsNumbers) {
    const test::TemporaryFolder folder;
    TensorBoardWriter writer(folder / "tensorboard");
    writer.write({"step", {{"step", std::int64_t{3}}, {"loss", 2.5}}, EventTime(std::chrono::milliseconds(1500))});
    const auto file = std::filesystem::directory_iterator(folder / "tensorboard")->path();
    EXPECT_EQ(file.filename().string().rfind("events.out.tfevents.", 0), 0U);
    const auto bytes = read_file(file);
    std::string_view rest = bytes;
    std::vector<std::string> records;
    while (!rest.empty()) {
        std::uint64_t size = 0;
        std::memcpy(&size, rest.data(), sizeof size);
        ASSERT_LE(size + 16, rest.size());
        records.emplace_back(rest.substr(12, size));
        rest.remove_prefix(size + 16);
    }
    ASSERT_EQ(records.size(), 2U);
    const auto expected = WireWriter().floating(1, 1.5).integer(2, 3).message(
        5, WireWriter().message(1, WireWriter().floating(2, 2.5F).bytes(1, "train/loss")));
    EXPECT_EQ(records[1], expected.text());
}

}  // namespace
}  // namespace podium
