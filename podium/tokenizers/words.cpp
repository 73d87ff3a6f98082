#include "podium/tokenizers/words.h"

#include <array>
#include <string>

#include "podium/tokenizers/characters.h"

namespace podium {
namespace {

enum class CharacterClass : unsigned char { LETTER, NUMBER, SPACE, OTHER };

struct ClassedCharacter {
    CharacterClass kind;
    std::size_t size;
};

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

CharacterClass class_of(std::int32_t code) {
    if (is_letter(code)) return CharacterClass::LETTER;
    if (is_numeric(code)) return CharacterClass::NUMBER;
    return is_white_space(code) ? CharacterClass::SPACE : CharacterClass::OTHER;
}

/// at < text.size(); a byte of no valid UTF-8 is a character of its own.
ClassedCharacter classed_at(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < ASCII_SIZE) return {ASCII_CLASSES[byte], 1};
    const auto [code, size] = character_at(text, at);
    return {class_of(code), size};
}

struct Run {
    std::size_t end, last;  // where it ends, and where its last character begins
};

/// Returns the characters of one class from `at` on; the first, of size `size`, is known to be of it.
Run run_of(CharacterClass kind, std::string_view text, std::size_t at, std::size_t size) {
    Run run{at + size, at};
    while (run.end < text.size()) {
        const auto next = classed_at(text, run.end);
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

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

/// Returns the length of the contraction that `text` begins with, in large or small letters, or 0. The long s is an s
/// to regular expressions that ignore case.
std::size_t any_contraction_size(std::string_view text) {
    if (text.starts_with("'\u017F")) return 3;
    std::string small;
    for (const char c : text.substr(0, 3)) small += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return contraction_size(small);
}

/// Returns where [^\r\n\p{L}\p{N}]?\p{L}+ ends, `begin` where it finds nothing.
std::size_t letters_end(std::string_view text, std::size_t begin) {
    const auto first = classed_at(text, begin);
    if (first.kind == CharacterClass::LETTER) return run_of(first.kind, text, begin, first.size).end;
    const auto second = begin + first.size;
    if (first.kind == CharacterClass::NUMBER || is_line_end(text[begin]) || second >= text.size()) return begin;
    const auto next = classed_at(text, second);
    return next.kind == CharacterClass::LETTER ? run_of(next.kind, text, second, next.size).end : begin;
}

/// Returns where ` ?[^\s\p{L}\p{N}]+[\r\n]*` ends, `begin` where it finds nothing.
std::size_t symbols_end(std::string_view text, std::size_t begin) {
    const std::size_t first = begin + (text[begin] == ' ' ? 1 : 0);
    if (first >= text.size()) return begin;
    const auto symbol = classed_at(text, first);
    if (symbol.kind != CharacterClass::OTHER) return begin;
    auto end = run_of(symbol.kind, text, first, symbol.size).end;
    while (end < text.size() && is_line_end(text[end])) ++end;
    return end;
}

}  // namespace

std::size_t word_end(std::string_view text, std::size_t begin) {
    if (text[begin] == '\'')
        if (const auto size = contraction_size(text.substr(begin)); size != 0) return begin + size;
    const auto first = classed_at(text, begin);
    if (first.kind != CharacterClass::SPACE) return run_of(first.kind, text, begin, first.size).end;
    if (text[begin] == ' ' && begin + 1 < text.size()) {
        const auto second = classed_at(text, begin + 1);
        if (second.kind != CharacterClass::SPACE) return run_of(second.kind, text, begin + 1, second.size).end;
    }
    const auto spaces = run_of(CharacterClass::SPACE, text, begin, first.size);
    return spaces.end == text.size() || spaces.last == begin ? spaces.end : spaces.last;
}

std::size_t newer_word_end(std::string_view text, std::size_t begin, std::size_t digits) {
    if (text[begin] == '\'')
        if (const auto size = any_contraction_size(text.substr(begin)); size != 0) return begin + size;
    if (const auto end = letters_end(text, begin); end != begin) return end;
    const auto first = classed_at(text, begin);
    if (first.kind == CharacterClass::NUMBER) {
        auto end = begin + first.size;
        for (std::size_t count = 1; count < digits && end < text.size(); ++count) {
            const auto next = classed_at(text, end);
            if (next.kind != CharacterClass::NUMBER) break;
            end += next.size;
        }
        return end;
    }
    if (const auto end = symbols_end(text, begin); end != begin) return end;
    const auto spaces = run_of(CharacterClass::SPACE, text, begin, first.size);
    for (auto end = spaces.end; end > begin; --end)
        if (is_line_end(text[end - 1])) return end;
    return spaces.end == text.size() || spaces.last == begin ? spaces.end : spaces.last;
}

}  // namespace podium
