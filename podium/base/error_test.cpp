#include "podium/base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "podium/base/expect_error.h"

namespace podium {
namespace {

TEST(Error, WhatIsTheMessageThenTheContext) {
    EXPECT_STREQ(Error(Code::NOT_FOUND, "no file", "gpt.yaml:3").what(), "no file\n  at gpt.yaml:3");
    EXPECT_STREQ(Error(Code::NOT_FOUND, "no file").what(), "no file");
}

TEST(Error, FailFormatsItsMessage) {
    expect_error(Code::SHAPE_MISMATCH, "add: 2 and 3", [] { fail(Code::SHAPE_MISMATCH, "add: {} and {}", 2, 3); });
}

TEST(Error, CodesThatCallersHandleHaveTheirOwnTypes) {
    EXPECT_THROW(raise(Code::OUT_OF_MEMORY, ""), OutOfMemory);
    EXPECT_THROW(raise(Code::COMPILE_FAILED, ""), CompileFailed);
    EXPECT_THROW(raise(Code::CHECKPOINT_CORRUPT, ""), CheckpointCorrupt);
    EXPECT_THROW(raise(Code::INVALID_CONFIG, ""), InvalidConfig);
    EXPECT_THROW(raise(Code::PREEMPTED, ""), Preempted);
}

TEST(Error, EveryCodeHasAnotherName) {
    std::set<std::string_view> names;
    for (int i = 0; i <= 16; ++i) names.insert(name(static_cast<Code>(i)));
    for (int i = 100; i <= static_cast<int>(Code::PREEMPTED); ++i) names.insert(name(static_cast<Code>(i)));
    EXPECT_EQ(names.size(), 17U + 11U);
    EXPECT_EQ(name(static_cast<Code>(99)), "UNKNOWN");
}

Result<std::unique_ptr<int>> half(int number) {
    if (number % 2 != 0) return Error(Code::INVALID_ARGUMENT, "half: the number is odd", "here");
    return std::make_unique<int>(number / 2);
}

TEST(Result, HoldsTheValue) {
    auto result = half(8);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(**result, 4);
    EXPECT_EQ(*half(6).value(), 3);
    const std::unique_ptr<int> taken = half(10).value();
    EXPECT_EQ(*taken, 5);
}

TEST(Result, HoldsTheErrorAndThrowsItWhereAValueIsAskedFor) {
    const auto result = half(7);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().context(), "here");
    expect_error(Code::INVALID_ARGUMENT, "odd", [&] { static_cast<void>(result.value()); });
}

TEST(Result, ThrowsTheTypeThatBelongsToTheCode) {
    const Result<int> result = Error(Code::OUT_OF_MEMORY, "full");
    EXPECT_THROW(static_cast<void>(*result), OutOfMemory);
}

TEST(Result, ArrowReachesIntoTheValue) {
    const Result<std::string> result = std::string("words");
    EXPECT_EQ(result->size(), 5U);
}

}  // namespace
}  // namespace podium
