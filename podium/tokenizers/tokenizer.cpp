#include "podium/tokenizers/tokenizer.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <functional>
#include <unordered_set>

#include "podium/base/error.h"
#include "podium/tokenizers/alphabet.h"
#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/text_pipeline.h"
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
    add_tokens();
}

Tokenizer::Tokenizer(std::shared_ptr<const TextPipeline> pipeline, TokenizerParts parts, std::string json)
    : parts_(std::move(parts)), bytes_of_(parts_.tokens), pipeline_(std::move(pipeline)), json_(std::move(json)) {
    check_added(parts_, ids_of(parts_.tokens));
    add_tokens();
}

void Tokenizer::add_tokens() {
    for (const auto& token : parts_.added) {
        auto spelling = token.content;
        if (pipeline_ && pipeline_->normalizer && token.normalized) spelling = pipeline_->normalizer(spelling);
        bytes_of_.resize(std::max(bytes_of_.size(), static_cast<std::size_t>(token.id) + 1));
        bytes_of_[token.id] = spelling;
        if (!spelling.empty()) (token.normalized ? second_ : first_).add(spelling, token);
    }
}

/// Encodes one text. Remembers where in the result the tokens of a word stand, by the word's hash: most words of a text
/// were there before.
class Tokenizer::Encoder {
public:
    Encoder(const Tokenizer& tokenizer, std::size_t text_size)
        : tokenizer_(tokenizer),
          merger_(tokenizer.merges_),
          seen_(std::bit_ceil(std::clamp(text_size / BYTES_A_SLOT, LEAST_SLOTS, MOST_SLOTS))) {}

    /// Appends the ids of a piece of the text, which outlives this.
    void append(std::string_view text) {
        const auto add = [&](TokenId id) { ids_.push_back(id); };
        const auto add_words = [&](std::string_view words) { append_words(words); };
        tokenizer_.first_.split(
            text, [&](std::string_view piece) { tokenizer_.second_.split(piece, add_words, add); }, add);
    }
    std::vector<TokenId> take() { return std::move(ids_); }

private:
    static constexpr std::size_t BYTES_A_SLOT = 16, LEAST_SLOTS = 16, MOST_SLOTS = 1U << 16;

    struct Seen {
        std::string_view word;
        std::size_t begin = 0, count = 0;
    };

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
            merger_.append_tokens(tokenizer_.byte_ids_, word, ids_);
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

/// Encodes one text by a pipeline. Remembers the tokens of short pieces.
class Tokenizer::PipelineEncoder {
public:
    explicit PipelineEncoder(const Tokenizer& tokenizer) : tokenizer_(tokenizer), pipeline_(*tokenizer.pipeline_) {}

    /// Appends the ids of the whole text, which is valid UTF-8.
    void append(std::string_view text) {
        const auto add = [&](TokenId id) { ids_.push_back(id); };
        const auto add_piece = [&](std::string_view piece) {
            std::string normal(piece);
            if (pipeline_.normalizer) normal = pipeline_.normalizer(std::move(normal));
            const auto add_words = [&](std::string_view words) {
                append_words(words, piece.data() == text.data() && words.data() == normal.data());
            };
            tokenizer_.second_.split(normal, add_words, add);
        };
        tokenizer_.first_.split(text, add_piece, add);
    }
    std::vector<TokenId> take() { return std::move(ids_); }

private:
    static constexpr std::size_t MOST_REMEMBERED = 1U << 16, LONGEST_REMEMBERED = 64;

    void append_words(std::string_view text, bool is_first) {
        TextPieces pieces{{std::string(text), is_first}};
        if (pipeline_.pre_tokenizer) pieces = pipeline_.pre_tokenizer(std::move(pieces));
        for (const auto& piece : pieces) append_word(piece.text);
    }

    void append_word(const std::string& word) {
        if (const auto known = remembered_.find(word); known != remembered_.end()) {
            ids_.insert(ids_.end(), known->second.begin(), known->second.end());
            return;
        }
        const auto begin = static_cast<std::ptrdiff_t>(ids_.size());
        pipeline_.model->append_tokens(word, ids_);
        if (word.size() <= LONGEST_REMEMBERED && remembered_.size() < MOST_REMEMBERED)
            remembered_.emplace(word, std::vector<TokenId>(ids_.begin() + begin, ids_.end()));
    }

    const Tokenizer& tokenizer_;
    const TextPipeline& pipeline_;
    std::unordered_map<std::string, std::vector<TokenId>> remembered_;
    std::vector<TokenId> ids_;
};

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
    if (pipeline_) {
        PipelineEncoder encoder(*this);
        encoder.append(as_utf8(text));
        return encoder.take();
    }
    Encoder encoder(*this, text.size());
    encoder.append(text);
    return encoder.take();
}

ModelInput Tokenizer::encode_for_model(std::string_view text, const std::optional<std::string_view>& second) const {
    static const TextTemplate PLAIN;
    const auto& whole = pipeline_ ? pipeline_->model_input : PLAIN;
    ModelInput input;
    for (const auto& part : second ? whole.pair : whole.single) {
        using What = TemplatePart::What;
        const auto ids = part.what == What::TOKENS ? part.tokens : encode(part.what == What::FIRST ? text : *second);
        input.ids.insert(input.ids.end(), ids.begin(), ids.end());
        input.types.resize(input.ids.size(), part.type);
    }
    return input;
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const {
    std::vector<std::string> tokens;
    std::string bytes;
    for (const auto id : ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= bytes_of_.size())
            fail(Code::INVALID_ARGUMENT, "decode: {} is no token: there are {}, from 0", id, bytes_of_.size());
        if (pipeline_)
            tokens.push_back(bytes_of_[id]);
        else
            bytes += bytes_of_[id];
    }
    if (!pipeline_) return bytes;
    for (const auto& part : pipeline_->decoder(std::move(tokens))) bytes += part;
    return bytes;
}

}  // namespace podium
