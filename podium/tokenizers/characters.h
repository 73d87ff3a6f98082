#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podium {

/// A character of a text, and how many bytes it takes there.
struct Character {
    std::int32_t code = 0;
    std::size_t size = 1;
};

/// Returns the character at `at` < text.size(); a byte of no valid UTF-8 is U+FFFD, of one byte.
Character character_at(std::string_view text, std::size_t at);
/// Appends a character as UTF-8.
void append_character(std::string& text, std::int32_t code);
/// Returns the text with U+FFFD in place of each byte of no valid UTF-8.
std::string as_utf8(std::string_view text);

/// Throws INVALID_DATA where the steps of a file make a text of `before` bytes so much longer that they do harm.
void expect_modest_growth(std::size_t before, std::size_t after);

/// What Unicode 15 says of a character (utf8proc); classes are named as Rust's and those of Hugging Face's
/// `tokenizers`.
bool is_white_space(std::int32_t code);
bool is_numeric(std::int32_t code);      ///< Nd, Nl, No
bool is_letter(std::int32_t code);       ///< L
bool is_word(std::int32_t code);         ///< \w of regular expressions
bool is_punctuation(std::int32_t code);  ///< P, and what ASCII has of S
bool is_mark(std::int32_t code);         ///< M
bool is_nonspacing_mark(std::int32_t code);
bool is_other(std::int32_t code);  ///< Cc, Cf, Co
bool is_cjk_ideograph(std::int32_t code);

/// The normalization forms of Unicode.
enum class Form { NFC, NFD, NFKC, NFKD };
/// Returns the text in that form. text: valid UTF-8. Source: Unicode Standard Annex 15.
std::string in_form(std::string_view text, Form form);
/// Returns the text in small letters, character by character. text: valid UTF-8.
std::string in_lowercase(std::string_view text);
/// Returns where the text's grapheme clusters end. Source: Unicode Standard Annex 29.
std::vector<std::size_t> grapheme_ends(std::string_view text);

}  // namespace podium
