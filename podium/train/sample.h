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

/// True if the folder has a config.json and is no run.
bool is_pretrained(const std::filesystem::path& folder);
/// Returns what the decoder of such a folder goes on with, on the default device, up to its own ends of a text. Throws
/// NOT_FOUND without a tokenizer.json, and what reading its files does.
std::vector<std::string> continued(const std::filesystem::path& folder, const std::vector<std::string>& prompts,
                                   const SampleOptions& options);

}  // namespace podium::train
