#include "podium/data/byte_stream.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

class Stream : public testing::TestWithParam<std::size_t> {
protected:
    Stream() {
        folder_.write("a", "abc");
        folder_.write("b", "de\n");
        folder_.write("c", "f");
    }
    std::vector<FoundFile> files() const { return find_files(std::vector{folder_.path().string()}); }
    static std::string read(const ByteStream& stream, std::uint64_t start, std::size_t count) {
        std::vector<std::uint8_t> bytes(count);
        stream.read(start, bytes);
        return {bytes.begin(), bytes.end()};
    }
    test::TemporaryFolder folder_;
};

TEST_P(Stream, IsARingOfTheFilesWithANewlineAfterEach) {
    const ByteStream stream(files(), GetParam());
    const std::string ring = "abc\nde\n\nf\n", twice = ring + ring + ring;
    ASSERT_EQ(stream.size_bytes(), ring.size());
    EXPECT_EQ(stream.file_count(), 3U);
    for (std::size_t start = 0; start < ring.size(); ++start)
        for (std::size_t count = 0; count <= 2 * ring.size(); ++count)
            EXPECT_EQ(read(stream, start, count), twice.substr(start, count));
    EXPECT_EQ(read(stream, 2 * ring.size() + 1, 3), "bc\n");
}

INSTANTIATE_TEST_SUITE_P(Mapped, Stream, testing::Values(ByteStream::MAPPED_FILES, 1, 0));

TEST_F(Stream, AFileThatBecameShorterOrWentAwayIsNamed) {
    const ByteStream stream(files(), 0);
    folder_.write("a", "a");
    expect_error(Code::INVALID_DATA, "a' ends at byte 1, 3 were there", [&] { read(stream, 0, 4); });
    std::filesystem::remove(folder_ / "b");
    expect_error(Code::INVALID_DATA, "b': No such file", [&] { read(stream, 4, 2); });
}

TEST_F(Stream, FingerprintFollowsNamesSizesAndBytesAndNotTheFolder) {
    const auto before = fingerprint(files());
    EXPECT_EQ(fingerprint(files()), before);
    const test::TemporaryFolder other;
    std::filesystem::copy(folder_.path(), other.path(), std::filesystem::copy_options::recursive);
    EXPECT_EQ(fingerprint(find_files(std::vector{other.path().string()})), before);
    folder_.write("c", "g");
    const auto changed = fingerprint(files());
    EXPECT_NE(changed, before);
    folder_.write("c", "f");
    EXPECT_EQ(fingerprint(files()), before);
    std::filesystem::rename(folder_ / "c", folder_ / "d");
    EXPECT_NE(fingerprint(files()), before);
}

TEST_F(Stream, FingerprintSeesTheEndOfALongFile) {
    std::string text(100000, 'x');
    folder_.write("long", text);
    const auto before = fingerprint(files());
    text.back() = 'y';
    folder_.write("long", text);
    EXPECT_NE(fingerprint(files()), before);
}

}  // namespace
}  // namespace podium::data
