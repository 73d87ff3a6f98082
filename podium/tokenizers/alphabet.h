#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podium {

/// Returns the printable character, as UTF-8, that stands for a byte in a byte-level vocabulary: "Ġ" for a space.
/// Source: https://github.com/openai/gpt-2, src/encoder.py, bytes_to_unicode.
std::string_view spelling_of_byte(unsigned char byte);

/// Returns `bytes` with each byte spelled.
std::string spell(std::string_view bytes);

/// Returns the bytes that `spelled` stands for; nothing where one of its characters stands for no byte.
std::optional<std::string> unspell(std::string_view spelled);

}  // namespace podium
