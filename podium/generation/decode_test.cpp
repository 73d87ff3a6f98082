#include "podium/generation/decode.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "podium/generation/testing.h"
#include "podium/nn/activations.h"
#include "tests/support/error_of.h"

namespace podium::generation {
namespace {

using ::testing::ElementsAre;
using Text = std::vector<TokenId>;

const models::Decoder& tiny_decoder() {
    static const models::Decoder model(testing::tiny_decoder_options());
    return model;
}
const Tree& its_parameters() {
    static const Tree made = testing::decided_parameters(tiny_decoder(), 3);
    return made;
}

/// Returns the logarithms of probabilities of what follows the text, without a cache.
std::vector<float> chances_after(const Text& text) {
    static const auto program = jit([](const Tree& parameters, const Tensor& tokens, const Tensor& last) {
        const Tensor logits = tiny_decoder()(parameters, tokens);
        return nn::log_softmax(take(squeeze(logits, 0), last));
    });
    HostArray tokens(Shape(DataType::INT32, {1, 40}));  // what follows is not looked at
    std::ranges::copy(text, tokens.mutable_span<std::int32_t>().begin());
    const auto last = static_cast<std::int32_t>(text.size()) - 1;
    const auto found = program(its_parameters(), tensor(tokens), tensor(HostArray::scalar(last))).to_host();
    return {found.span<float>().begin(), found.span<float>().end()};
}

Text greedy(Text text, std::size_t count) {
    const auto known = text.size();
    while (text.size() < known + count) {
        const auto chances = chances_after(text);
        text.push_back(static_cast<TokenId>(std::ranges::max_element(chances) - chances.begin()));
    }
    return {text.begin() + static_cast<std::ptrdiff_t>(known), text.end()};
}

TEST(Decode, WithTheCacheIsDecodingWithoutTokenForToken) {
    const std::vector<Text> prompts{{1, 5, 0, 10}, {7}, {2, 9}};
    const auto texts = decode(tiny_decoder(), its_parameters(), prompts, {{.temperature = 0}, 30});
    ASSERT_EQ(texts.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(texts[i], greedy(prompts[i], 30)) << i;
}

TEST(Decode, ATextEndsBehindItsEnd) {
    const auto whole = greedy({1, 5}, 20);
    const TokenId end = whole[3];
    const auto until = std::ranges::find(whole, end) + 1;
    const auto texts = decode(tiny_decoder(), its_parameters(), {{1, 5}}, {{.temperature = 0}, 20, 1, {end}});
    EXPECT_EQ(texts[0], Text(whole.begin(), until));
}

TEST(Decode, BeamsFindTheLikeliestTextWhereAllAreKept) {
    const auto found = decode(tiny_decoder(), its_parameters(), {{4, 2}}, {{.temperature = 0}, 2, 13});
    std::map<double, Text> all;
    for (TokenId first = 0; first < 13; ++first) {
        const double before = chances_after({4, 2})[static_cast<std::size_t>(first)];
        const auto after = chances_after({4, 2, first});
        for (TokenId second = 0; second < 13; ++second)
            all[before + after[static_cast<std::size_t>(second)]] = {first, second};
    }
    EXPECT_EQ(found[0], all.rbegin()->second);
}

TEST(Decode, DrawsAsOftenAsProbabilitiesSay) {
    const std::vector<float> logits{2, 1, 0, -1};
    const std::vector<Text> kept_by{{0, 1, 2, 3}, {0, 1}, {0, 1, 2}};  // of probabilities 0.64, 0.24, 0.09, 0.03
    const DrawOptions options[]{{}, {.top_k = 2}, {.temperature = 1, .top_p = 0.9}};
    constexpr std::int64_t DRAWS = 20'000;
    for (std::size_t i = 0; i < 3; ++i) {
        const Tensor rows = broadcast_to(tensor({1, 4}, logits), {DRAWS, 4});
        const auto drawn = draw(rows, key(5), options[i]).to_host();
        std::vector<double> counts(4);
        for (const auto token : drawn.span<std::int32_t>()) ++counts[static_cast<std::size_t>(token)];
        double sum = 0;
        for (const auto token : kept_by[i]) sum += std::exp(logits[static_cast<std::size_t>(token)]);
        for (TokenId token = 0; token < 4; ++token) {
            const bool kept = std::ranges::count(kept_by[i], token) > 0;
            const double expected = kept ? std::exp(logits[static_cast<std::size_t>(token)]) / sum : 0;
            EXPECT_NEAR(counts[static_cast<std::size_t>(token)] / DRAWS, expected, kept ? 0.015 : 0) << i << token;
        }
    }
}

TEST(Decode, ASeedFixesTheTextsAndHowManyAreAskedForDoesNotMatter) {
    const auto made = [](std::uint64_t seed, std::int64_t tokens) {
        return decode(tiny_decoder(), its_parameters(), {{3}, {1, 2}}, {{}, tokens, 1, {}, seed});
    };
    const auto texts = made(1, 20);
    EXPECT_EQ(texts, made(1, 20));
    EXPECT_NE(texts, made(2, 20));
    EXPECT_EQ(Text(texts[1].begin(), texts[1].begin() + 5), made(1, 5)[1]);
}

TEST(Decode, RefusesWhatDoesNotFit) {
    const auto code = [](const std::vector<Text>& prompts, const DecodeOptions& options) {
        return test::error_of([&] { decode(tiny_decoder(), its_parameters(), prompts, options); }).code();
    };
    EXPECT_EQ(code({{}}, {}), Code::INVALID_ARGUMENT);
    EXPECT_EQ(code({{13}}, {{}, 3}), Code::INVALID_ARGUMENT);
    EXPECT_EQ(code({{1, 2}}, {{}, 39}), Code::INVALID_ARGUMENT);
    EXPECT_EQ(code({{1}}, {{}, -1}), Code::INVALID_ARGUMENT);
    EXPECT_EQ(code({{1}}, {{.top_p = 0}, 1}), Code::INVALID_ARGUMENT);
    EXPECT_EQ(code({{1}}, {{}, 1, 0}), Code::INVALID_ARGUMENT);
    EXPECT_THAT(decode(tiny_decoder(), its_parameters(), {}, {}), ElementsAre());
}

}  // namespace
}  // namespace podium::generation
