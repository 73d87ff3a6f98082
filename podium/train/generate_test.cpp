#include "podium/train/generate.h"

#include <gtest/gtest.h>

#include "podium/exec/jit.h"
#include "podium/tokenizers/bpe_trainer.h"
#include "tests/support/error_of.h"

namespace podium::train {
namespace {

const models::Gpt& model() {
    static const models::Gpt tiny({.length = 8, .layers = 1, .width = 8, .heads = 1});
    return tiny;
}
const Tree& parameters() {
    static const Tree made = jit([](const Key& key) { return model().init(key); })(key(3));
    return made;
}

TEST(Generate, ASeedFixesTheText) {
    const auto text = [](std::uint64_t seed, std::int64_t tokens) {
        return generate(model(), parameters(), {.prompt = "ab", .tokens = tokens, .seed = seed});
    };
    EXPECT_EQ(text(1, 80).size(), 80U);
    EXPECT_EQ(text(1, 80), text(1, 80));
    EXPECT_EQ(text(1, 80).substr(0, 20), text(1, 20)) << "how many are asked for does not matter";
    EXPECT_NE(text(1, 80), text(2, 80));
}

TEST(Generate, TheLikeliestTokenIsTheOneOfTheModelsOwnLogits) {
    std::string known = "The mesh";  // fills the window, so that every token slides it
    const auto made = generate(model(), parameters(), {.prompt = known, .tokens = 12, .temperature = 0});
    for (const char token : made) {
        HostArray window(Shape(DataType::INT32, {1, 8}));
        std::copy(known.end() - 8, known.end(), window.mutable_span<std::int32_t>().begin());
        const Tensor logits = model()(parameters(), tensor(window));
        EXPECT_EQ(static_cast<unsigned char>(token), argmax(slice_axis(logits, 1, 7, 8), 2).item<std::int32_t>());
        known += token;
        if (static_cast<signed char>(token) < 0) break;  // the copy above is of plain characters only
    }
}

TEST(Generate, TheBestOneOfOneIsTheLikeliest) {
    const SampleOptions best{.prompt = "x", .tokens = 30, .temperature = 0};
    const SampleOptions one_of_one{.prompt = "x", .tokens = 30, .temperature = 5.0, .top_k = 1};
    EXPECT_EQ(generate(model(), parameters(), best), generate(model(), parameters(), one_of_one));
}

TEST(Generate, ATokenizersIdsAreReadAndSpelled) {
    BpeTrainer trainer;
    trainer.add("a mesh of pods, a mesh of chips");
    const auto tokenizer = trainer.train({.vocabulary = 262});
    const models::Gpt wide({.vocabulary = 300, .length = 8, .layers = 1, .width = 8, .heads = 1});
    const Tree weights = jit([&](const Key& key) { return wide.init(key); })(key(5));
    const SampleOptions likeliest{.prompt = "a mesh", .tokens = 1, .temperature = 0};
    const auto prompt = tokenizer.encode(likeliest.prompt);
    ASSERT_LT(prompt.size(), 6U);
    HostArray window(Shape(DataType::INT32, {1, 8}));
    std::ranges::copy(prompt, window.mutable_span<std::int32_t>().begin());
    const auto at = static_cast<std::int64_t>(prompt.size());
    const auto best = argmax(slice_axis(wide(weights, tensor(window)), 1, at - 1, at), 2).item<std::int32_t>();
    const auto expected = best < 262 ? tokenizer.decode(std::vector{best}) : "";
    EXPECT_EQ(generate(wide, weights, likeliest, &tokenizer), expected);
    const SampleOptions many{.prompt = "a mesh", .tokens = 40, .seed = 2};
    EXPECT_EQ(generate(wide, weights, many, &tokenizer), generate(wide, weights, many, &tokenizer));
    const auto refused = test::error_of([&] { generate(model(), parameters(), many, &tokenizer); });
    EXPECT_EQ(refused.code(), Code::INVALID_ARGUMENT) << "a vocabulary of bytes is too small";
}

TEST(Generate, RefusesNumbersThatMakeNoSense) {
    for (const auto& options :
         {SampleOptions{.tokens = -1}, SampleOptions{.temperature = -1}, SampleOptions{.top_k = -2}})
        EXPECT_EQ(test::error_of([&] { generate(model(), parameters(), options); }).code(), Code::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace podium::train
