#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "podium/arrays/safetensors.h"
#include "podium/base/file.h"
#include "podium/exec/jit.h"
#include "podium/generation/decode.h"
#include "podium/models/checkpoint_files.h"
#include "podium/models/hugging_face_others.h"
#include "podium/models/hugging_face_resnet.h"
#include "podium/nn/losses.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

// What transformers makes and says, held against ours. It needs PyTorch, so the slow suite says where it is.
namespace podium::train {
namespace {

namespace fs = std::filesystem;
using generation::decode;

constexpr double RELATIVE_TOLERANCE = 1e-4;
// Of a whole ResNet-18: among its two million ReLUs some have an input of zero but for rounding, and take one side or
// the other. Loss and norm agree as all do, and so does each tensor of the smaller networks.
constexpr double KINKED = 5e-2;
constexpr double LEAST_SHARE = 1e-3;  // of the whole norm: a bias of keys has a gradient of 0 but for rounding
constexpr std::size_t SMALL_SHARDS = 40'000;

std::string transformers_python(const char* script, const std::vector<std::string>& arguments) {
    return test::run_python_of(std::getenv("PODIUM_TRANSFORMERS"), read_file(fs::path("tests/support") / script),
                               arguments);
}

/// Returns the folder of checkpoints, made once.
const fs::path& made_by_transformers() {
    static const test::TemporaryFolder folder;
    static const bool made = [] {
        transformers_python("make_transformers.py", {folder.path()});
        return true;
    }();
    EXPECT_TRUE(made);
    return folder.path();
}

/// Returns the greatest difference over the greatest expected number, or over `least` where that is greater.
double relative_difference(const HostArray& ours, const HostArray& expected, double least = 1e-30) {
    EXPECT_EQ(to_string(ours.shape()), to_string(expected.shape()));
    double worst = 0, greatest = least;
    for (std::int64_t i = 0; i < expected.count(); ++i) {
        const double difference = std::fabs(ours.as_double(i) - expected.as_double(i));
        worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
        greatest = std::max(greatest, std::fabs(expected.as_double(i)));
    }
    return worst / greatest;
}

double norm_of(const std::map<std::string, HostArray>& tensors) {
    double squares = 0;
    for (const auto& [name, array] : tensors)
        for (std::int64_t i = 0; i < array.count(); ++i) squares += std::pow(array.as_double(i), 2);
    return std::sqrt(squares);
}

/// Expects two checkpoints of gradients to have the same tensors, and the same norm over all.
void expect_same_gradients(const fs::path& written, const fs::path& expected, double tolerance = RELATIVE_TOLERANCE) {
    const models::CheckpointFiles ours(written), theirs(expected);
    const double norm = norm_of(theirs.tensors());
    EXPECT_NEAR(norm_of(ours.tensors()), norm, RELATIVE_TOLERANCE * norm);
    ASSERT_EQ(ours.tensors().size(), theirs.tensors().size());
    for (const auto& [name, array] : theirs.tensors()) {
        ASSERT_NE(ours.find(name), nullptr) << name;
        const double difference = relative_difference(*ours.find(name), array, LEAST_SHARE * norm);
        EXPECT_LT(difference, tolerance) << name;
    }
}

/// Skips where there is no transformers.
template <class Base>
class WithTransformers : public Base {
protected:
    void SetUp() override {
        if (std::getenv("PODIUM_TRANSFORMERS") == nullptr)
            GTEST_SKIP() << "PODIUM_TRANSFORMERS names no Python with transformers";
    }
};
using TransformersDecoder = WithTransformers<testing::TestWithParam<std::string>>;
using TransformersLoads = WithTransformers<testing::Test>;

TEST_P(TransformersDecoder, LogitsLossAndGradientsAgree) {
    const auto folder = made_by_transformers() / GetParam();
    const auto expected = read_safetensors(folder / "expected.safetensors");
    const auto loaded = models::read_decoder(folder / "model");
    const auto& model = loaded.model;
    const auto step = jit([&](const Tree& parameters, const Tensor& tokens) {
        return value_and_grad([&](const Tree& p) {
            const auto [logits, balance] = model.with_balance(p, tokens);
            const auto length = tokens.dim(1);
            const Tensor loss =
                nn::cross_entropy(slice_axis(logits, 1, 0, length - 1), slice_axis(tokens, 1, 1, length));
            return std::pair(loss + balance * model.options().balance, logits);
        })(parameters);
    });
    const auto [result, gradient] = step(loaded.parameters, tensor(expected["tokens"]));
    EXPECT_LT(relative_difference(result.second.to_host(), expected["logits"]), RELATIVE_TOLERANCE);
    EXPECT_LT(relative_difference(result.first.to_host(), expected["loss"]), RELATIVE_TOLERANCE);

    const test::TemporaryFolder written;
    models::write_decoder(written.path(), model, gradient, loaded.config);
    expect_same_gradients(written.path(), folder / "gradient");
}

TEST_P(TransformersDecoder, GreedyTextsAndThoseOfBeamsAreTheSameTokenForToken) {
    const auto folder = made_by_transformers() / GetParam();
    const auto expected = read_safetensors(folder / "expected.safetensors");
    const auto loaded = models::read_decoder(folder / "model");
    const auto first = expected["first"].span<std::int32_t>(), prompt = expected["prompt"].span<std::int32_t>();
    const auto length = expected["prompt"].shape().dims[1], made = expected["greedy"].shape().dims[1];
    std::vector<std::vector<TokenId>> prompts;
    for (std::int64_t i = 0; i < std::ssize(first); ++i)
        prompts.emplace_back(prompt.begin() + i * length + first[static_cast<std::size_t>(i)],
                             prompt.begin() + (i + 1) * length);
    for (const std::int64_t beams : {1, 3}) {
        const auto& wanted = expected[beams == 1 ? "greedy" : "beam"];
        const auto texts = decode(loaded.model, loaded.parameters, prompts, {{.temperature = 0}, made, beams});
        std::vector<TokenId> all;
        for (const auto& text : texts) all.insert(all.end(), text.begin(), text.end());
        EXPECT_THAT(all, testing::ElementsAreArray(wanted.span<std::int32_t>())) << beams << " beams";
    }
}

INSTANTIATE_TEST_SUITE_P(, TransformersDecoder,
                         testing::Values("gpt2", "llama", "llama_yarn", "llama_linear", "mistral", "mixtral", "qwen2",
                                         "qwen3", "gemma", "gemma2", "gemma3"),
                         [](const auto& info) { return info.param; });

using LossAndLogits = std::pair<Tensor, Tensor>;

/// Expects a model's loss and logits, by `f` of parameters and inputs, and its gradient, which `write` writes.
void expect_other(const std::string& kind, const Tree& parameters,
                  const std::function<LossAndLogits(const Tree& p, const Tree& inputs)>& f,
                  const std::function<void(const fs::path&, const Tree&)>& write) {
    const auto folder = made_by_transformers() / kind;
    const auto expected = read_safetensors(folder / "expected.safetensors");
    const Tree inputs = expected.map([](const HostArray& array) { return tensor(array); });
    const auto step = jit([&](const Tree& p, const Tree& given) {
        return value_and_grad([&](const Tree& q) { return f(q, given); })(p);
    });
    const auto [result, gradient] = step(parameters, inputs);
    EXPECT_LT(relative_difference(result.second.to_host(), expected["logits"]), RELATIVE_TOLERANCE);
    EXPECT_LT(relative_difference(result.first.to_host(), expected["loss"]), RELATIVE_TOLERANCE);
    const test::TemporaryFolder written;
    write(written.path(), gradient);
    expect_same_gradients(written.path(), folder / "gradient", kind == "torchvision" ? KINKED : RELATIVE_TOLERANCE);
}

/// Returns the statistics as constants of a program.
Tree statistics_of(const models::PretrainedResnet& resnet) {
    return resnet.statistics.map([](const Tensor& leaf) { return constant(leaf); });
}

Tensor seen_in(const Tree& inputs) { return not_equal(inputs["attention_mask"], 0); }

using TransformersEncoder = WithTransformers<testing::Test>;

TEST_F(TransformersEncoder, BertsLogitsLossAndGradientsAgree) {
    const auto loaded = models::read_encoder(made_by_transformers() / "bert/model");
    expect_other(
        "bert", loaded.parameters,
        [&](const Tree& p, const Tree& inputs) {
            const Tensor logits =
                loaded.model(p, inputs["input_ids"], {.seen = seen_in(inputs), .types = inputs["token_type_ids"]});
            return LossAndLogits(nn::cross_entropy(logits, inputs["labels"]), logits);
        },
        [&](const fs::path& folder, const Tree& gradient) {
            models::write_encoder(folder, loaded.model, gradient, loaded.config);
        });
}

TEST_F(TransformersEncoder, VitsLogitsLossAndGradientsAgree) {
    const auto loaded = models::read_encoder(made_by_transformers() / "vit/model");
    expect_other(
        "vit", loaded.parameters,
        [&](const Tree& p, const Tree& inputs) {
            const Tensor logits = loaded.model(p, transpose(inputs["pixel_values"], {0, 2, 3, 1}));
            return LossAndLogits(nn::cross_entropy(logits, inputs["labels"]), logits);
        },
        [&](const fs::path& folder, const Tree& gradient) {
            models::write_encoder(folder, loaded.model, gradient, loaded.config);
        });
}

TEST_F(TransformersEncoder, T5sLogitsLossAndGradientsAgree) {
    for (const std::string kind : {"t5", "t5_gated"}) {
        const auto loaded = models::read_t5(made_by_transformers() / kind / "model");
        expect_other(
            kind, loaded.parameters,
            [&](const Tree& p, const Tree& inputs) {
                const Tensor logits =
                    loaded.model(p, inputs["input_ids"], inputs["decoder_input_ids"], seen_in(inputs));
                return LossAndLogits(nn::cross_entropy(logits, inputs["labels"]), logits);
            },
            [&](const fs::path& folder, const Tree& gradient) {
                models::write_t5(folder, loaded.model, gradient, loaded.config);
            });
    }
}

TEST_F(TransformersEncoder, ResnetsLogitsLossAndGradientsAgree) {
    for (const std::string kind : {"resnet", "resnet_bottleneck", "torchvision"}) {
        const auto loaded = models::read_resnet(made_by_transformers() / kind / "model");
        expect_other(
            kind, loaded.parameters,
            [&](const Tree& p, const Tree& inputs) {
                const Tensor images = transpose(inputs["pixel_values"], {0, 2, 3, 1});
                const Tensor trained = loaded.model.train(p, statistics_of(loaded), images).logits;
                return LossAndLogits(nn::cross_entropy(trained, inputs["labels"]),
                                     loaded.model(p, statistics_of(loaded), images));
            },
            [&](const fs::path& folder, const Tree& gradient) {
                const auto zero = loaded.statistics.map([](const Tensor& leaf) { return zeros_like(leaf); });
                models::write_resnet(folder, {loaded.model, gradient, zero, loaded.config});
            });
    }
}

TEST_F(TransformersLoads, WhatIsWrittenWithEqualTensors) {
    const auto& folder = made_by_transformers();
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto &kind = entry.path().filename(), from = entry.path() / "model", same = entry.path() / "same";
        if (kind == "bert" || kind == "vit") {
            const auto loaded = models::read_encoder(from);
            models::write_encoder(same, loaded.model, loaded.parameters, loaded.config);
        } else if (kind.string().starts_with("resnet") || kind == "torchvision") {
            models::write_resnet(same, models::read_resnet(from));
        } else if (kind.string().starts_with("t5")) {
            const auto loaded = models::read_t5(from);
            models::write_t5(same, loaded.model, loaded.parameters, loaded.config);
        } else {
            const auto loaded = models::read_decoder(from);
            models::write_decoder(same, loaded.model, loaded.parameters, loaded.config);
            models::write_decoder(entry.path() / "sharded", loaded.model, loaded.parameters, {}, SMALL_SHARDS);
            EXPECT_TRUE(fs::exists(entry.path() / "sharded/model.safetensors.index.json"));
        }
    }
    EXPECT_TRUE(transformers_python("compare_transformers.py", {folder, "same", "sharded"}).starts_with("equal: "));
}

}  // namespace
}  // namespace podium::train
