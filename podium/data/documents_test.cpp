#include "podium/data/documents.h"

#include <gtest/gtest.h>

#include <vector>

#include "podium/base/expect_error.h"
#include "podium/data/token_ring.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

class Documents : public testing::Test {
protected:
    FoundFile file(const std::string& name, const std::string& content) {
        folder_.write(name, content);
        return {folder_ / name, name, content.size()};
    }
    std::vector<std::string> read(const FoundFile& from, const RecordOptions& options = {}) {
        std::vector<std::string> texts;
        for_each_document(from, options, damage_, [&](std::string_view text) { texts.emplace_back(text); });
        return texts;
    }

    test::TemporaryFolder folder_;
    Damage damage_;
};

TEST_F(Documents, AFileIsOneAndARecordIsOne) {
    using Texts = std::vector<std::string>;
    EXPECT_EQ(read(file("a.txt", "one\ntwo\n")), Texts{"one\ntwo\n"});
    const auto records = file("a.jsonl",
                              "{\"text\": \"one\\ntwo\", \"n\": 1}\r\n\n"
                              "{\"id\": {\"text\": 5}, \"text\": \"d\\u00e9j\\u00e0\"}\n{\"text\": \"\"}");
    EXPECT_EQ(read(records), (Texts{"one\ntwo", "déjà", ""}));
    EXPECT_EQ(read(file("b.ndjson", "{\"body\": \"x\", \"text\": 1}"), {.field = "body"}), Texts{"x"});
    EXPECT_EQ(damage_.records, 0U);
}

TEST_F(Documents, DamagedRecordsAreCountedAndTheFirstIsNamed) {
    const auto records = file("a.jsonl",
                              "{\"text\": \"good\"}\n{\"text\": \"cut off\n[1]\n{\"text\": 5}\n{}\n"
                              "{\"text\": \"\xff\"}\n{\"text\": \"good\"} more\n{\"text\": \"too\"}\n");
    EXPECT_EQ(read(records, {.damaged_records = 6}), (std::vector<std::string>{"good", "too"}));
    EXPECT_EQ(damage_.records, 6U);
    EXPECT_TRUE(damage_.first.starts_with(records.path + " line 2: ")) << damage_.first;
    damage_ = {};
    expect_error(Code::INVALID_DATA, "a.jsonl line 2", [&] { read(records, {.damaged_records = 5}); });
}

TEST_F(Documents, RecordsOfBytesMakeARingWithANewlineAfterEach) {
    const std::vector files{file("a.jsonl", "{\"text\": \"ab\"}\n{no}\n{\"text\": \"\"}\n"), file("b.txt", "c")};
    Encoding encoding{.folder = folder_ / "ids", .records = {.damaged_records = 1}};
    const TokenRing ring(files, encoding);
    std::vector<std::int32_t> tokens(ring.size());
    ring.read(0, tokens);
    EXPECT_EQ(std::string(tokens.begin(), tokens.end()), "ab\n\nc\n");
    EXPECT_EQ(IdFile(files, encoding).damaged_records(), 1U);
    encoding.records.damaged_records = 0;
    expect_error(Code::INVALID_DATA, "1 records are damaged", [&] { TokenRing(files, encoding); });
}

}  // namespace
}  // namespace podium::data
