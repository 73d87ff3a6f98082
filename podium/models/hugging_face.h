#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "podium/models/decoder.h"

namespace podium::models {

/// A decoder of a Hugging Face checkpoint, its parameters not computed yet.
struct PretrainedDecoder {
    Decoder model;
    Tree parameters;
    std::string config;  ///< text of its config.json
};

constexpr std::size_t SHARD_BYTES = 5'000'000'000;  // upstream's own

/// Returns what the folder's config.json says of a model of type gpt2, llama, mistral, mixtral, qwen2, qwen3, gemma,
/// gemma2 or gemma3_text. Throws INVALID_DATA where it makes no model, UNIMPLEMENTED for what podium does not have.
DecoderOptions read_decoder_options(const std::filesystem::path& folder, const nn::Precision& precision = {});
/// Returns the same with the weights, one safetensors file or several, mapped and handed to the default device.
PretrainedDecoder read_decoder(const std::filesystem::path& folder, const nn::Precision& precision = {});

/// Returns the parameters under the names, and in the shapes, that they have in the checkpoint, recorded. config: of
/// the decoder that was read.
Tree upstream_parameters(const Decoder& model, const Tree& parameters, const std::string& config);

/// Returns the tokens that end a text, by eos_token_id of generation_config.json, or else of config.json.
std::vector<std::int64_t> end_tokens(const std::filesystem::path& folder);

/// Returns the text of a config.json that makes these options. Throws UNIMPLEMENTED where no such model has them.
std::string decoder_config(const DecoderOptions& options);
/// Writes a checkpoint that `transformers` loads: config.json (the given text, or what the options make) and weights in
/// files of about `shard_bytes`.
void write_decoder(const std::filesystem::path& folder, const Decoder& model, const Tree& parameters,
                   const std::string& config = {}, std::size_t shard_bytes = SHARD_BYTES);

}  // namespace podium::models
