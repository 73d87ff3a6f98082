#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/base/tree.h"
#include "podium/generation/decode.h"
#include "podium/models/gpt.h"
#include "podium/runtime/mesh.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium::train {

struct SampleOptions {
    std::string prompt;
    std::int64_t tokens = 200;  ///< how many to make
    double temperature = 1.0;   ///< as in DrawOptions, these three
    std::int64_t top_k = 0;
    double top_p = 1.0;
    std::uint64_t seed = 0;
    std::int64_t beams = 1;  ///< of a decoder: see DecodeOptions

    generation::DecodeOptions decoding() const;
};

/// Returns the text that the model goes on with after the prompt (a newline where that is empty). Tokens are the
/// tokenizer's, or bytes where it is null. The model sees the last `length` tokens. Throws INVALID_ARGUMENT.
std::string generate(const models::Gpt& model, const Tree& parameters, const SampleOptions& options,
                     const Tokenizer* tokenizer = nullptr);

}  // namespace podium::train
