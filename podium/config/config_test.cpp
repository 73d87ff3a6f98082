#include "podium/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "podium/base/error.h"
#include "tests/support/sample_config.h"

namespace podium::config {
namespace {

using sample::Training;
using testing::HasSubstr;

std::string error_of(std::string_view yaml, std::vector<std::string> overrides = {}) {
    try {
        read<Training>(yaml, "gpt.yaml", overrides);
    } catch (const InvalidConfig& error) {
        EXPECT_EQ(error.code(), Code::INVALID_CONFIG);
        return error.message();
    }
    return "no error";
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += text;
    return result;
}

TEST(Config, AnEmptyDocumentGivesTheDefaults) {
    EXPECT_EQ(read<Training>("", "gpt.yaml"), Training{});
    EXPECT_EQ(read<Training>("# nothing yet\n", "gpt.yaml"), Training{});
}

TEST(Config, EveryKindOfFieldIsRead) {
    const auto run = read<Training>(R"(format: 2
name: "yes"
model: {layers: 0x10, dropout: .5, compute: f32}
optimizer:
    learning_rate: 3e-4
    schedule: constant
    clip: 1
shuffle: false
batch: +8
seed: 18446744073709551615
files: [docs/a.md, 'b c.md', 12]
weights: [1, 2.]
limits: {b: 2, a: -1}
mesh:
    model: 4
    data: 2
note: ~
)",
                                    "gpt.yaml");
    Training expected;
    expected.name = "yes";
    expected.model = {16, 0.5, DataType::FLOAT32};
    expected.optimizer = {3e-4, sample::Schedule::CONSTANT, 1.0};
    expected.shuffle = false;
    expected.batch = 8;
    expected.seed = std::numeric_limits<std::uint64_t>::max();
    expected.files = {"docs/a.md", "b c.md", "12"};
    expected.weights = {1, 2};
    expected.limits = {{"a", -1}, {"b", 2}};
    expected.mesh = {{"model", 4}, {"data", 2}};
    EXPECT_EQ(run, expected);
}

TEST(Config, WrongDocumentsAreRefusedWithPlaceAndReason) {
    const std::string bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n";
    const std::vector<std::pair<std::string, std::string>> table{
        {"model:\n  dropout: 0\n  layerz: 4\n",
         R"(gpt.yaml:3:3: unknown key "layerz" in model; did you mean "layers"?)"},
        {"optimiser: {}\n", R"(gpt.yaml:1:1: unknown key "optimiser"; did you mean "optimizer"?)"},
        {"qqqqqqqq: 1\n", R"(gpt.yaml:1:1: unknown key "qqqqqqqq"; known: name, format, model, optimizer, )"},
        {"<<: {batch: 1}\n", R"(unknown key "<<")"},
        {"optimizer:\n  learning_rate: abc\n",
         R"(gpt.yaml:2:18: optimizer.learning_rate: expected a number, found "abc")"},
        {"optimizer: {learning_rate: .nan}\n", "expected a finite number, found \".nan\""},
        {"optimizer: {learning_rate: -.inf}\n", "expected a finite number, found \"-.inf\""},
        {"optimizer: {learning_rate: inf}\n", "expected a finite number"},
        {"optimizer: {learning_rate: 1e999}\n", "expected a number within the range of a double, found \"1e999\""},
        {"optimizer: {learning_rate: \"1\"}\n", "expected a number"},
        {"optimizer: {learning_rate: 1_000}\n", "expected a number, found \"1_000\""},
        {"optimizer: {learning_rate: }\n", "expected a number, found nothing"},
        {"optimizer: {learning_rate: [1]}\n", "expected a number, found a list"},
        {"optimizer: {schedule: cosin}\n",
         R"(expected one of constant, cosine (did you mean "cosine"?), found "cosin")"},
        {"optimizer: {clip: none}\n", "optimizer.clip: expected a number, found \"none\""},
        {"optimizer:\n", "gpt.yaml:1:1: optimizer: expected a mapping, key: value, found nothing"},
        {"batch: 1_000\n", "expected an integer, found \"1_000\""},
        {"batch: 1e3\n", "expected an integer"},
        {"batch: 1.0\n", "expected an integer"},
        {"batch: 010\n", "expected an integer"},
        {"batch: --1\n", "expected an integer"},
        {"batch: 0x-1\n", "expected an integer"},
        {"batch: 0x\n", "expected an integer"},
        {"batch: 3000000000\n", "expected an integer from -2147483648 to 2147483647, found \"3000000000\""},
        {"model: {layers: 9223372036854775808}\n", "expected an integer from -9223372036854775808"},
        {"seed: -1\n", "expected an integer from 0 to 18446744073709551615"},
        {"shuffle: yes\n", "expected true or false, found \"yes\""},
        {"name:\n", "expected text (\"\" for none), found nothing"},
        {"name: {a: b}\n", "expected text, found a mapping"},
        {"files: docs/a.md\n", "expected a list, [a, b], found \"docs/a.md\""},
        {"weights: [1, x]\n", "gpt.yaml:1:14: weights: expected a number, found \"x\""},
        {"mesh: 8\n", "mesh: expected a mapping, {name: value}, found \"8\""},
        {"mesh: {data: x}\n", "mesh: expected an integer, found \"x\""},
        {"mesh: {data: 1, data: 2}\n", "gpt.yaml:1:17: duplicate key \"data\""},
        {"batch: 1\nname: x\nbatch: 2\n", "gpt.yaml:3:1: duplicate key \"batch\"; keep one of them"},
        {"format: 3\nfuture: 1\n", "gpt.yaml:1:9: config format 3 is newer than 2, the newest this podium reads"},
        {"format: 0\n", "config format 0 never was"},
        {"format: x\n", "gpt.yaml:1:9: format: expected an integer"},
        {"- a\n- b\n", "gpt.yaml:1:1: expected a mapping, key: value, found a list"},
        {"just words\n", "expected a mapping, key: value, found \"just words\""},
        {"batch: 1\n---\nbatch: 2\n", "a second document begins"},
        {"batch: [1\n", "not YAML: "},
        {"batch: 1\n bad: : x\n", "not YAML: "},
        {"name: \"unfinished\n", "not YAML: "},
        {"? [a, b]\n: 1\n", "expected a word as key, found a list or a mapping"},
        {"~: 1\n", "expected a word as key, found nothing"},
        {bomb, "gpt.yaml:1:4: anchors and aliases"},
        {"name: !!binary aGVsbG8=\n", "the tag tag:yaml.org,2002:binary is not allowed here"},
        {"model: !custom {layers: 1}\n", "the tag !custom is not allowed here"},
        {std::string("batch: 1\n\0", 10), "gpt.yaml:2:1: expected UTF-8 text, found the byte 0x00; is this a config?"},
        {"\x7f"
         "ELF\x02\x01\x01",
         "gpt.yaml:1:5: expected UTF-8 text, found the byte 0x02"},
        {"\xff\xfe"
         "a",
         "expected UTF-8 text, found the byte 0xff"},
        {"name: \xed\xa0\x80\n", "expected UTF-8 text, found the byte 0xed"},
        {"name: \xc0\x80\n", "expected UTF-8 text, found the byte 0xc0"},
        {repeated("[", 1000) + repeated("]", 1000), "nested deeper than 32 levels"},
        {repeated("{a: ", 1000) + repeated("}", 1000), "nested deeper than 32 levels"},
        {repeated("- ", 100'000), "nested deeper than 32 levels"},
        {"files: [" + repeated("a,", 200'000) + "]", "more than 100000 values"},
        {std::string(MAX_DOCUMENT_BYTES + 1, ' '), "the document has 1048577 bytes; a config has at most 1048576"},
    };
    for (const auto& [yaml, message] : table)
        EXPECT_THAT(error_of(yaml), HasSubstr(message)) << "document: " << yaml.substr(0, 80);
}

TEST(Config, AnOlderFormatIsReadAndWrittenAsTheNewOne) {
    const auto run = read<Training>("format: 1\nbatch: 3\n", "old.yaml");
    EXPECT_EQ(run.batch, 3);
    EXPECT_EQ(run.format, 2);
}

TEST(Config, OverridesComeAfterTheDocumentInTheirOrder) {
    const std::vector<std::string> overrides{"optimizer.learning_rate=1e-3",
                                             "mesh.model=4",
                                             "mesh.data=2",
                                             "files=[a, b]",
                                             "note=null",
                                             "model={layers: 2}",
                                             "batch=5",
                                             "batch=6",
                                             "name=a=b"};
    const auto run = read<Training>("batch: 4\nnote: hello\nmodel: {dropout: 0.2}\n", "gpt.yaml", overrides);
    EXPECT_EQ(run.optimizer.learning_rate, 1e-3);
    EXPECT_EQ(run.mesh, (std::vector<std::pair<std::string, std::int64_t>>{{"data", 2}, {"model", 4}}));
    EXPECT_EQ(run.files, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(run.note, std::nullopt);
    EXPECT_EQ(run.model, (sample::Model{2, 0.2, DataType::BFLOAT16}));
    EXPECT_EQ(run.batch, 6);
    EXPECT_EQ(run.name, "a=b");
}

TEST(Config, WrongOverridesAreRefusedByTheirOwnText) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"batch", "--set batch: expected path=value"},
        {"=3", "--set =3: expected path=value"},
        {"", "expected path=value"},
        {"batch=x", "--set batch=x: batch: expected an integer, found \"x\""},
        {"model.layerz=3", R"(--set model.layerz=3: unknown key "layerz" in model; did you mean "layers"?)"},
        {"modle.layers=3", R"(unknown key "modle"; did you mean "model"?)"},
        {"model=3", "model: expected a mapping"},
        {"model..layers=3", "unknown key \"\" in model"},
        {"batch.size=3", "batch is one value (integer); it holds no \"size\""},
        {"mesh.data=x", "mesh: expected an integer, found \"x\""},
        {"files=[a", "--set files=[a: expected a word as key, found a list or a mapping; is a bracket left open?"},
        {"files=a]: [", "not YAML: "},
        {"format=9", "config format 9 is newer than 2"},
        {"\xff=1", "expected path=value"},
    };
    for (const auto& [text, message] : table) EXPECT_THAT(error_of("", {text}), HasSubstr(message)) << text;
}

TEST(Config, TheWrittenFileHasEveryFieldWithFormatFirst) {
    Training run;
    run.limits = {{"no", 1}};
    EXPECT_EQ(write(run), R"(format: 2
name: first
model:
  layers: 4
  dropout: 0.1
  compute: bf16
optimizer:
  learning_rate: 0.0003
  schedule: cosine
  clip: null
shuffle: true
batch: 16
seed: 0
files: []
weights: [0.5, 0.5]
limits:
  "no": 1
mesh:
  data: 1
note: null
)");
}

TEST(Config, WhatAFileCannotHoldIsNotWritten) {
    const auto message_of = [](const Training& run) {
        try {
            return write(run);
        } catch (const InvalidConfig& error) {
            return error.message();
        }
    };
    Training run;
    run.optimizer.learning_rate = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(message_of(run), "optimizer.learning_rate: expected a finite number, found nan");
    run = {};
    run.name = "\xff";
    EXPECT_EQ(message_of(run), "name: the text is not UTF-8");
}

TEST(Config, ADifferenceNamesThePathAndBothTexts) {
    Training before, after;
    after.model.layers = 6;
    after.mesh = {{"data", 8}};
    after.note = "x";
    const std::vector<std::string> allowed{"mesh", "optimizer.**"};
    after.optimizer.clip = 1;
    const auto found = diff(before, after, allowed);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].path, "model.layers");
    EXPECT_EQ(found[0].old_text, "4");
    EXPECT_EQ(found[0].new_text, "6");
    EXPECT_EQ(found[1].path, "note");
    EXPECT_EQ(diff(before, after).size(), 4U);
    EXPECT_EQ(diff(before, after)[2].new_text, "{data: 8}");
    EXPECT_TRUE(diff(after, after).empty());
}

TEST(Config, TheReferenceHasPathTypeDefaultAndHelp) {
    const auto table = reference<Training>();
    ASSERT_EQ(table.size(), 16U);
    EXPECT_EQ(table[2].path, "model.layers");
    EXPECT_EQ(table[2].type, "integer");
    EXPECT_EQ(table[2].value, "4");
    EXPECT_EQ(table[2].help, "number of transformer blocks");
    EXPECT_EQ(table[6].type, "constant | cosine");
    EXPECT_EQ(table[7].type, "number, or null");
    EXPECT_EQ(table[11].type, "list of text");
    EXPECT_EQ(table[14].type, "map of integer");
}

TEST(Config, AFileIsReadWithItsNameInMessages) {
    const auto path = std::filesystem::path(testing::TempDir()) / "podium_config_test.yaml";
    std::ofstream(path) << "batch: x\n";
    try {
        read_file<Training>(path);
        FAIL();
    } catch (const InvalidConfig& error) {
        EXPECT_EQ(error.message(), path.string() + ":1:8: batch: expected an integer, found \"x\"");
    }
    std::ofstream(path) << "batch: 7\n";
    EXPECT_EQ(read_file<Training>(path, std::vector<std::string>{"seed=3"}).batch, 7);
    std::ofstream(path) << std::string(MAX_DOCUMENT_BYTES + 1, '\n');
    EXPECT_THROW(read_file<Training>(path), InvalidConfig);
    std::filesystem::remove(path);
    EXPECT_THROW(read_file<Training>(path), InvalidConfig);
    EXPECT_THROW(read_file<Training>(testing::TempDir()), InvalidConfig);
}

}  // namespace
}  // namespace podium::config
