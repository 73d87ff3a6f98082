#include "podium/generation/decode.h"

#include <algorithm>

#include "podium/exec/jit.h"
#include "podium/nn/activations.h"

namespace podium::generation {
namespace {

constexpr std::int64_t STEPS_A_CALL = 16;  // tokens between two looks at whether all texts have ended
constexpr double NEVER = -1e9;             // logarithm of the probability of what may not be chosen

/// Prompts as a batch: shorter ones begin later, behind padding.
struct Prompts {
    HostArray tokens, first;  ///< i32[batch, length], i32[batch]
    std::int64_t length = 0;
};

Prompts padded(const models::Decoder& model, const std::vector<std::vector<TokenId>>& prompts) {
    Prompts result;
    for (const auto& prompt : prompts) result.length = std::max(result.length, std::ssize(prompt));
    const auto batch = std::ssize(prompts);
    result.tokens = HostArray(Shape(DataType::INT32, {batch, result.length}));
    result.first = HostArray(Shape(DataType::INT32, {batch}));
    const auto tokens = result.tokens.mutable_span<std::int32_t>(), first = result.first.mutable_span<std::int32_t>();
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        if (prompts[i].empty()) fail(Code::INVALID_ARGUMENT, "sample: a prompt has no tokens; give it some text");
        for (const TokenId id : prompts[i])
            if (id < 0 || id >= model.options().vocabulary)
                fail(Code::INVALID_ARGUMENT, "sample: the model knows {} tokens, and the prompt has number {}",
                     model.options().vocabulary, id);
        const auto missing = result.length - std::ssize(prompts[i]);
        first[i] = static_cast<std::int32_t>(missing);
        std::ranges::copy(prompts[i], tokens.begin() + static_cast<std::ptrdiff_t>(i) * result.length + missing);
    }
    return result;
}

void expect_decodable(const models::Decoder& model, const DecodeOptions& options, std::int64_t length) {
    expect_draw(options);
    if (options.tokens < 0) fail(Code::INVALID_ARGUMENT, "sample: {} tokens; give 0 or more", options.tokens);
    if (options.beams < 1 || options.beams > model.options().vocabulary)
        fail(Code::INVALID_ARGUMENT, "sample: {} beams; give 1 to the vocabulary's {}", options.beams,
             model.options().vocabulary);
    if (length + options.tokens > model.options().length)
        fail(Code::INVALID_ARGUMENT, "sample: a prompt of {} tokens and {} more exceed the model's length, {}", length,
             options.tokens, model.options().length);
}

Tensor is_end(const Tensor& tokens, const std::vector<TokenId>& ends) {
    Tensor found = not_equal(tokens, tokens);
    for (const TokenId end : ends) found = found | equal(tokens, end);
    return found;
}

/// What a token changes.
struct DecodeState {
    Tensor logits;  ///< f32[rows, vocabulary]
    Tree cache;
    Tensor slot;    ///< i32[]: the next place
    Tensor scores;  ///< f32[batch, beams]: logarithms of probabilities
    Tensor ended;   ///< bool[batch, beams]
    static constexpr std::array names{"logits", "cache", "slot", "scores", "ended"};
};

/// What is chosen for each row: the token, and the beam of its text that it follows.
struct Chosen {
    Tensor token, parent;  ///< i32[batch, beams]
    static constexpr std::array names{"token", "parent"};
};

/// The programs that make tokens.
class Decoding {
public:
    Decoding(const models::Decoder& model, const DecodeOptions& options, std::int64_t batch, std::int64_t capacity)
        : model_(model), options_(options), batch_(batch), capacity_(capacity) {}

    /// Returns the state behind the prompts: each text's beams are rows of their own, of which only the first counts.
    DecodeState begin(const Tree& parameters, const Tensor& tokens, const Tensor& first) const {
        const auto [logits, cache] =
            model_.decode(parameters, tokens, model_.empty_cache(batch_, capacity_), zeros({}, DataType::INT32), first);
        const Dims beams{batch_, options_.beams};
        const Tensor scores = select(equal(iota(beams, 1), 0), zeros(beams), NEVER);
        return {rows_of(logits), cache.map([&](const Tensor& leaf) { return rows_of(leaf); }),
                zeros({}, DataType::INT32) + tokens.dim(1), scores, is_end(iota(beams, 1), {})};
    }

    /// Returns the state after one more token.
    std::pair<DecodeState, Chosen> step(const Tree& parameters, const DecodeState& before, const Tensor& first,
                                        const Key& key) const {
        auto [chosen, scores, ended] = options_.beams > 1 ? likeliest(before) : drawn(before, key);
        const auto rows = batch_ * options_.beams;
        Tree cache = before.cache;
        if (options_.beams > 1) {
            const Tensor row = reshape(chosen.parent + iota({batch_, options_.beams}, 0) * options_.beams, {rows});
            cache = cache.map([&](const Tensor& leaf) { return take(leaf, row); });
        }
        const auto [logits, next] =
            model_.decode(parameters, reshape(chosen.token, {rows, 1}), cache, before.slot, rows_of(first));
        return {{logits, next, before.slot + 1, scores, ended}, chosen};
    }

private:
    struct Choice {
        Chosen chosen;
        Tensor scores, ended;
    };

    Tensor rows_of(const Tensor& x) const {
        if (options_.beams == 1) return x;
        Dims apart = x.dims(), together = x.dims();
        apart.insert(apart.begin() + 1, options_.beams);
        together[0] *= options_.beams;
        return reshape(broadcast_to(expand_dims(x, 1), apart), together);
    }

    Choice drawn(const DecodeState& before, const Key& key) const {
        const Tensor token = reshape(draw(before.logits, key, options_), {batch_, 1});
        return {{token, zeros_like(token)}, before.scores, before.ended | is_end(token, options_.ends)};
    }

    /// A text that has ended goes on with token 0 only, which costs nothing.
    Choice likeliest(const DecodeState& before) const {
        const auto vocabulary = before.logits.dim(1), beams = options_.beams;
        const Tensor chances = reshape(nn::log_softmax(before.logits), {batch_, beams, vocabulary});
        const Tensor nothing = select(equal(iota(chances.dims(), 2), 0), zeros(chances.dims()), NEVER);
        const Tensor ended = broadcast_to(expand_dims(before.ended, 2), chances.dims());
        const Tensor all = select(ended, nothing, chances) + expand_dims(before.scores, 2);
        const TopK best = top_k(reshape(all, {batch_, beams * vocabulary}), beams);
        const Tensor parent = best.indices / vocabulary, token = remainder(best.indices, vocabulary);
        const Tensor had_ended = take_along_axis(before.ended, parent, 1);
        return {{token, parent}, best.values, had_ended | is_end(token, options_.ends)};
    }

    const models::Decoder& model_;
    const DecodeOptions& options_;
    std::int64_t batch_, capacity_;
};

/// Tokens and parents on the host, in the order in which they were made: i32[steps, batch, beams].
struct Made {
    std::vector<HostArray> tokens, parents;
};

/// Returns the tokens of a text, from its last back to its first; the best beam is the first.
std::vector<TokenId> text_of(const Made& made, std::int64_t text, std::int64_t beams, const DecodeOptions& options) {
    std::vector<TokenId> ids;
    std::int64_t beam = 0;
    for (std::size_t call = made.tokens.size(); call-- > 0;) {
        const auto tokens = made.tokens[call].span<std::int32_t>(), parents = made.parents[call].span<std::int32_t>();
        const auto& dims = made.tokens[call].shape().dims;
        for (std::int64_t step = dims[0]; step-- > 0;) {
            const auto at = static_cast<std::size_t>((step * dims[1] + text) * beams + beam);
            ids.push_back(tokens[at]);
            beam = parents[at];
        }
    }
    std::ranges::reverse(ids);
    const auto end = std::ranges::find_first_of(ids, options.ends);
    if (end != ids.end()) ids.erase(end + 1, ids.end());
    return ids;
}

}  // namespace

std::vector<std::vector<TokenId>> decode(const models::Decoder& model, const Tree& parameters,
                                         const std::vector<std::vector<TokenId>>& prompts,
                                         const DecodeOptions& options) {
    if (prompts.empty()) return {};
    const auto given = padded(model, prompts);
    expect_decodable(model, options, given.length);
    const auto batch = std::ssize(prompts);
    const Decoding decoding(model, options, batch, given.length + options.tokens);
    const auto begin = jit([&](const Tree& weights, const Tensor& tokens,
                               const Tensor& first) { return decoding.begin(weights, tokens, first); },
                           {.name = "prefill", .names = {"parameters", "tokens", "first"}});
    const auto extend = jit(
        [&](const Tree& weights, const DecodeState& state, const Tensor& first, const Key& key, const Tensor& made,
            std::int64_t steps) {
            return scan(
                [&](const DecodeState& before, const Tensor& index) {
                    return decoding.step(weights, before, first, fold_in(key, made + index));
                },
                state, arange(steps));
        },
        {.name = "decode", .names = {"parameters", "state", "first", "key", "made", "steps"}, .donate = {1}});
    const Tensor first = tensor(given.first);
    DecodeState state = begin(parameters, tensor(given.tokens), first);
    Made made;
    for (std::int64_t count = 0; count < options.tokens;) {
        const auto steps = std::min(STEPS_A_CALL, options.tokens - count);
        auto [next, chosen] = extend(parameters, std::move(state), first, key(options.seed),
                                     tensor(HostArray::scalar(static_cast<std::int32_t>(count))), steps);
        made.tokens.push_back(chosen.token.to_host());
        made.parents.push_back(chosen.parent.to_host());
        state = std::move(next);
        count += steps;
        if (!options.ends.empty() && all(state.ended).item<bool>()) break;
    }
    wait_for(leaves_of(state));
    std::vector<std::vector<TokenId>> texts;
    for (std::int64_t i = 0; i < batch; ++i) texts.push_back(text_of(made, i, options.beams, options));
    return texts;
}

}  // namespace podium::generation
