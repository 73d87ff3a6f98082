#include "podium/data/mixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "podium/base/expect_error.h"

namespace podium::data {
namespace {

std::vector<std::uint64_t> counts(const Mixture& mixture, std::size_t sources, std::uint64_t rounds) {
    std::vector<std::uint64_t> next(sources, 0);
    for (std::uint64_t i = 0; i < rounds * Mixture::ROUND; ++i) ++next[mixture(i).source];
    return next;
}

TEST(Mixture, EachSourceHasItsShareOfEveryRound) {
    EXPECT_EQ(counts(Mixture(std::vector{3.0, 1.0}, 7), 2, 1), (std::vector<std::uint64_t>{768, 256}));
    EXPECT_EQ(counts(Mixture(std::vector{3e-9, 1e-9}, 7), 2, 5), (std::vector<std::uint64_t>{3840, 1280}));
    EXPECT_EQ(counts(Mixture(std::vector{1.0}, 7), 1, 1), (std::vector<std::uint64_t>{1024}));
    const std::vector<double> thirds(3, 1.0);
    for (const auto count : counts(Mixture(thirds, 7), 3, 1)) EXPECT_NEAR(static_cast<double>(count), 1024.0 / 3, 1);
}

TEST(Mixture, ARareSourceComesOnceARound) {
    EXPECT_EQ(counts(Mixture(std::vector{1e-9, 1.0, 1e-9}, 3), 3, 2), (std::vector<std::uint64_t>{2, 2044, 2}));
    EXPECT_EQ(counts(Mixture(std::vector<double>(1024, 1.0), 3), 1024, 1), std::vector<std::uint64_t>(1024, 1));
}

TEST(Mixture, TakesEverySampleOfASourceOnceAndInItsRounds) {
    const Mixture mixture(std::vector{5.0, 2.0, 1.0}, 11);
    std::vector<std::vector<std::uint64_t>> taken(3);
    for (std::uint64_t i = 0; i < 4 * Mixture::ROUND; ++i) {
        const auto [source, sample] = mixture(i);
        taken[source].push_back(sample);
    }
    for (auto& samples : taken) {
        std::vector<std::uint64_t> expected(samples.size());
        std::iota(expected.begin(), expected.end(), std::uint64_t{0});
        std::ranges::sort(samples);
        EXPECT_EQ(samples, expected);
    }
}

TEST(Mixture, WeightsAreNumbersAboveZero) {
    for (const double weight : {0.0, -1.0, double{NAN}, double{INFINITY}})
        expect_error(Code::INVALID_ARGUMENT, "a weight is", [&] { Mixture(std::vector{1.0, weight}, 1); });
    expect_error(Code::INVALID_ARGUMENT, "0 weights", [] { Mixture({}, 1); });
    expect_error(Code::INVALID_ARGUMENT, "1025 weights", [] { Mixture(std::vector<double>(1025, 1.0), 1); });
}

}  // namespace
}  // namespace podium::data
