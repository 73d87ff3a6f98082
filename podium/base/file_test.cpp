#include "podium/base/file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "tests/support/error_of.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::HasSubstr;

class File : public testing::Test {
protected:
    ~File() override { set_file_fault_hook({}); }

    /// Makes the first `operation` fail with `error`.
    static void inject(FileOperation operation, int error) {
        set_file_fault_hook(
            [=](FileOperation at, const std::filesystem::path&) { return at == operation ? error : 0; });
    }

    TemporaryFolder folder_;
};

TEST_F(File, WhatIsWrittenIsReadAndMapped) {
    const std::string text = std::string("line\n\0binary", 12) + std::string(200'000, 'x');
    FileWriter file(folder_ / "file");
    file.write(text.substr(0, 7));
    file.write(text.substr(7));
    file.close();
    EXPECT_EQ(read_file(folder_ / "file"), text);
    EXPECT_EQ(MappedFile(folder_ / "file").text(), text);
}

TEST_F(File, AnEmptyFileMapsToNoBytes) {
    write_atomically(folder_ / "empty", "");
    EXPECT_TRUE(MappedFile(folder_ / "empty").bytes().empty());
    EXPECT_EQ(read_file(folder_ / "empty"), "");
}

TEST_F(File, TheOwnerKeepsMappedBytesAliveWhenTheFileIsReplaced) {
    write_atomically(folder_ / "file", "old");
    std::shared_ptr<const void> owner;
    {
        const MappedFile mapped(folder_ / "file");
        owner = mapped.owner();
    }
    write_atomically(folder_ / "file", "new");
    EXPECT_EQ(std::string_view(static_cast<const char*>(owner.get()), 3), "old");
}

TEST_F(File, ErrorsNameOperationPathAndReason) {
    const auto missing = error_of([&] { MappedFile(folder_ / "none"); });
    EXPECT_EQ(missing.code(), Code::NOT_FOUND);
    EXPECT_EQ(missing.message(), "cannot open " + (folder_ / "none").string() + ": No such file or directory");
    EXPECT_EQ(error_of([&] { read_file(folder_ / "none"); }).code(), Code::NOT_FOUND);
    EXPECT_EQ(error_of([&] { FileWriter(folder_ / "none" / "file"); }).code(), Code::NOT_FOUND);
    EXPECT_EQ(error_of([&] { commit_rename(folder_ / "none", folder_ / "file"); }).code(), Code::NOT_FOUND);
    EXPECT_EQ(error_of([&] { sync_directory(folder_ / "none"); }).code(), Code::NOT_FOUND);
}

TEST_F(File, FoldersAndPipesAreNotMapped) {
    EXPECT_EQ(error_of([&] { MappedFile(folder_.path()); }).code(), Code::INVALID_ARGUMENT);
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(error_of([&] { MappedFile(folder_ / "pipe"); }).message(), HasSubstr("not a regular file"));
}

TEST_F(File, DirectoriesAreMadeWithTheirParents) {
    make_directories(folder_ / "a" / "b" / "c");
    make_directories(folder_ / "a" / "b" / "c");
    EXPECT_TRUE(std::filesystem::is_directory(folder_ / "a" / "b" / "c"));
    write_atomically(folder_ / "file", "x");
    EXPECT_EQ(error_of([&] { make_directories(folder_ / "file" / "d"); }).code(), Code::ALREADY_EXISTS);
}

TEST_F(File, ExchangeSwapsTwoFolders) {
    make_directories(folder_ / "a");
    make_directories(folder_ / "b");
    write_atomically(folder_ / "a" / "mark", "a");
    ASSERT_TRUE(commit_exchange(folder_ / "a", folder_ / "b"));
    EXPECT_EQ(read_file(folder_ / "b" / "mark"), "a");
    inject(FileOperation::RENAME, EINVAL);
    EXPECT_FALSE(commit_exchange(folder_ / "a", folder_ / "b"));
}

TEST_F(File, AFailedAtomicWriteLeavesTheOldFileAndNoTemporary) {
    write_atomically(folder_ / "file", "old");
    for (const auto operation :
         {FileOperation::CREATE, FileOperation::WRITE, FileOperation::FSYNC, FileOperation::RENAME}) {
        inject(operation, ENOSPC);
        const auto error = error_of([&] { write_atomically(folder_ / "file", "new"); });
        EXPECT_EQ(error.code(), Code::RESOURCE_EXHAUSTED);
        EXPECT_THAT(error.message(), HasSubstr("No space left on device; free some space"));
        EXPECT_EQ(read_file(folder_ / "file"), "old");
        EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
    }
}

TEST_F(File, TheNthOperationFailsAsTheFaultSays) {
    set_file_fault_hook(parse_file_fault("enospc:WRITE:2"));
    write_atomically(folder_ / "file", "first");
    EXPECT_EQ(error_of([&] { write_atomically(folder_ / "file", "second"); }).code(), Code::RESOURCE_EXHAUSTED);
    write_atomically(folder_ / "file", "third");
    EXPECT_EQ(read_file(folder_ / "file"), "third");
}

TEST_F(File, FaultsThatMakeNoSenseAreRefused) {
    for (const auto* text :
         {"", "kill", "kill:RENAME", "kill:RENAME:0", "kill:RENAME:1x", "kill:OPEN:1", "die:WRITE:1"})
        EXPECT_EQ(error_of([&] { parse_file_fault(text); }).code(), Code::INVALID_ARGUMENT) << text;
}

TEST_F(File, TheEnvironmentKillsTheProcessAtTheNamedOperation) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";  // a new process, which reads the environment afresh
    ::setenv("PODIUM_FAULT", "kill:RENAME:2", 1);
    EXPECT_EXIT(
        {
            write_atomically(folder_ / "one", "1");
            write_atomically(folder_ / "two", "2");
        },
        testing::KilledBySignal(SIGKILL), "");
    ::unsetenv("PODIUM_FAULT");
}

}  // namespace
}  // namespace podium
