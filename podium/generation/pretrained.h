#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "podium/generation/decode.h"
#include "podium/models/hugging_face.h"

namespace podium::generation {

/// Returns the parameters evaluated one after another, so that no device holds two forms of more than one.
Tree evaluated_parameters(Tree parameters);

/// A decoder of a Hugging Face folder, its parameters on one device, with what its texts need.
struct PretrainedText : models::PretrainedDecoder {
    std::shared_ptr<const Tokenizer> tokenizer;  ///< null where the folder has no tokenizer.json
    std::vector<TokenId> ends;                   ///< tokens that end a text
};
/// Returns the decoder on the default device; throws what reading its files does.
PretrainedText open_pretrained(const std::filesystem::path& folder, const nn::Precision& precision = {});

/// Returns what the decoder goes on with behind each prompt, all computed together (a newline where one is empty).
/// Prompts are read with the tokens that the tokenizer puts around a text, or as bytes where it is null. Throws
/// INVALID_ARGUMENT as `decode` does.
std::vector<std::string> continued(const models::Decoder& model, const Tree& parameters,
                                   const std::vector<std::string>& prompts, const DecodeOptions& options,
                                   const Tokenizer* tokenizer);

}  // namespace podium::generation
