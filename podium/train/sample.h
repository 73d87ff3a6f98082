#pragma once

#include <filesystem>

#include "podium/train/generate.h"
#include "podium/train/train_config.h"

namespace podium::train {

/// Returns what the model goes on with behind each prompt, those of a decoder computed together; a GPT has no beams.
/// Tokens are the tokenizer's, or bytes where it is null. Throws INVALID_ARGUMENT.
std::vector<std::string> continued(const ModelOptions& model, const Tree& parameters,
                                   const std::vector<std::string>& prompts, const SampleOptions& options,
                                   const Tokenizer* tokenizer);

/// A folder of Hugging Face, its parameters on one device.
struct PretrainedModel {
    ModelOptions options;
    Tree parameters;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::vector<TokenId> ends;  ///< tokens that end a text
};
/// True if the folder has a config.json and is no run.
bool is_pretrained(const std::filesystem::path& folder);
/// Returns the model on the default device; throws NOT_FOUND without a tokenizer.json, and what reading its files does.
PretrainedModel open_pretrained(const std::filesystem::path& folder);

}  // namespace podium::train
