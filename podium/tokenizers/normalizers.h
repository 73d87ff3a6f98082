#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace podium {

/// Changes the text between added tokens before it is cut into pieces. Texts are valid UTF-8.
using Normalizer = std::function<std::string(std::string text)>;

/// Returns the normalizer of a tokenizer.json's field; null where that is null. Throws INVALID_DATA, and UNIMPLEMENTED
/// for types without a row. Source of each: https://github.com/huggingface/tokenizers, normalizers.
Normalizer normalizer_in(const nlohmann::json& fields);

}  // namespace podium
