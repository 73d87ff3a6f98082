#pragma once

#include <cstddef>
#include <string_view>

namespace podium {

/// Returns where the word ends that begins at `begin` < text.size(). Words are what GPT-2's regular expression finds:
///   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// They cover the text. Classes of characters are those of Unicode 15 (utf8proc's); later ones count as unassigned. A
/// byte that belongs to no valid UTF-8 is classed as U+FFFD, which `bytes.decode('utf-8', 'replace')` puts in its
/// place, so words begin and end where they do in the replaced text, and every byte is kept.
/// Source: https://github.com/openai/gpt-2, src/encoder.py.
std::size_t word_end(std::string_view text, std::size_t begin);

/// Returns the same for the words of newer tokenizers: Llama 3 (digits: 3) and Qwen 2 and 3 (digits: 1), which find
///   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|
///   \s+(?!\S)|\s+
/// Source: https://github.com/openai/tiktoken, tiktoken_ext/openai_public.py, cl100k_base.
std::size_t newer_word_end(std::string_view text, std::size_t begin, std::size_t digits);

}  // namespace podium
