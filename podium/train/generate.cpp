#include "podium/train/generate.h"

#include <algorithm>

#include "podium/exec/jit.h"
#include "podium/generation/draw.h"
#include "podium/generation/token_text.h"

namespace podium::train {
namespace {

constexpr std::int64_t TOKENS_A_CALL = 64;

/// What generating a token changes. window: i32[length], its first `count` tokens are known; count: i32[].
struct Window {
    Tensor tokens, count;
};

/// Returns the window with one more token, the oldest dropped where it is full.
Window push(const Window& window, const Tensor& token, std::int64_t length) {
    const Tensor one = reshape(token, {1});
    const Tensor moved = concatenate({slice_axis(window.tokens, 0, 1, length), one}, 0);
    const Tensor written = dynamic_update_slice(window.tokens, one, {window.count});
    const Tensor full = broadcast_to(equal(window.count, length), {length});
    return {select(full, moved, written), minimum(window.count + 1, length)};
}

void check(const models::Gpt& model, const SampleOptions& options, std::int64_t known) {
    if (options.tokens < 0) fail(Code::INVALID_ARGUMENT, "sample: {} tokens; give 0 or more", options.tokens);
    generation::expect_draw(options.decoding());
    if (model.options().vocabulary < known)
        fail(Code::INVALID_ARGUMENT, "sample: the model knows {} tokens, the text has {}", model.options().vocabulary,
             known);
}

}  // namespace

generation::DecodeOptions SampleOptions::decoding() const {
    const generation::DrawOptions draw{.temperature = temperature, .top_k = top_k, .top_p = top_p};
    return {draw, tokens, beams, {}, seed};
}

std::string generate(const models::Gpt& model, const Tree& parameters, const SampleOptions& options,
                     const Tokenizer* tokenizer) {
    check(model, options, generation::known_tokens(tokenizer));
    const auto length = model.options().length;
    // One program makes many tokens: the whole window is run for each, and the logits of its last known place count.
    const auto extend = jit(
        [&](const Tree& weights, const Window& window, const Key& key, const Tensor& first) {
            return scan(
                [&](const Window& before, const Tensor& index) {
                    const Tensor logits = squeeze(model(weights, expand_dims(before.tokens, 0)), 0);
                    const auto classes = logits.dim(1);
                    const Tensor last =
                        dynamic_slice(logits, {before.count - 1, zeros({}, DataType::INT32)}, {1, classes});
                    const Tensor token = generation::draw(last, fold_in(key, first + index), options.decoding());
                    return std::pair(push(before, token, length), token);
                },
                window, arange(TOKENS_A_CALL));
        },
        {.name = "sample", .names = {"parameters", "window", "key", "first"}});

    const auto prompt = generation::tokens_of(options.prompt.empty() ? "\n" : options.prompt, tokenizer);
    const auto seen = std::min(prompt.size(), static_cast<std::size_t>(length));
    HostArray tokens(Shape(DataType::INT32, {length}));
    std::copy(prompt.end() - static_cast<std::ptrdiff_t>(seen), prompt.end(),
              tokens.mutable_span<std::int32_t>().begin());
    Window window{tensor(tokens), tensor(HostArray::scalar(static_cast<std::int32_t>(seen)))};
    std::vector<TokenId> ids;
    for (std::int32_t first = 0; first < options.tokens; first += TOKENS_A_CALL) {
        auto [next, made] = extend(parameters, window, key(options.seed), tensor(HostArray::scalar(first)));
        window = std::move(next);
        const auto host = made.to_host();
        for (const auto token : host.span<std::int32_t>()) ids.push_back(token);
    }
    ids.resize(static_cast<std::size_t>(options.tokens));
    return generation::text_of(std::move(ids), tokenizer);
}

}  // namespace podium::train
