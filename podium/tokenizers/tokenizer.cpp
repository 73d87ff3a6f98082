#include "podium/tokenizers/tokenizer.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <functional>
#include <unordered_set>

#include "podium/base/error.h"
#include "podium/tokenizers/alphabet.h"
#include "podium/tokenizers/words.h"

namespace podium {
namespace {

using TokenIds = std::unordered_map<std::string_view, TokenId>;

TokenIds ids_of(const std::vector<std::string>& tokens) {
    TokenIds ids;
    for (const auto& token : tokens)
        if (!ids.emplace(token, static_cast<TokenId>(ids.size())).second)
            fail(Code::INVALID_DATA, "the token \"{}\" is there twice", token);
    return ids;
}

WordMerger::ByteIds byte_ids_of(const TokenIds& ids) {
    WordMerger::ByteIds result{};
    for (unsigned byte = 0; byte < result.size(); ++byte) {
        const auto found = ids.find(spelling_of_byte(static_cast<unsigned char>(byte)));
        if (found == ids.end())
            fail(Code::INVALID_DATA,
                 "the vocabulary has no token \"{}\" for the byte {:#04x}: a byte-level one has all 256 (train it with "
                 "initial_alphabet=ByteLevel.alphabet())",
                 spelling_of_byte(static_cast<unsigned char>(byte)), byte);
        result[byte] = found->second;
    }
    return result;
}

void check_merges(const TokenizerParts& parts) {
    const auto is_token = [&](TokenId id) { return id >= 0 && static_cast<std::size_t>(id) < parts.tokens.size(); };
    for (const auto& [left, right, result] : parts.merges) {
        if (!is_token(left) || !is_token(right) || !is_token(result))
            fail(Code::INVALID_DATA, "the merge of {} and {} to {} is not one of tokens 0 to {}", left, right, result,
                 parts.tokens.size() - 1);
        if (parts.tokens[result] != parts.tokens[left] + parts.tokens[right])
            fail(Code::INVALID_DATA, "the merge of \"{}\" and \"{}\" does not give \"{}\"", parts.tokens[left],
                 parts.tokens[right], parts.tokens[result]);
    }
}

void check_added(const TokenizerParts& parts, const TokenIds& ids) {
    auto next = static_cast<TokenId>(parts.tokens.size());
    std::unordered_set<std::string_view> seen;
    for (const auto& token : parts.added) {
        if (token.content.empty()) fail(Code::INVALID_DATA, "the added token {} is empty", token.id);
        if (!seen.insert(token.content).second)
            fail(Code::INVALID_DATA, "the added token \"{}\" is there twice", token.content);
        const auto found = ids.find(token.content);
        const auto expected = found != ids.end() ? found->second : next++;
        if (token.id != expected)
            fail(Code::INVALID_DATA, "the added token \"{}\" has the id {} and not {}, which {}", token.content,
                 token.id, expected, found != ids.end() ? "the vocabulary gives it" : "is the next free one");
    }
}

}  // namespace

Tokenizer::Tokenizer(TokenizerParts parts) : parts_(std::move(parts)) {
    const auto ids = ids_of(parts_.tokens);
    byte_ids_ = byte_ids_of(ids);
    check_merges(parts_);
    check_added(parts_, ids);
    merges_ = MergeTable(parts_.merges);
    for (const auto& token : parts_.tokens) bytes_of_.push_back(unspell(token).value_or(token));
    for (const auto& token : parts_.added) {
        bytes_of_.resize(std::max(bytes_of_.size(), static_cast<std::size_t>(token.id) + 1));
        bytes_of_[token.id] = token.content;
        (token.normalized ? second_ : first_).add(token.content, token.id);
    }
}

/// Encodes one text. Remembers where in the result the tokens of a word stand, by the word's hash: most words of a text
/// were there before.
class Tokenizer::Encoder {
public:
    Encoder(const Tokenizer& tokenizer, std::size_t text_size)
        : tokenizer_(tokenizer),
          merger_(tokenizer.byte_ids_, tokenizer.merges_),
          seen_(std::bit_ceil(std::clamp(text_size / BYTES_A_SLOT, LEAST_SLOTS, MOST_SLOTS))) {}

    /// Appends the ids of a piece of the text, which outlives this.
    void append(std::string_view text) {
        split(tokenizer_.first_, text, [&](std::string_view piece) {
            split(tokenizer_.second_, piece, [&](std::string_view words) { append_words(words); });
        });
    }
    std::vector<TokenId> take() { return std::move(ids_); }

private:
    static constexpr std::size_t BYTES_A_SLOT = 16, LEAST_SLOTS = 16, MOST_SLOTS = 1U << 16;

    struct Seen {
        std::string_view word;
        std::size_t begin = 0, count = 0;
    };

    template <class Append>
    void split(const StringFinder& finder, std::string_view text, const Append& append) {
        std::size_t begin = 0;
        while (const auto found = finder.find(text, begin)) {
            if (found->begin > begin) append(text.substr(begin, found->begin - begin));
            ids_.push_back(found->id);
            begin = found->begin + found->size;
        }
        if (begin < text.size()) append(text.substr(begin));
    }

    void append_words(std::string_view text) {
        if (tokenizer_.parts_.add_prefix_space && !text.starts_with(' '))
            text = prefixed_.emplace_back(' ' + std::string(text));
        for (std::size_t begin = 0; begin < text.size();) {
            const auto end = word_end(text, begin);
            append_word(text.substr(begin, end - begin));
            begin = end;
        }
    }

    void append_word(std::string_view word) {
        auto& seen = seen_[std::hash<std::string_view>{}(word) & (seen_.size() - 1)];
        if (seen.word != word) {
            seen = {word, ids_.size()};
            merger_.append_tokens(word, ids_);
            seen.count = ids_.size() - seen.begin;
            return;
        }
        ids_.resize(ids_.size() + seen.count);
        std::copy_n(ids_.begin() + static_cast<std::ptrdiff_t>(seen.begin), seen.count,
                    ids_.end() - static_cast<std::ptrdiff_t>(seen.count));
    }

    const Tokenizer& tokenizer_;
    WordMerger merger_;
    std::vector<Seen> seen_;
    std::deque<std::string> prefixed_;  // texts with a space before them, which words point into
    std::vector<TokenId> ids_;
};

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
    Encoder encoder(*this, text.size());
    encoder.append(text);
    return encoder.take();
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const {
    std::string bytes;
    for (const auto id : ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= bytes_of_.size())
            fail(Code::INVALID_ARGUMENT, "decode: {} is no token: there are {}, from 0", id, bytes_of_.size());
        bytes += bytes_of_[id];
    }
    return bytes;
}

}  // namespace podium
