#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace podium {

/// Makes parts of a text of tokens' spellings; the text is all of them.
using TextDecoder = std::function<std::vector<std::string>(std::vector<std::string> tokens)>;

/// Returns the decoder of a tokenizer.json's field; of null one that puts spaces between tokens. Throws INVALID_DATA,
/// and UNIMPLEMENTED for types without a row. Bytes that make no UTF-8 stay as they are, where upstream has U+FFFD.
/// Source of each: https://github.com/huggingface/tokenizers, decoders.
TextDecoder decoder_in(const nlohmann::json& fields);

}  // namespace podium
