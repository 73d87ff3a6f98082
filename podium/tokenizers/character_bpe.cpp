#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/word_merger.h"
#include "podium/tokenizers/word_model.h"

namespace podium {
namespace {

class CharacterBpe final : public WordModel {
public:
    CharacterBpe(SharedVocabulary vocabulary, CharacterBpeOptions options)
        : vocabulary_(std::move(vocabulary)), options_(std::move(options)), merges_(options_.merges) {}

    void append_tokens(std::string_view word, std::vector<TokenId>& tokens) const override {
        if (const auto id = options_.ignore_merges ? vocabulary_->find(word) : -1; id >= 0) {
            tokens.push_back(id);
            return;
        }
        WordMerger(merges_).append_merged(symbols_of(word), tokens);
    }

private:
    std::vector<TokenId> symbols_of(std::string_view word) const {
        std::vector<TokenId> symbols;
        bool unknown = false;  // one is to be added
        const auto add_unknown = [&] {
            if (unknown) symbols.push_back(options_.unknown);
            unknown = false;
        };
        for (std::size_t at = 0; at < word.size();) {
            const auto character = word.substr(at, character_at(word, at).size);
            at += character.size();
            if (const auto id = vocabulary_->find(character); id >= 0) {
                add_unknown();
                symbols.push_back(id);
            } else if (!options_.byte_fallback || !vocabulary_->append_bytes(character, symbols)) {
                if (!options_.fuse_unknown) add_unknown();
                unknown = options_.unknown >= 0;
            }
        }
        add_unknown();
        return symbols;
    }

    SharedVocabulary vocabulary_;
    CharacterBpeOptions options_;
    MergeTable merges_;
};

}  // namespace

std::unique_ptr<const WordModel> character_bpe(SharedVocabulary vocabulary, CharacterBpeOptions options) {
    return std::make_unique<CharacterBpe>(std::move(vocabulary), std::move(options));
}

}  // namespace podium
