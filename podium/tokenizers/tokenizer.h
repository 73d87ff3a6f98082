#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/tokenizers/added_tokens.h"
#include "podium/tokenizers/merge_table.h"
#include "podium/tokenizers/word_merger.h"

namespace podium {

/// What a byte-level BPE tokenizer is made of.
struct TokenizerParts {
    std::vector<std::string> tokens;  // by id, spelled (podium/tokenizers/alphabet.h); each of the 256 bytes is one
    std::vector<TokenMerge> merges;   // the first is made first
    std::vector<AddedToken> added;    // among `tokens`, or with the ids that follow them, in order
    bool add_prefix_space = false;    // a text that does not begin with a space gets one

    friend bool operator==(const TokenizerParts&, const TokenizerParts&) = default;
};

/// A byte-level BPE tokenizer, as GPT-2's: the text is cut at added tokens and then into words
/// (podium/tokenizers/words.h), and the bytes of each word are merged. On valid UTF-8 of characters that Unicode 15
/// knows, the ids are those of Hugging Face's `tokenizers`. Any other bytes are text too, and are kept:
/// decode(encode(x)) == x for all x, unless `add_prefix_space` adds a space.
/// Sources: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", 2.2;
/// https://github.com/huggingface/tokenizers.
class Tokenizer {
public:
    /// Throws INVALID_DATA where the parts do not fit together.
    explicit Tokenizer(TokenizerParts parts);

    /// Returns the ids of `text`, each in [0, size()). May be called from several threads.
    std::vector<TokenId> encode(std::string_view text) const;
    /// Returns the bytes of `ids`, added tokens included; throws INVALID_ARGUMENT for an id that is none.
    std::string decode(std::span<const TokenId> ids) const;
    /// Returns the number of ids.
    std::size_t size() const { return bytes_of_.size(); }
    const TokenizerParts& parts() const { return parts_; }

private:
    class Encoder;

    TokenizerParts parts_;
    std::vector<std::string> bytes_of_;  // by id
    WordMerger::ByteIds byte_ids_{};
    MergeTable merges_;
    StringFinder first_, second_;  // the added tokens that are looked for first, and then
};

/// Returns the tokenizer of a `tokenizer.json` of Hugging Face: model BPE, pre-tokenizer and decoder ByteLevel, no
/// normalizer. What else such files may ask for throws UNIMPLEMENTED, naming it, as it would change the ids; a file
/// that does not hold together throws INVALID_DATA.
Tokenizer read_tokenizer(const std::filesystem::path& path);

/// Returns the text of the `tokenizer.json`, byte for byte as `Tokenizer.save` of Hugging Face writes it.
std::string to_tokenizer_json(const Tokenizer& tokenizer);
/// Writes that text, all or nothing.
void write_tokenizer(const std::filesystem::path& path, const Tokenizer& tokenizer);

}  // namespace podium
