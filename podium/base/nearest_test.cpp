#include "podium/base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace podium {
namespace {

const std::vector<std::string> WORDS{"learning_rate", "weight_decay", "steps", "seed", "batch"};

TEST(Nearest, FindsTheWordBehindATypo) {
    EXPECT_EQ(nearest("learning_rat", WORDS), "learning_rate");
    EXPECT_EQ(nearest("stpes", WORDS), "steps");
    EXPECT_EQ(nearest("weigth_decay", WORDS), "weight_decay");
    EXPECT_EQ(nearest("bach", WORDS), "batch");
}

TEST(Nearest, IsEmptyWhereMoreThanHalfDiffers) {
    EXPECT_EQ(nearest("momentum", WORDS), "");
    EXPECT_EQ(nearest("x", WORDS), "");
    EXPECT_EQ(nearest("", WORDS), "");
    EXPECT_EQ(nearest("steps", {}), "");
}

TEST(Nearest, PrefersTheFirstOfEquallyNear) {
    EXPECT_EQ(nearest("seat", std::vector<std::string>{"seal", "sear"}), "seal");
}

}  // namespace
}  // namespace podium
