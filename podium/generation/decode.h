#pragma once

#include <vector>

#include "podium/generation/draw.h"
#include "podium/models/decoder.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium::generation {

struct DecodeOptions : DrawOptions {
    std::int64_t tokens = 200;       ///< most that are made for a prompt
    std::int64_t beams = 1;          ///< above 1: the likeliest of so many texts that are kept at a time
    std::vector<TokenId> ends = {};  ///< tokens that end a text; they belong to it
    std::uint64_t seed = 0;
};

/// Returns the tokens that follow each prompt, all computed together, with a cache of keys and values. With beams, of
/// the texts kept the one whose tokens' probabilities have the greatest product. Throws INVALID_ARGUMENT for prompts
/// that are empty, or that with the tokens wanted exceed the model's length.
std::vector<std::vector<TokenId>> decode(const models::Decoder& model, const Tree& parameters,
                                         const std::vector<std::vector<TokenId>>& prompts,
                                         const DecodeOptions& options);

}  // namespace podium::generation
