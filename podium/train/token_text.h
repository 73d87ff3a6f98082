#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "podium/tokenizers/tokenizer.h"

namespace podium::train {

/// Returns the tokens of a text: the tokenizer's, or bytes where it is null.
inline std::vector<TokenId> tokens_of(std::string_view text, const Tokenizer* tokenizer) {
    if (tokenizer != nullptr) return tokenizer->encode(text);
    std::vector<TokenId> bytes;
    for (const char c : text) bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

/// Returns how many tokens there are.
inline std::int64_t known_tokens(const Tokenizer* tokenizer) {
    return tokenizer != nullptr ? static_cast<std::int64_t>(tokenizer->size()) : 256;
}

/// Returns the text of tokens, without those that only a vocabulary larger than the tokenizer's has.
inline std::string text_of(std::vector<TokenId> ids, const Tokenizer* tokenizer) {
    std::erase_if(ids, [&](TokenId id) { return id >= known_tokens(tokenizer); });
    return tokenizer != nullptr ? tokenizer->decode(ids) : std::string(ids.begin(), ids.end());
}

}  // namespace podium::train
