#include "podium/train/run_folder.h"

#include <gtest/gtest.h>

#include "podium/base/file.h"
#include "tests/support/error_of.h"
#include "tests/support/temporary_folder.h"

namespace podium::train {
namespace {

using test::error_of;

TEST(RunFolder, IsLockedWhileItLives) {
    const test::TemporaryFolder root;
    {
        const auto folder = RunFolder::create(root / "a/run");
        write_atomically(folder.config(), "format: 1\n");
        EXPECT_NE(error_of([&] { RunFolder::open(root / "a/run"); }).message().find("another podium"),
                  std::string::npos);
    }
    EXPECT_EQ(RunFolder::open(root / "a/run").path(), root / "a/run");
}

TEST(RunFolder, IsNeverMadeWhereThereIsSomething) {
    const test::TemporaryFolder root;
    write_atomically(root / "notes.txt", "mine");
    EXPECT_EQ(error_of([&] { RunFolder::create(root.path()); }).code(), Code::INVALID_ARGUMENT);
    EXPECT_EQ(error_of([&] { RunFolder::create(root / "notes.txt"); }).code(), Code::INVALID_ARGUMENT);
    EXPECT_EQ(error_of([&] { RunFolder::create(root / "notes.txt/run"); }).code(), Code::INVALID_ARGUMENT);
    EXPECT_FALSE(std::filesystem::exists(root / "lock"));
}

TEST(RunFolder, OfARunThatWasKilledBeforeItHadAConfigIsNew) {
    const test::TemporaryFolder root;
    write_atomically(root / "lock", "");
    write_atomically(root / "config.yaml.tmp-12", "for");
    EXPECT_EQ(RunFolder::create(root.path()).path(), root.path());
}

TEST(RunFolder, WithoutAConfigIsNoRun) {
    const test::TemporaryFolder root;
    EXPECT_EQ(error_of([&] { RunFolder::open(root / "none"); }).code(), Code::INVALID_ARGUMENT);
    EXPECT_NE(error_of([&] { RunFolder::open(root.path()); }).message().find("no config.yaml"), std::string::npos);
}

}  // namespace
}  // namespace podium::train
