#pragma once

#include <filesystem>

#include "podium/models/encoder.h"
#include "podium/models/hugging_face.h"
#include "podium/models/t5.h"

namespace podium::models {

/// A model of a Hugging Face checkpoint, its parameters not computed yet.
template <class M>
struct Pretrained {
    M model;
    Tree parameters;
    std::string config;  ///< text of its config.json
};

/// Returns the BertForMaskedLM (model_type bert) or ViTForImageClassification (vit) of the folder. Throws INVALID_DATA
/// where its files make no model, UNIMPLEMENTED for another one.
Pretrained<Encoder> read_encoder(const std::filesystem::path& folder, const nn::Precision& precision = {});
/// Returns the T5ForConditionalGeneration (model_type t5) of the folder; throws the same.
Pretrained<T5> read_t5(const std::filesystem::path& folder, const nn::Precision& precision = {});

/// Return the parameters under the names, and in the shapes, that they have in the checkpoint, recorded.
Tree upstream_parameters(const Encoder& model, const Tree& parameters);
Tree upstream_parameters(const T5& model, const Tree& parameters);

/// Write a checkpoint that `transformers` loads, with the config that the model was read with.
void write_encoder(const std::filesystem::path& folder, const Encoder& model, const Tree& parameters,
                   const std::string& config, std::size_t shard_bytes = SHARD_BYTES);
void write_t5(const std::filesystem::path& folder, const T5& model, const Tree& parameters, const std::string& config,
              std::size_t shard_bytes = SHARD_BYTES);

}  // namespace podium::models
