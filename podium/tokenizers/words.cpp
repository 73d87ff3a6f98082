#include "podium/tokenizers/words.h"

#include <utf8proc.h>

#include <array>

namespace podium {
namespace {

enum class CharacterClass : unsigned char { LETTER, NUMBER, SPACE, OTHER };

struct Character {
    CharacterClass kind;
    std::size_t size;
};

constexpr utf8proc_int32_t NEXT_LINE = 0x85;  // of the control characters beyond ASCII, the one that is a space
constexpr std::size_t ASCII_SIZE = 128;

constexpr CharacterClass class_of_ascii(unsigned char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return CharacterClass::LETTER;
    if (c >= '0' && c <= '9') return CharacterClass::NUMBER;
    return c == ' ' || (c >= '\t' && c <= '\r') ? CharacterClass::SPACE : CharacterClass::OTHER;
}

constexpr std::array<CharacterClass, ASCII_SIZE> ASCII_CLASSES = [] {
    std::array<CharacterClass, ASCII_SIZE> classes{};
    for (std::size_t c = 0; c < ASCII_SIZE; ++c) classes[c] = class_of_ascii(static_cast<unsigned char>(c));
    return classes;
}();

CharacterClass class_of(utf8proc_int32_t character) {
    const auto category = utf8proc_category(character);
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return CharacterClass::LETTER;
    if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) return CharacterClass::NUMBER;
    if (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP) return CharacterClass::SPACE;
    return character == NEXT_LINE ? CharacterClass::SPACE : CharacterClass::OTHER;
}

/// at < text.size(); a byte of no valid UTF-8 is a character of its own.
Character character_at(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < ASCII_SIZE) return {ASCII_CLASSES[byte], 1};
    utf8proc_int32_t character = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    if (size <= 0) return {CharacterClass::OTHER, 1};
    return {class_of(character), static_cast<std::size_t>(size)};
}

struct Run {
    std::size_t end, last;  // where it ends, and where its last character begins
};

/// Returns the characters of one class from `at` on; the first, of size `size`, is known to be of it.
Run run_of(CharacterClass kind, std::string_view text, std::size_t at, std::size_t size) {
    Run run{at + size, at};
    while (run.end < text.size()) {
        const auto next = character_at(text, run.end);
        if (next.kind != kind) break;
        run = {run.end + next.size, run.end};
    }
    return run;
}

/// Returns the length of the English contraction that `text` begins with, or 0.
std::size_t contraction_size(std::string_view text) {
    for (const std::string_view each : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
        if (text.starts_with(each)) return each.size();
    return 0;
}

}  // namespace

std::size_t word_end(std::string_view text, std::size_t begin) {
    if (text[begin] == '\'')
        if (const auto size = contraction_size(text.substr(begin)); size != 0) return begin + size;
    const auto first = character_at(text, begin);
    if (first.kind != CharacterClass::SPACE) return run_of(first.kind, text, begin, first.size).end;
    if (text[begin] == ' ' && begin + 1 < text.size()) {
        const auto second = character_at(text, begin + 1);
        if (second.kind != CharacterClass::SPACE) return run_of(second.kind, text, begin + 1, second.size).end;
    }
    const auto spaces = run_of(CharacterClass::SPACE, text, begin, first.size);
    return spaces.end == text.size() || spaces.last == begin ? spaces.end : spaces.last;
}

}  // namespace podium
