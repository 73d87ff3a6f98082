#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "podium/base/tree.h"
#include "podium/models/gpt.h"
#include "podium/runtime/mesh.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium::train {

struct SampleOptions {
    std::string prompt;
    std::int64_t tokens = 200;  ///< how many to make
    double temperature = 1.0;   ///< 0 takes the likeliest token each time
    std::int64_t top_k = 0;     ///< draw from that many of the likeliest; 0 is all
    std::uint64_t seed = 0;
};

/// Returns the text that the model goes on with after the prompt (a newline where that is empty). Tokens are the
/// tokenizer's, or bytes where it is null. The model sees the last `length` tokens. Throws INVALID_ARGUMENT.
std::string generate(const models::Gpt& model, const Tree& parameters, const SampleOptions& options,
                     const Tokenizer* tokenizer = nullptr);

}  // namespace podium::train
