#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "podium/tokenizers/tokenizer.h"

namespace podium::generation {

/// Returns the tokens of a text: the tokenizer's, or bytes where it is null.
inline std::vector<TokenId> tokens_of(std::string_view text, const Tokenizer* tokenizer) {
    if (tokenizer != nullptr) return tokenizer->encode(text);
    std::vector<TokenId> bytes;
    for (const char c : text) bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

/// Returns the same with the tokens that a model is fed around a text.
inline std::vector<TokenId> prompt_of(std::string_view text, const Tokenizer* tokenizer) {
    return tokenizer != nullptr ? tokenizer->encode_for_model(text).ids : tokens_of(text, tokenizer);
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

/// Returns the text of tokens that follow others: some tokenizers take the first token's space away.
inline std::string text_behind(std::vector<TokenId> before, const std::vector<TokenId>& ids,
                               const Tokenizer* tokenizer) {
    const auto known = text_of(before, tokenizer);
    before.insert(before.end(), ids.begin(), ids.end());
    const auto whole = text_of(std::move(before), tokenizer);
    return whole.starts_with(known) ? whole.substr(known.size()) : text_of(ids, tokenizer);
}

}  // namespace podium::generation
