#pragma once

#include <filesystem>

#include "podium/models/batch_resnet.h"
#include "podium/models/checkpoint_files.h"

namespace podium::models {

/// A residual network of a checkpoint, its parameters and statistics not computed yet.
struct PretrainedResnet {
    BatchResnet model;
    Tree parameters, statistics;
    std::string config;  ///< text of its config.json
};

/// Returns the network of a folder: transformers' ResNetForImageClassification (model_type resnet), or one with
/// torchvision's names, as timm's, whose config.json says "architecture": "resnet50" (or 18, 34, 101, 152). Throws
/// INVALID_DATA where its files make no model, UNIMPLEMENTED for another one.
PretrainedResnet read_resnet(const std::filesystem::path& folder, const nn::Precision& precision = {});
/// Returns parameters and statistics under the names, and in the shapes, that they have in the checkpoint, recorded.
Tree upstream_parameters(const PretrainedResnet& resnet);
/// Writes it again, under the names that its config asks for.
void write_resnet(const std::filesystem::path& folder, const PretrainedResnet& resnet);

}  // namespace podium::models
