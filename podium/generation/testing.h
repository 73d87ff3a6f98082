#pragma once

#include "podium/exec/jit.h"
#include "podium/models/decoder.h"

namespace podium::generation::testing {

inline models::DecoderOptions tiny_decoder_options() {
    return {.vocabulary = 13,
            .length = 40,
            .layers = 2,
            .width = 8,
            .hidden = 12,
            .heads = 2,
            .key_heads = 1,
            .depth = 4,
            .rotary = {.width = 4}};
}

/// Returns parameters large enough for the model to prefer some tokens.
inline Tree decided_parameters(const models::Decoder& model, std::uint64_t seed) {
    return jit([&](const Key& key) { return model.init(key).map([](const Tensor& leaf) { return leaf * 30; }); })(
        key(seed));
}

}  // namespace podium::generation::testing
