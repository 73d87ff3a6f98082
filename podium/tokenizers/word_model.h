#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "podium/tokenizers/merge_table.h"

namespace podium {

/// Makes tokens of one piece of a text, which is valid UTF-8. May be called from several threads.
class WordModel {
public:
    virtual ~WordModel() = default;
    virtual void append_tokens(std::string_view word, std::vector<TokenId>& tokens) const = 0;

protected:
    WordModel() = default;
    WordModel(const WordModel&) = default;
    WordModel(WordModel&&) = default;
    WordModel& operator=(const WordModel&) = default;
    WordModel& operator=(WordModel&&) = default;
};

/// A vocabulary as models look it up. Both outlive what is made of them.
struct Vocabulary {
    explicit Vocabulary(std::vector<std::string> tokens);

    std::vector<std::string> tokens;                    // by id
    std::unordered_map<std::string_view, TokenId> ids;  // of those tokens
    Vocabulary(const Vocabulary&) = delete;
    Vocabulary& operator=(const Vocabulary&) = delete;

    /// Returns the id of a token, or -1.
    TokenId find(std::string_view token) const;
    /// Appends the tokens "<0xHH>" of each byte; where one of them is missing, appends nothing and returns false.
    bool append_bytes(std::string_view text, std::vector<TokenId>& ids_of_bytes) const;
};
using SharedVocabulary = std::shared_ptr<const Vocabulary>;

/// The longest tokens one after another, those behind the first with a prefix. Source: Devlin et al. 2018,
/// arXiv:1810.04805; https://github.com/google-research/bert, tokenization.py, WordpieceTokenizer.
struct WordPieceOptions {
    std::string unknown = "[UNK]", prefix = "##";
    std::size_t most_characters = 100;  // longer words are unknown
};
/// Throws INVALID_DATA where the vocabulary has no unknown token.
std::unique_ptr<const WordModel> word_piece(SharedVocabulary vocabulary, const WordPieceOptions& options);

/// The tokens whose logarithms of probabilities have the greatest sum. Source: Kudo 2018, arXiv:1804.10959;
/// https://github.com/google/sentencepiece, unigram_model.cc.
struct UnigramOptions {
    std::vector<double> scores;  // by id
    TokenId unknown = -1;        // none: a text that needs it is an error
    bool byte_fallback = false;  // bytes are tokens where no other are
};
std::unique_ptr<const WordModel> unigram(SharedVocabulary vocabulary, UnigramOptions options);

/// Characters, merged in the order of the merges.
struct CharacterBpeOptions {
    std::vector<TokenMerge> merges;
    TokenId unknown = -1;        // none: what is unknown is left out
    bool fuse_unknown = false;   // unknown characters side by side are one token
    bool byte_fallback = false;  // bytes are tokens where a character is none
    bool ignore_merges = false;  // a word that is a token is that token
};
std::unique_ptr<const WordModel> character_bpe(SharedVocabulary vocabulary, CharacterBpeOptions options);

}  // namespace podium
