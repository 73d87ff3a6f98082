#pragma once

#include <span>

#include "podium/models/checkpoint_files.h"
#include "podium/models/decoder_options.h"
#include "podium/models/foreign_config.h"

namespace podium::models {

/// Returns the activation that a config calls `name` in `field`; throws UNIMPLEMENTED.
ActivationKind activation_named(const ForeignConfig& config, const std::string& field, std::string_view name);
/// Returns the activation that the field names, or the one called `absent`.
inline ActivationKind activation_of(const ForeignConfig& config, const std::string& field, const std::string& absent) {
    return activation_named(config, field, config.text_or(field, absent));
}

/// One model_type of Hugging Face that is a decoder.
struct DecoderFamily {
    std::string_view type, architecture;
    DecoderOptions (*options)(const ForeignConfig& config);
    /// Returns how its files name parameters.
    Naming (*naming)(const DecoderOptions& options);
};

std::span<const DecoderFamily> decoder_families();
/// Returns the family of config's model_type; throws UNIMPLEMENTED, naming those there are.
const DecoderFamily& family_of(const ForeignConfig& config);

}  // namespace podium::models
