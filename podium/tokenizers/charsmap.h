#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podium {

/// The table of sentencepiece's normalizer: a double array of the strings that are replaced, and what replaces them.
/// Sources: https://github.com/google/sentencepiece, normalizer.cc; https://github.com/huggingface/spm_precompiled,
/// whose treatment of grapheme clusters this is.
class Charsmap {
public:
    /// Reads the table, base64 as in a tokenizer.json. Throws INVALID_DATA.
    explicit Charsmap(std::string_view base64);

    /// Returns the text with each grapheme cluster below six bytes, or else each character, replaced by what the table
    /// has for it. text: valid UTF-8.
    std::string normalized(std::string_view text) const;

private:
    /// Returns what stands for the shortest string of the table that `text` begins with; null where there is none.
    const char* find(std::string_view text) const;

    std::vector<std::uint32_t> units_;
    std::string strings_;  // each ends with a zero
};

}  // namespace podium
