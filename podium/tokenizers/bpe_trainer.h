#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "podium/tokenizers/tokenizer.h"

namespace podium {

struct BpeTrainerOptions {
    std::size_t vocabulary = 32768;           // number of tokens, with the 256 bytes and the special ones
    std::uint64_t min_frequency = 1;          // a pair that is rarer is not merged
    std::vector<std::string> special_tokens;  // the first ids
};

/// Learns a byte-level BPE tokenizer from texts: the most frequent pair of tokens within words is merged, of several
/// the one of the smallest ids, until the vocabulary is full. The result is, byte for byte, that of Hugging Face's
/// `train_from_iterator(texts, BpeTrainer(initial_alphabet=ByteLevel.alphabet()))`. (Its `train(files)` learns from
/// lines, and so from words that no text has where a line begins.)
/// Source: https://github.com/huggingface/tokenizers, tokenizers/src/models/bpe/trainer.rs.
class BpeTrainer {
public:
    /// Counts the words of one text.
    void add(std::string_view text);
    /// Returns the tokenizer of all texts so far; throws INVALID_ARGUMENT for a vocabulary without room for the bytes.
    Tokenizer train(const BpeTrainerOptions& options) const;

private:
    std::unordered_map<std::string, std::uint64_t> words_;  // how often each is there
};

}  // namespace podium
