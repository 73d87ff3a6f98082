#include "podium/tokenizers/bpe_trainer.h"

#include <algorithm>
#include <map>

#include "podium/base/error.h"
#include "podium/tokenizers/alphabet.h"
#include "podium/tokenizers/words.h"

namespace podium {
namespace {

struct Pair {
    TokenId left, right;

    auto operator<=>(const Pair&) const = default;
};
struct PairHash {
    std::size_t operator()(const Pair& pair) const {
        return (static_cast<std::size_t>(pair.left) << 32 | static_cast<std::uint32_t>(pair.right)) *
                   0x9E3779B97F4A7C15U >>
               7;
    }
};

struct Word {
    std::vector<TokenId> tokens;
    std::int64_t count = 0;
};

/// A pair that may be merged next, as often as it was there when it was queued, and the words that it is in.
struct Candidate {
    std::int64_t count;
    Pair pair;
    std::vector<std::size_t> words;
};

/// The order of the heap, whose top is the largest.
bool comes_later(const Candidate& a, const Candidate& b) {
    return a.count != b.count ? a.count < b.count : a.pair > b.pair;
}

class Training {
public:
    Training(const std::unordered_map<std::string, std::uint64_t>& words, const BpeTrainerOptions& options)
        : options_(options) {
        for (const auto& token : options.special_tokens) id_of(token);
        std::map<std::string_view, unsigned char> spellings;  // in their order, which is that of the characters
        for (unsigned byte = 0; byte < 256; ++byte)
            spellings.emplace(spelling_of_byte(static_cast<unsigned char>(byte)), static_cast<unsigned char>(byte));
        WordMerger::ByteIds ids{};
        for (const auto& [spelling, byte] : spellings) ids[byte] = id_of(spelling);
        for (const auto& [text, count] : words) {
            Word word{.count = static_cast<std::int64_t>(count)};
            for (const char byte : text) word.tokens.push_back(ids[static_cast<unsigned char>(byte)]);
            for (std::size_t i = 0; i + 1 < word.tokens.size(); ++i)
                change({word.tokens[i], word.tokens[i + 1]}, word.count, words_.size());
            words_.push_back(std::move(word));
        }
        queue_changed();
    }

    TokenizerParts run() {
        while (tokens_.size() < options_.vocabulary && !heap_.empty()) {
            auto top = pop();
            if (const auto count = counts_.at(top.pair); count != top.count) {
                top.count = count;
                push(std::move(top));
                continue;
            }
            if (top.count < 1 || static_cast<std::uint64_t>(top.count) < options_.min_frequency) break;
            merge(top);
        }
        return parts();
    }

private:
    TokenId id_of(std::string_view token) {
        const auto [entry, is_new] = ids_.try_emplace(std::string(token), static_cast<TokenId>(tokens_.size()));
        if (is_new) tokens_.emplace_back(token);
        return entry->second;
    }

    /// The pair is `by` more times in that word. Calls come word by word.
    void change(Pair pair, std::int64_t by, std::size_t word) {
        counts_[pair] += by;
        if (by < 0) return;
        auto& words = changed_[pair];
        if (words.empty() || words.back() != word) words.push_back(word);
    }

    void queue_changed() {
        for (auto& [pair, words] : changed_)
            if (const auto count = counts_.at(pair); count > 0) push({count, pair, std::move(words)});
        changed_.clear();
    }

    void merge(const Candidate& candidate) {
        const auto [left, right] = candidate.pair;
        const auto result = id_of(tokens_[left] + tokens_[right]);
        merges_.push_back({left, right, result});
        for (const auto word : candidate.words) merge_in(word, candidate.pair, result);
        queue_changed();
    }

    void merge_in(std::size_t index, Pair pair, TokenId result) {
        auto& [tokens, count] = words_[index];
        std::size_t kept = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (tokens[i] != pair.left || i + 1 == tokens.size() || tokens[i + 1] != pair.right) {
                tokens[kept++] = tokens[i];
                continue;
            }
            if (kept > 0) {
                change({tokens[kept - 1], pair.left}, -count, index);
                change({tokens[kept - 1], result}, count, index);
            }
            ++i;
            if (i + 1 < tokens.size()) {
                change({pair.right, tokens[i + 1]}, -count, index);
                change({result, tokens[i + 1]}, count, index);
            }
            tokens[kept++] = result;
        }
        tokens.resize(kept);
    }

    Candidate pop() {
        std::ranges::pop_heap(heap_, comes_later);
        auto top = std::move(heap_.back());
        heap_.pop_back();
        return top;
    }
    void push(Candidate candidate) {
        heap_.push_back(std::move(candidate));
        std::ranges::push_heap(heap_, comes_later);
    }

    /// Where a string can be made of two pairs of tokens, a pair may be merged twice: the last time counts.
    TokenizerParts parts() {
        TokenizerParts parts{.tokens = tokens_};
        std::unordered_map<Pair, std::size_t, PairHash> last;
        for (std::size_t i = 0; i < merges_.size(); ++i) last[{merges_[i].left, merges_[i].right}] = i;
        for (std::size_t i = 0; i < merges_.size(); ++i)
            if (last.at({merges_[i].left, merges_[i].right}) == i) parts.merges.push_back(merges_[i]);
        for (const auto& token : options_.special_tokens) parts.added.push_back({ids_.at(token), token});
        return parts;
    }

    const BpeTrainerOptions& options_;
    std::vector<std::string> tokens_;
    std::unordered_map<std::string, TokenId> ids_;
    std::vector<Word> words_;
    std::vector<TokenMerge> merges_;
    std::unordered_map<Pair, std::int64_t, PairHash> counts_;
    std::unordered_map<Pair, std::vector<std::size_t>, PairHash> changed_;
    std::vector<Candidate> heap_;
};

}  // namespace

void BpeTrainer::add(std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = word_end(text, begin);
        ++words_[std::string(text.substr(begin, end - begin))];
        begin = end;
    }
}

Tokenizer BpeTrainer::train(const BpeTrainerOptions& options) const {
    const auto least = 256 + options.special_tokens.size();
    if (options.vocabulary < least)
        fail(Code::INVALID_ARGUMENT,
             "a vocabulary of {} has no room for the 256 bytes and {} special tokens: ask for {}", options.vocabulary,
             options.special_tokens.size(), least);
    return Tokenizer(Training(words_, options).run());
}

}  // namespace podium
