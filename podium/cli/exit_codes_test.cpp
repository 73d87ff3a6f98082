#include "podium/cli/exit_codes.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace podium {
namespace {

TEST(ExitCodes, EveryErrorHasOneThatTheTableExplains) {
    for (const Code code : all_codes())
        EXPECT_TRUE(std::any_of(EXIT_CODES.begin(), EXIT_CODES.end(), [&](const ExitCode& row) {
            return row.code == exit_code(code);
        })) << name(code);
}

TEST(ExitCodes, AreThoseThatScriptsRelyOn) {
    EXPECT_EQ(exit_code(Code::INVALID_CONFIG), 2);
    EXPECT_EQ(exit_code(Code::INVALID_DATA), 3);
    EXPECT_EQ(exit_code(Code::CHECKPOINT_CORRUPT), 4);
    EXPECT_EQ(exit_code(Code::UNAVAILABLE), 5);
    EXPECT_EQ(exit_code(Code::COMPILE_FAILED), 5);
    EXPECT_EQ(exit_code(Code::OUT_OF_MEMORY), 6);
    EXPECT_EQ(exit_code(Code::NOT_FINITE), 7);
    EXPECT_EQ(exit_code(Code::UNAUTHENTICATED), 9);
    EXPECT_EQ(exit_code(Code::PREEMPTED), 75);
}

TEST(ExitCodes, ListsEveryCodeOnce) {
    const auto codes = all_codes();
    EXPECT_THAT(codes, testing::Contains(Code::OK));
    EXPECT_THAT(codes, testing::Contains(Code::UNKNOWN));
    EXPECT_THAT(codes, testing::Contains(Code::PREEMPTED));
    EXPECT_EQ(codes.size(), 28U);
}

}  // namespace
}  // namespace podium
