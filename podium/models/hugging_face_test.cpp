#include "podium/models/hugging_face.h"

#include <gmock/gmock.h>

#include "podium/arrays/safetensors.h"
#include "podium/base/file.h"
#include "podium/models/checkpoint_files.h"
#include "podium/models/hugging_face_others.h"
#include "podium/models/hugging_face_resnet.h"
#include "tests/support/error_of.h"
#include "tests/support/interpreted.h"
#include "tests/support/temporary_folder.h"

// That transformers reads and writes the same is in podium/train/transformers_test.cpp, of the slow suite.
namespace podium::models {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;

/// Config of the kind, of tiny sizes, with `more` fields.
std::string config_text(std::string_view type, std::string_view more = "") {
    return fmt::format(
        R"({{"model_type": "{}", "vocab_size": 7, "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 2,
"num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 16, "n_positions": 16, "n_embd": 8,
"n_layer": 2, "n_head": 2, "num_local_experts": 3{}{}}})",
        type, more.empty() ? "" : ", ", more);
}

DecoderOptions options_of(const std::string& text) {
    const TemporaryFolder folder;
    folder.write("config.json", text);
    return read_decoder_options(folder.path());
}

Error error_of_config(const std::string& text) {
    return test::error_of([&] { options_of(text); });
}

void expect_same_leaves(const Tree& ours, const Tree& expected) {
    ASSERT_EQ(ours.paths()->names(), expected.paths()->names());
    const auto after = test::interpreted(ours.leaves()), before = test::interpreted(expected.leaves());
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(before[i] == after[i]) << expected.path(i);
}

class EveryFamily : public testing::TestWithParam<std::string> {};

TEST_P(EveryFamily, ComesBackFromFilesAsItWas) {
    const auto options = options_of(config_text(GetParam()));
    const Decoder model(options);
    const Tree parameters = model.init(key(1));
    for (const std::size_t shard_bytes : {SHARD_BYTES, std::size_t{500}}) {
        const TemporaryFolder folder;
        write_decoder(folder.path(), model, parameters, {}, shard_bytes);
        EXPECT_EQ(std::filesystem::exists(folder / "model.safetensors.index.json"), shard_bytes != SHARD_BYTES);
        const auto again = read_decoder(folder.path());
        EXPECT_TRUE(again.model.options() == options);
        expect_same_leaves(again.parameters, parameters);
        const CheckpointFiles files(folder.path());
        const Tree named = upstream_parameters(model, parameters, again.config);
        const auto tensors = test::interpreted(named.leaves());
        ASSERT_EQ(tensors.size(), files.tensors().size());
        for (std::size_t i = 0; i < tensors.size(); ++i) EXPECT_TRUE(*files.find(named.path(i)) == tensors[i]);
    }
}

INSTANTIATE_TEST_SUITE_P(, EveryFamily,
                         testing::Values("gpt2", "llama", "mistral", "mixtral", "qwen2", "qwen3", "gemma", "gemma2",
                                         "gemma3_text"),
                         [](const auto& info) { return info.param; });

TEST(HuggingFace, EncodersComeBackFromFilesAsTheyWere) {
    const auto config = [](std::string_view type) {
        return config_text(type, R"("image_size": 8, "patch_size": 4, "id2label": {"0": "a", "1": "b"})");
    };
    for (const std::string type : {"bert", "vit"}) {
        const Encoder model({.kind = type == "bert" ? EncoderKind::TEXT : EncoderKind::IMAGES,
                             .layers = 2,
                             .width = 8,
                             .hidden = 6,
                             .heads = 2,
                             .vocabulary = type == "bert" ? 7 : 256,
                             .length = type == "bert" ? 16 : 128,
                             .height = type == "bert" ? 32 : 8,
                             .columns = type == "bert" ? 32 : 8,
                             .classes = type == "bert" ? 10 : 2});
        const Tree parameters = model.init(key(1));
        const TemporaryFolder folder;
        write_encoder(folder.path(), model, parameters, config(type), 500);
        const auto again = read_encoder(folder.path());
        EXPECT_TRUE(again.model.options() == model.options()) << type;
        expect_same_leaves(again.parameters, parameters);
    }
}

TEST(HuggingFace, AT5AndAResnetComeBackFromFilesAsTheyWere) {
    const T5 t5({.vocabulary = 7, .layers = 1, .decoder_layers = 2, .width = 6, .hidden = 8, .heads = 2, .depth = 3});
    const Tree parameters = t5.init(key(1));
    const TemporaryFolder folder, other;
    write_t5(folder.path(), t5, parameters,
             R"({"model_type": "t5", "vocab_size": 7, "num_layers": 1, "num_decoder_layers": 2, "d_model": 6,
                 "d_ff": 8, "num_heads": 2, "d_kv": 3})");
    const auto again = read_t5(folder.path());
    EXPECT_TRUE(again.model.options() == t5.options());
    expect_same_leaves(again.parameters, parameters);

    const BatchResnet resnet({.stem = 4, .classes = 2, .widths = {8}, .depths = {2}});
    const PretrainedResnet whole{
        resnet, resnet.init(key(2)), resnet.init_statistics(),
        R"({"model_type": "resnet", "embedding_size": 4, "hidden_sizes": [8], "depths": [2]})"};
    write_resnet(other.path(), whole);
    const auto back = read_resnet(other.path());
    EXPECT_TRUE(back.model.options() == resnet.options());
    expect_same_leaves(back.parameters, whole.parameters);
    expect_same_leaves(back.statistics, whole.statistics);
}

TEST(HuggingFace, SaysWhatOfOtherConfigsMakesNoModel) {
    const auto message = [](const std::string& text, auto read) {
        const TemporaryFolder folder;
        folder.write("config.json", text);
        folder.write("model.safetensors", std::string("\2\0\0\0\0\0\0\0{}", 10));
        return test::error_of([&] { read(folder.path()); }).message();
    };
    const auto encoder = [](const auto& folder) { read_encoder(folder); };
    const auto t5 = [](const auto& folder) { read_t5(folder); };
    const auto resnet = [](const auto& folder) { read_resnet(folder); };
    EXPECT_THAT(message(config_text("gpt2"), encoder), HasSubstr("has no encoder of model_type \"gpt2\""));
    EXPECT_THAT(message(config_text("vit", R"("image_size": 9, "patch_size": 4)"), encoder),
                HasSubstr("patches of 4 do not divide images of 9 x 9"));
    EXPECT_THAT(message(config_text("bert"), encoder), HasSubstr("lacks bert.embeddings.word_embeddings.weight"));
    EXPECT_THAT(message(R"({"model_type": "t5", "vocab_size": 7})", t5), HasSubstr("num_layers is absent"));
    EXPECT_THAT(message(R"({"model_type": "resnet", "depths": 3, "hidden_sizes": [4]})", resnet),
                HasSubstr("depths is 3; wanted a list of numbers"));
    EXPECT_THAT(message(R"({"model_type": "resnet", "depths": [1, -2], "hidden_sizes": [4, 4]})", resnet),
                HasSubstr("depths is -2; wanted a whole number"));
    EXPECT_THAT(message(R"({"architecture": "vgg11"})", resnet), HasSubstr("podium has no architecture \"vgg11\""));
}

TEST(HuggingFace, ReadsOldAndNewFormsOfRotaryPositions) {
    const auto old =
        options_of(config_text("llama", R"("rope_theta": 5e5, "rope_scaling": {"type": "linear", "factor": 4.0})"));
    const auto now = options_of(
        config_text("llama", R"("rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 500000.0})"));
    EXPECT_EQ(old.rotary.scaling, nn::RotaryScaling::LINEAR);
    EXPECT_EQ(old.rotary.theta, 5e5);
    EXPECT_TRUE(old == now);
}

TEST(HuggingFace, SaysWhatOfAConfigMakesNoModel) {
    struct Case {
        std::string text, message;
        Code code = Code::INVALID_DATA;
    };
    const std::string deep(40, '[');
    const Case cases[]{
        {"", "is no JSON"},
        {"[]", "is no JSON object"},
        {R"({"model_type": 3})", "model_type is 3; wanted a text"},
        {R"({"a": )" + deep, "nests too deep"},
        {R"({"model_type": "rwkv"})", "podium has no decoder of model_type \"rwkv\"; it has gpt2, llama",
         Code::UNIMPLEMENTED},
        {R"({"model_type": "llama"})", "vocab_size is absent; wanted a whole number of 1 to 16777216"},
        {config_text("llama", R"("hidden_size": -8)"), "hidden_size is -8; wanted a whole number"},
        {config_text("llama", R"("hidden_size": 1e300)"), "hidden_size is 1e+300; wanted a whole number"},
        {config_text("llama", R"("num_hidden_layers": 4000000000)"), "num_hidden_layers is 4000000000"},
        {config_text("llama", R"("head_dim": 3)"), "rotary.width is even and at most the depth, 3; got 3"},
        {config_text("llama", R"("hidden_act": "xielu")"), "podium has no activation \"xielu\"", Code::UNIMPLEMENTED},
        {config_text("llama", R"("rope_theta": 0)"), "rope_theta is"},
        {config_text("llama", R"("rope_scaling": {"rope_type": "longrope", "factor": 2})"),
         "podium has no rotary positions of type \"longrope\"", Code::UNIMPLEMENTED},
        {config_text("llama", R"("rope_scaling": {"rope_type": "linear", "factor": "big"})"),
         "rope_scaling: factor is \"big\"; wanted a number"},
        {config_text("gemma2", R"("layer_types": ["full_attention"])"), "layer_types is [\"full_attention\"]"},
        {config_text("mixtral", R"("num_experts_per_tok": 9)"), "a token cannot take 9 of 3 experts"},
    };
    for (const auto& one : cases) {
        const auto error = error_of_config(one.text);
        EXPECT_EQ(error.code(), one.code) << one.text;
        EXPECT_THAT(error.message(), HasSubstr(one.message)) << one.text;
        EXPECT_THAT(error.message(), HasSubstr("config.json")) << one.text;
    }
}

TEST(HuggingFace, SaysWhatOfAnIndexOrItsFilesDoesNotHoldTogether) {
    const auto options = options_of(config_text("llama"));
    const Decoder model(options);
    const Tree parameters = model.init(key(1));
    const auto message_after = [&](auto spoil) {
        const TemporaryFolder folder;
        write_decoder(folder.path(), model, parameters, {}, 500);
        spoil(folder);
        return test::error_of([&] { read_decoder(folder.path()); }).message();
    };
    constexpr auto* INDEX = "model.safetensors.index.json";
    const auto with_index = [&](const std::string& text) {
        return message_after([&](const TemporaryFolder& folder) { folder.write(INDEX, text); });
    };
    EXPECT_THAT(with_index("{"), HasSubstr("is no JSON"));
    EXPECT_THAT(with_index("{}"), HasSubstr("weight_map is no object"));
    EXPECT_THAT(with_index(R"({"weight_map": {"a": "../../etc/passwd"}})"), HasSubstr("names no .safetensors file"));
    EXPECT_THAT(with_index(R"({"weight_map": {"a": "/tmp/x.safetensors"}})"), HasSubstr("names no .safetensors file"));
    EXPECT_THAT(with_index(R"({"weight_map": {"a": 7}})"), HasSubstr("names no .safetensors file"));
    EXPECT_THAT(with_index(R"({"weight_map": {"a": "none.safetensors"}})"), HasSubstr("none.safetensors"));
    EXPECT_THAT(with_index(R"({"weight_map": {}})"), HasSubstr("lacks model.embed_tokens.weight"));
    EXPECT_THAT(message_after([&](const TemporaryFolder& folder) {
                    const auto text = read_file(folder / INDEX);
                    folder.write(INDEX, std::string(text).replace(text.find("lm_head"), 7, "lm_tail"));
                }),
                HasSubstr("lm_tail.weight is said to be in"));
    const auto with_one_file = [&](const std::string& name, const Dims& dims) {
        return message_after([&](const TemporaryFolder& folder) {
            write_decoder(folder.path(), model, parameters);
            auto tensors = read_safetensors(folder / "model.safetensors");
            tensors.set(name, HostArray(Shape(DataType::FLOAT32, dims)));
            write_safetensors(folder / "copy", tensors);
            std::filesystem::rename(folder / "copy", folder / "model.safetensors");
        });
    };
    EXPECT_THAT(with_one_file("model.norm.weight", {9}),
                HasSubstr("model.norm.weight is f32[9], and config.json makes it floating-point numbers [8]"));
    EXPECT_THAT(with_one_file("model.extra.weight", {9}), HasSubstr("has model.extra.weight, for which the model"));
    EXPECT_THAT(message_after([](const TemporaryFolder& folder) { folder.write("model.safetensors", "short"); }),
                HasSubstr("model.safetensors"));
    EXPECT_THAT(test::error_of([] { CheckpointFiles("/nowhere"); }).message(), HasSubstr("/nowhere has neither"));
}

TEST(HuggingFace, SaysWhatNoConfigCanSay) {
    auto options = options_of(config_text("llama"));
    options.gated = false;
    EXPECT_THAT(test::error_of([&] { decoder_config(options); }).message(),
                HasSubstr("Hugging Face's llama comes nearest to this decoder"));
}

}  // namespace
}  // namespace podium::models
