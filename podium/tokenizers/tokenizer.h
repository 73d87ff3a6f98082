#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/tokenizers/added_tokens.h"
#include "podium/tokenizers/merge_table.h"
#include "podium/tokenizers/word_merger.h"

namespace podium {

struct TextPipeline;

/// What a byte-level BPE tokenizer is made of.
struct TokenizerParts {
    std::vector<std::string> tokens;  // by id, spelled (podium/tokenizers/alphabet.h); each of the 256 bytes is one
    std::vector<TokenMerge> merges;   // the first is made first
    std::vector<AddedToken> added;    // among `tokens`, or with the ids that follow them, in order
    bool add_prefix_space = false;    // a text that does not begin with a space gets one

    friend bool operator==(const TokenizerParts&, const TokenizerParts&) = default;
};

/// What a model is fed of one text, or of two.
struct ModelInput {
    std::vector<TokenId> ids;
    std::vector<std::int32_t> types;  ///< of each id: what the model is told of the text that it is of
};

/// A tokenizer: a byte-level BPE one, or a pipeline of another kind that a file described.
/// Of a pipeline (podium/tokenizers/text_pipeline.h) ids are those of Hugging Face's `tokenizers` on valid UTF-8 of
/// characters that Unicode 8 knows; U+FFFD takes the place of a byte that is not UTF-8.
/// Byte-level BPE, as GPT-2's: the text is cut at added tokens and then into words
/// (podium/tokenizers/words.h), and the bytes of each word are merged. On valid UTF-8 of characters that Unicode 15
/// knows, the ids are those of Hugging Face's `tokenizers`. Any other bytes are text too, and are kept:
/// decode(encode(x)) == x for all x, unless `add_prefix_space` adds a space.
/// Sources: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", 2.2;
/// https://github.com/huggingface/tokenizers.
class Tokenizer {
public:
    /// Throws INVALID_DATA where the parts do not fit together.
    explicit Tokenizer(TokenizerParts parts);
    /// A pipeline of that vocabulary (parts without merges), which `json` describes. Throws the same.
    Tokenizer(std::shared_ptr<const TextPipeline> pipeline, TokenizerParts parts, std::string json);

    /// Returns the ids of `text`, each in [0, size()), without those that models are fed around a text. Throws
    /// INVALID_ARGUMENT where a Unigram vocabulary has no token for a character, nor for unknown ones. May be called
    /// from several threads.
    std::vector<TokenId> encode(std::string_view text) const;
    /// Returns what a model is fed of a text, or of two: with the tokens that the file's post_processor puts around.
    ModelInput encode_for_model(std::string_view text, const std::optional<std::string_view>& second = {}) const;
    /// Returns the bytes of `ids`, added tokens included; throws INVALID_ARGUMENT for an id that is none.
    std::string decode(std::span<const TokenId> ids) const;
    /// Returns the number of ids.
    std::size_t size() const { return bytes_of_.size(); }
    /// Returns what it is made of; of a pipeline its tokens alone.
    const TokenizerParts& parts() const { return parts_; }
    bool is_byte_level() const { return pipeline_ == nullptr; }
    /// Returns the tokenizer.json of a pipeline, as it was read.
    const std::string& json() const { return json_; }

private:
    class Encoder;
    class PipelineEncoder;
    void add_tokens();

    TokenizerParts parts_;
    std::vector<std::string> bytes_of_;  // by id
    WordMerger::ByteIds byte_ids_{};
    MergeTable merges_;
    AddedTokenFinder first_, second_;               // the added tokens that are looked for first, and then
    std::shared_ptr<const TextPipeline> pipeline_;  // null: byte-level BPE
    std::string json_;
};

/// Returns the tokenizer of a `tokenizer.json` of Hugging Face: of models BPE, WordPiece or Unigram, with the
/// normalizers, pre-tokenizers, decoders and post-processors that have rows in this room's files. What else such files
/// may ask for throws UNIMPLEMENTED, naming it, as it would change the ids; a file that does not hold together throws
/// INVALID_DATA.
Tokenizer read_tokenizer(const std::filesystem::path& path);

/// Returns the text of the `tokenizer.json`: of byte-level BPE byte for byte as `Tokenizer.save` of Hugging Face writes
/// it, of a pipeline as it was read.
std::string to_tokenizer_json(const Tokenizer& tokenizer);
/// Writes that text, all or nothing.
void write_tokenizer(const std::filesystem::path& path, const Tokenizer& tokenizer);

}  // namespace podium
