#include "podium/generation/pretrained.h"

#include <gtest/gtest.h>

#include "podium/generation/testing.h"
#include "tests/support/temporary_folder.h"

namespace podium::generation {
namespace {

/// As Llama's: a text begins with <s>, spaces are tokens' first characters, and the text's first is taken away.
constexpr auto SPACED_TOKENIZER = R"({"version": "1.0",
"added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}],
"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
"pre_tokenizer": null,
"post_processor": {"type": "TemplateProcessing", "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": []},
"decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
"model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "merges": ["▁ a", "▁ b", "▁ c"],
    "vocab": {"<unk>": 0, "<s>": 1, "▁": 2, "a": 3, "b": 4, "c": 5, "▁a": 6, "▁b": 7, "▁c": 8}}})";

TEST(PretrainedText, GoesOnWithATextBehindTheTokensThatAModelIsFed) {
    auto options = testing::tiny_decoder_options();
    options.vocabulary = 9;
    options.length = 24;
    const models::Decoder model(options);
    const Tree parameters = testing::decided_parameters(model, 5);
    const test::TemporaryFolder folder;
    models::write_decoder(folder.path(), model, parameters);
    folder.write("tokenizer.json", SPACED_TOKENIZER);
    folder.write("generation_config.json", R"({"eos_token_id": [0, 5]})");
    const auto opened = open_pretrained(folder.path());
    EXPECT_EQ(opened.ends, (std::vector<TokenId>{0, 5}));
    ASSERT_NE(opened.tokenizer, nullptr);

    const auto prompt = opened.tokenizer->encode_for_model("a b").ids;
    EXPECT_EQ(prompt, (std::vector<TokenId>{1, 6, 7}));
    const DecodeOptions greedy{{.temperature = 0}, 12};
    auto ids = decode(opened.model, opened.parameters, {prompt}, greedy)[0];
    const auto text = continued(opened.model, opened.parameters, {"a b"}, greedy, opened.tokenizer.get())[0];
    ids.insert(ids.begin(), prompt.begin(), prompt.end());
    EXPECT_EQ("<s> a b" + text, opened.tokenizer->decode(ids)) << "its first space is there";
}

}  // namespace
}  // namespace podium::generation
