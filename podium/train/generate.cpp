#include "podium/train/generate.h"

#include <algorithm>

#include "podium/exec/jit.h"

namespace podium::train {
namespace {

constexpr std::int64_t TOKENS_A_CALL = 64;

/// What generating a token changes. window: i32[length], its first `count` tokens are known; count: i32[].
struct Window {
    Tensor tokens, count;
};

/// Returns the logits without all but the `top_k` largest (and equals of the least of them). logits: f32[vocabulary].
Tensor only_top(const Tensor& logits, std::int64_t top_k) {
    const Tensor larger = convert(expand_dims(logits, 0) > expand_dims(logits, 1), DataType::INT32);
    return select(sum(larger, {1}) < top_k, logits, broadcast_to(lowest(logits.type()), logits.dims()));
}

Tensor draw(const Tensor& logits, const Key& key, const SampleOptions& options) {
    if (options.temperature == 0) return argmax(logits, 0);
    const Tensor kept = options.top_k > 0 ? only_top(logits, options.top_k) : logits;
    return categorical(key, kept / options.temperature);
}

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
    if (!(options.temperature >= 0))
        fail(Code::INVALID_ARGUMENT, "sample: temperature is {}; give 0 or more", options.temperature);
    if (options.top_k < 0) fail(Code::INVALID_ARGUMENT, "sample: top_k is {}; give 0 or more", options.top_k);
    if (model.options().vocabulary < known)
        fail(Code::INVALID_ARGUMENT, "sample: the model knows {} tokens, the text has {}", model.options().vocabulary,
             known);
}

std::vector<TokenId> encode(std::string_view text, const Tokenizer* tokenizer) {
    if (tokenizer != nullptr) return tokenizer->encode(text);
    std::vector<TokenId> bytes;
    for (const char c : text) bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

std::string decode(const std::vector<TokenId>& ids, const Tokenizer* tokenizer) {
    return tokenizer != nullptr ? tokenizer->decode(ids) : std::string(ids.begin(), ids.end());
}

}  // namespace

std::string generate(const models::Gpt& model, const Tree& parameters, const SampleOptions& options,
                     const Tokenizer* tokenizer) {
    const auto known = tokenizer != nullptr ? static_cast<std::int64_t>(tokenizer->size()) : 256;
    check(model, options, known);
    const auto length = model.options().length;
    // One program makes many tokens: the whole window is run for each, and the logits of its last known place count.
    const auto extend = jit(
        [&](const Tree& weights, const Window& window, const Key& key, const Tensor& first) {
            return scan(
                [&](const Window& before, const Tensor& index) {
                    const Tensor logits = squeeze(model(weights, expand_dims(before.tokens, 0)), 0);
                    const auto classes = logits.dim(1);
                    const Tensor last = reshape(
                        dynamic_slice(logits, {before.count - 1, zeros({}, DataType::INT32)}, {1, classes}), {classes});
                    const Tensor token = draw(last, fold_in(key, first + index), options);
                    return std::pair(push(before, token, length), token);
                },
                window, arange(TOKENS_A_CALL));
        },
        {.name = "sample", .names = {"parameters", "window", "key", "first"}});

    const auto prompt = encode(options.prompt.empty() ? "\n" : options.prompt, tokenizer);
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
    std::erase_if(ids, [&](TokenId id) { return id >= known; });  // places that a larger vocabulary leaves unused
    return decode(ids, tokenizer);
}

}  // namespace podium::train
