#include "podium/base/error.h"
#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/token_trie.h"
#include "podium/tokenizers/word_model.h"

namespace podium {
namespace {

class WordPiece final : public WordModel {
public:
    WordPiece(SharedVocabulary vocabulary, const WordPieceOptions& options)
        : vocabulary_(std::move(vocabulary)),
          unknown_(vocabulary_->find(options.unknown)),
          most_characters_(options.most_characters) {
        if (unknown_ < 0) fail(Code::INVALID_DATA, "the vocabulary has no unk_token \"{}\"", options.unknown);
        std::vector<std::pair<std::string_view, TokenId>> all, behind;
        for (const auto& [token, id] : vocabulary_->ids) {
            all.emplace_back(token, id);
            if (token.starts_with(options.prefix)) behind.emplace_back(token.substr(options.prefix.size()), id);
        }
        first_ = TokenTrie(std::move(all));
        behind_ = TokenTrie(std::move(behind));
    }

    void append_tokens(std::string_view word, std::vector<TokenId>& tokens) const override {
        const auto before = tokens.size();
        bool known = !is_long(word);
        for (std::size_t at = 0; known && at < word.size();) {
            const auto [size, id] = (at == 0 ? first_ : behind_).longest_prefix(word.substr(at));
            known = size > 0;
            tokens.push_back(id);
            at += size;
        }
        if (known) return;
        tokens.resize(before);
        tokens.push_back(unknown_);
    }

private:
    bool is_long(std::string_view word) const {
        std::size_t characters = 0;
        for (std::size_t at = 0; at < word.size() && characters <= most_characters_; ++characters)
            at += character_at(word, at).size;
        return characters > most_characters_;
    }

    SharedVocabulary vocabulary_;
    TokenId unknown_;
    std::size_t most_characters_;
    TokenTrie first_, behind_;
};

}  // namespace

std::unique_ptr<const WordModel> word_piece(SharedVocabulary vocabulary, const WordPieceOptions& options) {
    return std::make_unique<WordPiece>(std::move(vocabulary), options);
}

}  // namespace podium
