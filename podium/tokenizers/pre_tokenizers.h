#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace podium {

/// A piece of a text, of which a model makes tokens by itself.
struct TextPiece {
    std::string text;
    bool is_first = false;  ///< begins where the whole text does
};
using TextPieces = std::vector<TextPiece>;

/// Cuts pieces into smaller ones, and may change them. No piece is empty, and all are valid UTF-8.
using PreTokenizer = std::function<TextPieces(TextPieces pieces)>;

/// Returns the pre-tokenizer of a tokenizer.json's field; null where that is null. Throws INVALID_DATA, and
/// UNIMPLEMENTED for types without a row. Source of each: https://github.com/huggingface/tokenizers, pre_tokenizers.
PreTokenizer pre_tokenizer_in(const nlohmann::json& fields);

/// What Metaspace as pre-tokenizer and as decoder says.
struct MetaspaceOptions {
    std::string space;  ///< what stands for a space
    enum class Prepend { ALWAYS, FIRST, NEVER } prepend = Prepend::ALWAYS;
};
MetaspaceOptions metaspace_options(const nlohmann::json& fields);

}  // namespace podium
