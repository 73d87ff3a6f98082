#include "podium/data/hold_out.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace podium::data {
namespace {

FoundFile file(const std::string& name, std::uint64_t size) { return {"/somewhere/" + name, name, size}; }

std::vector<FoundFile> many(int count) {
    std::vector<FoundFile> files(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < files.size(); ++i) files[i] = file(fmt::format("{:04}.txt", i), 1000 + i * 37 % 500);
    return files;
}

std::vector<std::string> names(const std::vector<FoundFile>& files) {
    std::vector<std::string> result(files.size());
    std::ranges::transform(files, result.begin(), &FoundFile::name);
    return result;
}

double bytes(const std::vector<FoundFile>& files) {
    double sum = 0;
    for (const auto& file : files) sum += static_cast<double>(file.size_bytes);
    return sum;
}

TEST(HoldOut, TakesWholeFilesUpToTheFractionOfTheBytes) {
    const auto files = many(500);
    for (const double fraction : {0.05, 0.1, 0.5}) {
        const auto split = hold_out(files, fraction, 129);
        EXPECT_LE(bytes(split.validation), fraction * bytes(files));
        EXPECT_GT(bytes(split.validation), (fraction - 0.01) * bytes(files));
        EXPECT_EQ(split.training.size() + split.validation.size(), files.size());
        EXPECT_TRUE(std::ranges::is_sorted(names(split.training)));
        EXPECT_TRUE(std::ranges::is_sorted(names(split.validation)));
    }
}

TEST(HoldOut, DependsOnNamesAndSizesOnly) {
    auto moved = many(50);
    for (auto& file : moved) file.path = "/elsewhere/" + file.name;
    std::ranges::reverse(moved);
    auto held = names(hold_out(moved, 0.2, 129).validation);
    std::ranges::sort(held);
    EXPECT_EQ(held, names(hold_out(many(50), 0.2, 129).validation));
}

TEST(HoldOut, IsTheSameInEveryRelease) {
    EXPECT_EQ(names(hold_out(many(10), 0.3, 129).validation), (std::vector<std::string>{"0007.txt", "0008.txt"}));
}

TEST(HoldOut, NeverHoldsOutTheBulkOfAnUnevenCorpus) {
    const auto split = hold_out(std::vector{file("big", 1 << 30), file("small", 1000), file("tiny", 10)}, 1e-7, 129);
    EXPECT_EQ(names(split.validation), (std::vector<std::string>{"tiny"}));
    EXPECT_EQ(
        names(hold_out(std::vector{file("big", 5000), file("small", 4000), file("tiny", 10)}, 1e-7, 129).validation),
        (std::vector<std::string>{"small"}));
}

TEST(HoldOut, TwoFilesGiveOneEach) {
    const auto split = hold_out(std::vector{file("a", 5000), file("b", 5001)}, 0.1, 129);
    EXPECT_EQ(names(split.training), (std::vector<std::string>{"b"}));
    EXPECT_EQ(names(split.validation), (std::vector<std::string>{"a"}));
}

TEST(HoldOut, OneFileOrFractionZeroGivesNothing) {
    EXPECT_TRUE(hold_out(std::vector{file("a", 5000)}, 0.1, 129).validation.empty());
    EXPECT_TRUE(hold_out(many(10), 0, 129).validation.empty());
}

}  // namespace
}  // namespace podium::data
