#include "podium/data/permutation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "podium/base/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

void expect_bijective(std::uint64_t count, std::uint64_t key) {
    const Permutation order(count, key);
    std::vector<bool> seen(count, false);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto value = order(i);
        ASSERT_LT(value, count);
        ASSERT_FALSE(seen[value]) << "count " << count << ", key " << key << ": " << value << " comes twice";
        seen[value] = true;
    }
}

TEST(Permutation, IsBijectiveForEveryCountUpToAThousand) {
    for (std::uint64_t count = 1; count <= 1000; ++count) expect_bijective(count, count * 7919);
}

TEST(Permutation, IsBijectiveForLargePrimesAndNeighboursOfPowersOfTwo) {
    for (const std::uint64_t count : {4095, 4096, 4097, 7919, 65535, 65536, 65537, 104729, 1 << 20, (1 << 20) + 1})
        for (const std::uint64_t key : {0, 1, 2}) expect_bijective(count, key);
}

TEST(Permutation, ReachesHugeCountsWithoutLeavingThem) {
    const std::uint64_t count = (std::uint64_t{1} << 62) - 57;
    const Permutation order(count, 3);
    for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_LT(order(count - 1 - i), count);
}

TEST(Permutation, SendsEachOfThreeNumbersToAllSixOrdersAlikeOften) {
    std::vector<int> orders(27, 0);
    const int keys = 60000;
    for (int key = 0; key < keys; ++key) {
        const Permutation order(3, mix(1, static_cast<std::uint64_t>(key)));
        ++orders[order(0) * 9 + order(1) * 3 + order(2)];
    }
    int kinds = 0;
    for (const int seen : orders)
        if (seen > 0) {
            ++kinds;
            EXPECT_NEAR(seen, keys / 6.0, keys / 60.0);
        }
    EXPECT_EQ(kinds, 6);
}

TEST(Permutation, HasNoMemoryOfTheOrderItShuffles) {
    const std::uint64_t count = 100003;
    const Permutation order(count, 11), other(count, 12);
    const double mean = (count - 1) / 2.0, variance = (static_cast<double>(count) * count - 1) / 12.0;
    double with_position = 0, with_neighbour = 0, with_other_key = 0;
    std::uint64_t fixed = 0, kept_neighbours = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const double value = static_cast<double>(order(i)) - mean;
        const auto next = order((i + 1) % count);
        with_position += value * (static_cast<double>(i) - mean);
        with_neighbour += value * (static_cast<double>(next) - mean);
        with_other_key += value * (static_cast<double>(other(i)) - mean);
        fixed += order(i) == i;
        kept_neighbours += next == order(i) + 1;
    }
    const double five_sigma = 5 * std::sqrt(static_cast<double>(count)) * variance;
    EXPECT_LT(std::abs(with_position), five_sigma);
    EXPECT_LT(std::abs(with_neighbour), five_sigma);
    EXPECT_LT(std::abs(with_other_key), five_sigma);
    EXPECT_LT(fixed, 8U);
    EXPECT_LT(kept_neighbours, 8U);
}

TEST(Permutation, SpreadsEachTenthOfThePositionsOverAllTenthsOfTheNumbers) {
    const std::uint64_t count = 100000, cell = count / 10;
    const Permutation order(count, 5);
    std::vector<int> cells(100, 0);
    for (std::uint64_t i = 0; i < count; ++i) ++cells[i / cell * 10 + order(i) / cell];
    for (const int seen : cells) EXPECT_NEAR(seen, 1000, 5 * std::sqrt(1000.0));
}

TEST(Permutation, RefusesNoNumbersAndPositionsBehindTheEnd) {
    expect_error(Code::INVALID_ARGUMENT, "permutation: asked for 0 numbers", [] { Permutation(0, 1); });
    expect_error(Code::OUT_OF_RANGE, "position 5 of 5", [] { Permutation(5, 1)(5); });
}

}  // namespace
}  // namespace podium::data
