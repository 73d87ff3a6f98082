#include "podium/exec/program_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "podium/base/file.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

namespace fs = std::filesystem;
using CacheKey = ProgramCache::Key;

class Cache : public testing::Test {
protected:
    fs::path only_file() const { return fs::directory_iterator(folder_ / "c")->path(); }
    void make_older(const CacheKey& key, std::chrono::hours age) {
        const auto name = folder_ / "c" / fmt::format("{:016x}{:016x}.program", key[0], key[1]);
        fs::last_write_time(name, fs::file_time_type::clock::now() - age);
    }
    test::TemporaryFolder folder_;
    ProgramCache cache_{folder_ / "c", 1 << 20};
};

TEST_F(Cache, GivesBackWhatWasStoredUnderTheKey) {
    EXPECT_FALSE(cache_.find({1, 2}));
    cache_.store({1, 2}, "first");
    cache_.store({2, 1}, std::string(1000, '\0'));
    EXPECT_EQ(cache_.find({1, 2}), "first");
    EXPECT_EQ(cache_.find({2, 1}), std::string(1000, '\0'));
    EXPECT_EQ(cache_.size().programs, 2);
    cache_.remove({1, 2});
    EXPECT_FALSE(cache_.find({1, 2}));
    cache_.clear();
    EXPECT_EQ(cache_.size().programs, 0);
}

TEST_F(Cache, EveryDamagedOrCutFileIsFoundAndRemoved) {
    cache_.store({1, 2}, "program");
    const std::string good = read_file(only_file());
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const bool cut : {false, true}) {
            std::string bad = good.substr(0, cut ? i : good.size());
            if (!cut) bad[i] = static_cast<char>(bad[i] ^ 4);
            write_atomically(folder_ / "c/00000000000000010000000000000002.program", bad);
            EXPECT_FALSE(cache_.find({1, 2})) << i;
            EXPECT_EQ(cache_.size().programs, 0) << i;
        }
    }
}

TEST_F(Cache, AProgramUnderAnothersNameIsNotTaken) {
    cache_.store({1, 2}, "program");
    fs::rename(only_file(), folder_ / "c/00000000000000030000000000000004.program");
    EXPECT_FALSE(cache_.find({3, 4}));
}

TEST_F(Cache, WhatWasUsedLeastRecentlyGoesFirst) {
    ProgramCache small(folder_ / "c", 3000);
    const std::string bytes(900, 'x');
    for (std::uint64_t i = 0; i < 3; ++i) {
        small.store({i, 0}, bytes);
        make_older({i, 0}, std::chrono::hours(10 - static_cast<int>(i)));
    }
    EXPECT_TRUE(small.find({0, 0})) << "and is the youngest now";
    small.store({3, 0}, bytes);
    EXPECT_TRUE(small.find({0, 0}));
    EXPECT_FALSE(small.find({1, 0}));
    EXPECT_TRUE(small.find({2, 0}));
    EXPECT_TRUE(small.find({3, 0}));
    small.store({4, 0}, std::string(4000, 'x'));
    EXPECT_FALSE(small.find({4, 0})) << "larger than the whole cache";
}

TEST_F(Cache, AFolderThatOthersMayWriteToIsNotUsed) {
    cache_.store({1, 2}, "program");
    fs::permissions(folder_ / "c", fs::perms::all);
    EXPECT_FALSE(cache_.find({1, 2}));
    fs::permissions(folder_ / "c", fs::perms::owner_all);
    EXPECT_TRUE(cache_.find({1, 2}));
}

TEST_F(Cache, AFullDiskAndAFileInTheWayAreNoErrors) {
    set_file_fault_hook(parse_file_fault("enospc:WRITE:1"));
    cache_.store({1, 2}, "program");
    set_file_fault_hook({});
    EXPECT_FALSE(cache_.find({1, 2}));
    EXPECT_TRUE(fs::is_empty(folder_ / "c"));
    folder_.write("file", "");
    ProgramCache blocked(folder_ / "file/c", 1 << 20);
    blocked.store({1, 2}, "program");
    EXPECT_FALSE(blocked.find({1, 2}));
}

TEST_F(Cache, OnlyItsOwnFilesAreRemoved) {
    cache_.store({1, 2}, "program");
    folder_.write("c/notes.txt", "mine");
    folder_.write("c/00000000000000010000000000000002.program.tmp-77", "left by a killed process");
    fs::last_write_time(folder_ / "c/00000000000000010000000000000002.program.tmp-77",
                        fs::file_time_type::clock::now() - std::chrono::hours(2));
    cache_.store({3, 4}, "program");
    EXPECT_FALSE(fs::exists(folder_ / "c/00000000000000010000000000000002.program.tmp-77"));
    EXPECT_EQ(cache_.clear().programs, 2);
    EXPECT_EQ(read_file(only_file()), "mine");
}

}  // namespace
}  // namespace podium
