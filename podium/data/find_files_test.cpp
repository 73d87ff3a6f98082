#include "podium/data/find_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "podium/base/expect_error.h"
#include "podium/data/byte_stream.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class FindFiles : public testing::Test {
protected:
    FindFiles() {
        for (const char* name : {"docs/b.md", "docs/a.md", "docs/guide/c.md", "docs/guide/deep/d.md", "docs/notes.txt",
                                 "docs/.hidden/e.md", "docs/.f.md", "src/main1.cpp", "src/main2.cpp", "src/mainx.cpp"})
            folder_.write(name, name);
    }
    Names paths(const Names& patterns) const {
        Names full, result;
        for (const auto& pattern : patterns) full.push_back(folder_ / pattern);
        for (const auto& file : find_files(full))
            result.push_back(fs::path(file.path).lexically_relative(folder_.path()));
        return result;
    }
    test::TemporaryFolder folder_;
};

TEST_F(FindFiles, TakesAPlainPathUnderItsFileName) {
    const auto files = find_files(Names{folder_ / "docs/guide/c.md"});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].path, folder_ / "docs/guide/c.md");
    EXPECT_EQ(files[0].name, "c.md");
    EXPECT_EQ(files[0].size_bytes, 15U);
}

TEST_F(FindFiles, StarStaysInItsFolder) { EXPECT_EQ(paths({"docs/*.md"}), (Names{"docs/a.md", "docs/b.md"})); }

TEST_F(FindFiles, TwoStarsMatchAnyNumberOfFoldersAndNone) {
    const Names all{"docs/a.md", "docs/b.md", "docs/guide/c.md", "docs/guide/deep/d.md"};
    EXPECT_EQ(paths({"docs/**/*.md"}), all);
    EXPECT_EQ(paths({"**/*.md"}), all);
    EXPECT_EQ(paths({"docs/**/**/*.md"}), all);
    EXPECT_EQ(paths({"docs/**/deep/*"}), Names{"docs/guide/deep/d.md"});
}

TEST_F(FindFiles, QuestionMarksAndSetsMatchOneCharacter) {
    EXPECT_EQ(paths({"src/main?.cpp"}), (Names{"src/main1.cpp", "src/main2.cpp", "src/mainx.cpp"}));
    EXPECT_EQ(paths({"src/main[0-9].cpp"}), (Names{"src/main1.cpp", "src/main2.cpp"}));
    EXPECT_EQ(paths({"s?c/main[!0-9].cpp"}), Names{"src/mainx.cpp"});
}

TEST_F(FindFiles, AFolderStandsForEveryVisibleFileBelowIt) {
    const Names all{"docs/a.md", "docs/b.md", "docs/guide/c.md", "docs/guide/deep/d.md", "docs/notes.txt"};
    EXPECT_EQ(paths({"docs"}), all);
    EXPECT_EQ(paths({"docs/"}), all);
    EXPECT_EQ(paths({"docs/**"}), all);
}

TEST_F(FindFiles, HiddenFilesComeWhenTheDotIsSpelled) {
    EXPECT_EQ(paths({"docs/.*.md"}), Names{"docs/.f.md"});
    EXPECT_EQ(paths({"docs/.hidden/*"}), Names{"docs/.hidden/e.md"});
}

TEST_F(FindFiles, NamesDoNotDependOnWhereTheCorpusLies) {
    const auto files = find_files(Names{folder_ / "docs/**/*.md"});
    EXPECT_EQ(files[2].name, "guide/c.md");
    const fs::path before = fs::current_path();
    fs::current_path(folder_.path());
    const auto relative = find_files(Names{"docs/**/*.md"});
    const auto here = find_files(Names{"*/*.txt"});
    fs::current_path(before);
    ASSERT_EQ(relative.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) EXPECT_EQ(relative[i].name, files[i].name);
    EXPECT_EQ(relative[0].path, "docs/a.md");
    EXPECT_EQ(here[0].path, "docs/notes.txt");
}

TEST_F(FindFiles, SeveralPatternsGiveEachFileOnceInOneOrder) {
    const Names expected{"docs/a.md", "docs/b.md", "docs/guide/c.md", "docs/guide/deep/d.md", "src/main1.cpp"};
    EXPECT_EQ(paths({"src/main1.cpp", "docs/**/*.md", "docs/a.md"}), expected);
    EXPECT_EQ(
        paths({"docs/**/*.md," + (folder_ / "src/main1.cpp").string() + "," + (folder_ / "docs").string()}).size(), 6U);
}

TEST_F(FindFiles, AFileWithACommaOrBracketsInItsNameIsTakenLiterally) {
    folder_.write("odd/a,b[1].txt", "x");
    EXPECT_EQ(paths({"odd/a,b[1].txt"}), Names{"odd/a,b[1].txt"});
}

TEST_F(FindFiles, LinkedFilesAndFoldersCountOnceAndLoopsEnd) {
    fs::create_symlink(folder_ / "docs/a.md", folder_.path() / "docs/z.md");
    fs::create_directory_symlink(folder_.path() / "docs", folder_.path() / "docs/guide/up");
    fs::create_symlink("nowhere", folder_.path() / "docs/dangling.md");
    EXPECT_EQ(paths({"docs/**/*.md"}), (Names{"docs/a.md", "docs/b.md", "docs/guide/c.md", "docs/guide/deep/d.md"}));
    fs::create_directory_symlink(folder_.path() / "src", folder_.path() / "linked");
    EXPECT_EQ(paths({"linked"}), (Names{"linked/main1.cpp", "linked/main2.cpp", "linked/mainx.cpp"}));
}

TEST_F(FindFiles, AMissingPathNamesTheNearestFolderAndTheNearestName) {
    expect_error(Code::INVALID_DATA,
                 fmt::format("nothing is at '{}': the nearest folder '{}' holds no 'dosc'; did you mean 'docs'?",
                             (folder_ / "dosc/**/*.md").string(), folder_.path().string()),
                 [&] { paths({"dosc/**/*.md"}); });
    expect_error(Code::INVALID_DATA, "holds no 'guide.md'", [&] { paths({"docs/a.md", "docs/guide.md"}); });
    expect_error(Code::INVALID_DATA, "the nearest folder '/' holds no 'podium-no-such-folder'",
                 [] { find_files(Names{"/podium-no-such-folder/x/y"}); });
    expect_error(Code::INVALID_DATA, "the nearest folder '.' holds no 'podium-no-such-file'",
                 [] { find_files(Names{"podium-no-such-file"}); });
}

TEST_F(FindFiles, APathThroughAFileOrADanglingLinkSaysWhichPartIsInTheWay) {
    fs::create_symlink("nowhere", folder_.path() / "dangling");
    expect_error(Code::INVALID_DATA, (folder_ / "docs/a.md").string() + "' is a file or a link",
                 [&] { paths({"docs/a.md/*.md"}); });
    expect_error(Code::INVALID_DATA, (folder_ / "dangling").string() + "' is a file or a link",
                 [&] { paths({"dangling"}); });
}

TEST_F(FindFiles, APatternThatFitsNothingIsNamed) {
    expect_error(Code::INVALID_DATA,
                 "no file matches '" + (folder_ / "docs/*.rst").string() + "': folder '" + (folder_ / "docs").string(),
                 [&] { paths({"docs/*.rst"}); });
    fs::create_directories(folder_.path() / "empty/inner");
    expect_error(Code::INVALID_DATA, "empty' holds no files", [&] { paths({"empty"}); });
    expect_error(Code::INVALID_DATA, "matches folders and no files; end it in '**'", [&] { paths({"empty/*"}); });
    expect_error(Code::INVALID_DATA, "empty path", [] { find_files(Names{""}); });
    expect_error(Code::INVALID_DATA, "no paths were given", [] { find_files({}); });
    expect_error(Code::INVALID_DATA, "'/dev/null' is no regular file", [] { find_files(Names{"/dev/null"}); });
}

/// Runs `f` as a user without rights and ends the process, the error's message on stderr.
template <class F>
[[noreturn]] void print_error_without_rights(F&& f) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) std::_Exit(2);
    try {
        f();
    } catch (const Error& error) {
        std::fputs(error.what(), stderr);
        std::_Exit(name(error.code()) == "INVALID_DATA" ? 0 : 3);
    }
    std::_Exit(4);
}

TEST_F(FindFiles, UnreadableFilesAndFoldersAreNamed) {
    fs::permissions(folder_.path(), fs::perms::all);
    fs::permissions(folder_.path() / "docs/a.md", fs::perms::none);
    fs::permissions(folder_.path() / "src", fs::perms::none);
    const std::string file = folder_ / "docs/a.md", folder = folder_ / "src";
    EXPECT_EXIT(print_error_without_rights([&] { ByteStream(find_files(Names{file})); }), testing::ExitedWithCode(0),
                "cannot open .*docs/a.md: Permission denied");
    EXPECT_EXIT(print_error_without_rights([&] { find_files(Names{folder}); }), testing::ExitedWithCode(0),
                "cannot read folder '.*src': Permission denied");
    fs::permissions(folder_.path() / "src", fs::perms::all);
}

}  // namespace
}  // namespace podium::data
