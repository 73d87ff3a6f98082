#include "podium/data/id_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "podium/base/expect_error.h"
#include "podium/data/token_ring.h"
#include "podium/tokenizers/bpe_trainer.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

using Ids = std::vector<std::int32_t>;

/// Lines of words, blank ones among them, so that a piece may end anywhere that it is allowed to.
std::string lines(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i)
        text += fmt::format("the mesh {} of pods{}", i % 97, i % 5 == 0 ? " \n\n\t" : i % 3 == 0 ? "\n" : " ");
    return text;
}

class IdFiles : public testing::Test {
protected:
    IdFiles() {
        folder_.write("texts/a.txt", lines(3'000'000));
        folder_.write("texts/b.txt", "pods \xff and a mesh");
        BpeTrainer trainer;
        trainer.add(lines(20'000));
        encoding_.tokenizer =
            std::make_shared<const Tokenizer>(trainer.train({.vocabulary = 320, .special_tokens = {"<|endoftext|>"}}));
        encoding_.folder = folder_ / "ids";
    }
    std::vector<FoundFile> texts() const {
        const std::vector<std::string> paths{folder_ / "texts"};
        return find_files(paths);
    }
    /// Returns what the texts' ids are when each is encoded in one piece.
    Ids expected() const {
        Ids ids;
        for (const auto& text : texts()) {
            const auto some = encoding_.tokenizer->encode(read_file(text.path));
            ids.insert(ids.end(), some.begin(), some.end());
            ids.push_back(encoding_.tokenizer->parts().added.front().id);
        }
        return ids;
    }
    std::vector<std::filesystem::path> kept() const {
        std::vector<std::filesystem::path> paths;
        for (const auto& entry : std::filesystem::directory_iterator(encoding_.folder)) paths.push_back(entry.path());
        return paths;
    }

    test::TemporaryFolder folder_;
    Encoding encoding_;
};

TEST_F(IdFiles, HoldTheIdsOfEachTextAndTheEndOfItsDocument) {
    const IdFile file(texts(), encoding_);
    Ids ids(file.size());
    file.read(0, ids);
    EXPECT_TRUE(ids == expected());
    Ids some(3);
    file.read(ids.size() - 3, some);
    EXPECT_EQ(some, Ids(ids.end() - 3, ids.end()));
    expect_error(Code::OUT_OF_RANGE, "asked for ids", [&] { file.read(ids.size() - 2, some); });
}

TEST_F(IdFiles, AreMadeOnceAndAnewWhenATextChanges) {
    int calls = 0;
    encoding_.progress = [&](std::uint64_t done, std::uint64_t all) {
        ++calls;
        EXPECT_LE(done, all);
    };
    const auto size = IdFile(texts(), encoding_).size();
    EXPECT_GE(calls, 4) << "three pieces of the large text, and the small one";
    calls = 0;
    EXPECT_EQ(IdFile(texts(), encoding_).size(), size);
    EXPECT_EQ(calls, 0);
    folder_.write("texts/b.txt", "pods \xff and a fish");
    EXPECT_GT(IdFile(texts(), encoding_).size(), 0U);
    EXPECT_GT(calls, 0);
    EXPECT_EQ(kept().size(), 2U);
}

TEST_F(IdFiles, AnIdThatIsNoneNamesTheFile) {
    const IdFile whole(texts(), encoding_);
    const auto path = kept().at(0);
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).write("\xff\xff", 2);
    const IdFile damaged(texts(), encoding_);
    Ids ids(4);
    expect_error(Code::INVALID_DATA, path.string(), [&] { damaged.read(0, ids); });
}

TEST_F(IdFiles, MakeARingAsBytesDo) {
    for (const auto& encoding : {encoding_, Encoding{}}) {
        const TokenRing ring(texts(), encoding);
        Ids whole(ring.size()), turned(ring.size());
        ring.read(0, whole);
        ring.read(ring.size() + 10, turned);
        std::rotate(whole.begin(), whole.begin() + 10, whole.end());
        EXPECT_TRUE(whole == turned);
    }
    EXPECT_EQ(TokenRing({}, encoding_).size(), 0U);
}

}  // namespace
}  // namespace podium::data
