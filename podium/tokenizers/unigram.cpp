#include <algorithm>

#include "podium/base/error.h"
#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/token_trie.h"
#include "podium/tokenizers/word_model.h"

namespace podium {
namespace {

constexpr double UNKNOWN_PENALTY = 10;  // how much less likely than the least likely token the unknown one is

class Unigram final : public WordModel {
public:
    Unigram(SharedVocabulary vocabulary, UnigramOptions options)
        : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {
        std::vector<std::pair<std::string_view, TokenId>> tokens(vocabulary_->ids.begin(), vocabulary_->ids.end());
        trie_ = TokenTrie(std::move(tokens));
        least_ = *std::ranges::min_element(options_.scores) - UNKNOWN_PENALTY;
    }

    void append_tokens(std::string_view word, std::vector<TokenId>& tokens) const override {
        const auto ends = best_path(word);
        std::vector<std::string_view> parts;  // the last first; unknown ones side by side are one
        bool was_unknown = false;
        for (auto end = word.size(); end > 0; end = ends[end].begin) {
            const auto& [begin, id, score] = ends[end];
            const bool is_unknown = id == options_.unknown;
            if (is_unknown && was_unknown)
                parts.back() = word.substr(begin, parts.back().size() + end - begin);
            else
                parts.push_back(word.substr(begin, end - begin));
            was_unknown = is_unknown;
        }
        for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
            if (const auto id = vocabulary_->find(*part); id >= 0)
                tokens.push_back(id);
            else if (!options_.byte_fallback || !vocabulary_->append_bytes(*part, tokens))
                tokens.push_back(options_.unknown);
        }
    }

private:
    static constexpr std::size_t NOWHERE = ~std::size_t{0};
    /// The best way to a place of the text: where its last token begins.
    struct Way {
        std::size_t begin = NOWHERE;
        TokenId id = -1;
        double score = 0;
    };

    std::vector<Way> best_path(std::string_view word) const {
        std::vector<Way> ways(word.size() + 1);
        for (std::size_t begin = 0; begin < word.size();) {
            const double score = ways[begin].score;
            const auto size = character_at(word, begin).size;
            bool has_character = false;
            const auto consider = [&](std::size_t length, TokenId id, double more) {
                auto& way = ways[begin + length];
                if (way.begin == NOWHERE || score + more > way.score) way = {begin, id, score + more};
            };
            trie_.visit_prefixes(word.substr(begin), [&](std::size_t length, TokenId id) {
                consider(length, id, options_.scores[id]);
                has_character = has_character || length == size;
            });
            if (!has_character) {
                if (options_.unknown < 0)
                    fail(Code::INVALID_ARGUMENT,
                         "encode: the tokenizer has no token for \"{}\", and unk_id is null: none for unknown ones",
                         word.substr(begin, size));
                consider(size, options_.unknown, least_);
            }
            begin += size;
        }
        return ways;
    }

    SharedVocabulary vocabulary_;
    UnigramOptions options_;
    TokenTrie trie_;
    double least_ = 0;
};

}  // namespace

std::unique_ptr<const WordModel> unigram(SharedVocabulary vocabulary, UnigramOptions options) {
    return std::make_unique<Unigram>(std::move(vocabulary), std::move(options));
}

}  // namespace podium
