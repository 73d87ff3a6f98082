#include "podium/tokenizers/characters.h"

#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::int32_t REPLACEMENT = 0xFFFD, ASCII_END = 0x80, NEXT_LINE_CONTROL = 0x85;
constexpr std::int32_t JOINER_FIRST = 0x200C, JOINER_LAST = 0x200D;  // zero width non-joiner, zero width joiner
constexpr std::int32_t CAPITAL_I_WITH_DOT = 0x130;                   // the one character whose small form is two

struct CodeRange {
    std::int32_t first, last;
};

constexpr std::array IDEOGRAPHS{CodeRange{0x4E00, 0x9FFF},   CodeRange{0x3400, 0x4DBF},   CodeRange{0x20000, 0x2A6DF},
                                CodeRange{0x2A700, 0x2B73F}, CodeRange{0x2B740, 0x2B81F}, CodeRange{0x2B920, 0x2CEAF},
                                CodeRange{0xF900, 0xFAFF},   CodeRange{0x2F800, 0x2FA1F}};
/// Symbols that Unicode counts as alphabetic.
constexpr std::array ALPHABETIC_SYMBOLS{CodeRange{0x24B6, 0x24E9}, CodeRange{0x1F130, 0x1F149},
                                        CodeRange{0x1F150, 0x1F169}, CodeRange{0x1F170, 0x1F189}};

template <std::size_t N>
bool is_in(const std::array<CodeRange, N>& ranges, std::int32_t code) {
    for (const auto& [first, last] : ranges)
        if (code >= first && code <= last) return true;
    return false;
}

bool is_ascii_punctuation(std::int32_t code) {
    return (code >= '!' && code <= '/') || (code >= ':' && code <= '@') || (code >= '[' && code <= '`') ||
           (code >= '{' && code <= '~');
}

bool is_between(std::int32_t code, utf8proc_category_t first, utf8proc_category_t last) {
    const auto category = utf8proc_category(code);
    return category >= first && category <= last;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < ASCII_END) return {byte, 1};
    utf8proc_int32_t code = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (size <= 0) return {REPLACEMENT, 1};
    return {code, static_cast<std::size_t>(size)};
}

void append_character(std::string& text, std::int32_t code) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(code, bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

std::string as_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = character_at(text, at);
        if (size == 1 && code >= ASCII_END)
            append_character(valid, REPLACEMENT);
        else
            valid.append(text.substr(at, size));
        at += size;
    }
    return valid;
}

void expect_modest_growth(std::size_t before, std::size_t after) {
    constexpr std::size_t MOST_TIMES = 64, MOST_MORE = 1U << 16;  // a compatibility form is 18 characters at most
    if (after > MOST_TIMES * before + MOST_MORE)
        fail(Code::INVALID_DATA, "the tokenizer's steps make a text of {} bytes one of {}", before, after);
}

bool is_white_space(std::int32_t code) {
    if (code < ASCII_END) return code == ' ' || (code >= '\t' && code <= '\r');
    return code == NEXT_LINE_CONTROL || is_between(code, UTF8PROC_CATEGORY_ZS, UTF8PROC_CATEGORY_ZP);
}
bool is_numeric(std::int32_t code) { return is_between(code, UTF8PROC_CATEGORY_ND, UTF8PROC_CATEGORY_NO); }
bool is_letter(std::int32_t code) { return is_between(code, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LO); }
bool is_word(std::int32_t code) {
    const auto category = utf8proc_category(code);
    return is_letter(code) || is_mark(code) || category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL ||
           category == UTF8PROC_CATEGORY_PC || (code >= JOINER_FIRST && code <= JOINER_LAST) ||
           is_in(ALPHABETIC_SYMBOLS, code);
}
bool is_punctuation(std::int32_t code) {
    return is_ascii_punctuation(code) || is_between(code, UTF8PROC_CATEGORY_PC, UTF8PROC_CATEGORY_PO);
}
bool is_mark(std::int32_t code) { return is_between(code, UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_ME); }
bool is_nonspacing_mark(std::int32_t code) { return utf8proc_category(code) == UTF8PROC_CATEGORY_MN; }
bool is_other(std::int32_t code) { return is_between(code, UTF8PROC_CATEGORY_CC, UTF8PROC_CATEGORY_CO); }
bool is_cjk_ideograph(std::int32_t code) { return is_in(IDEOGRAPHS, code); }

std::string in_form(std::string_view text, Form form) {
    int options = UTF8PROC_STABLE;
    options |= form == Form::NFC || form == Form::NFKC ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    if (form == Form::NFKC || form == Form::NFKD) options |= UTF8PROC_COMPAT;
    utf8proc_uint8_t* made = nullptr;
    const auto size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                     &made, static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    if (size < 0) fail(Code::INVALID_DATA, "a text has no normalization form: {}", utf8proc_errmsg(size));
    return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

std::string in_lowercase(std::string_view text) {
    std::string small;
    small.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = character_at(text, at);
        if (code == CAPITAL_I_WITH_DOT)
            small += "i\u0307";
        else
            append_character(small, utf8proc_tolower(code));
        at += size;
    }
    return small;
}

std::vector<std::size_t> grapheme_ends(std::string_view text) {
    std::vector<std::size_t> ends;
    utf8proc_int32_t before = 0, state = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = character_at(text, at);
        if (at > 0 && utf8proc_grapheme_break_stateful(before, code, &state)) ends.push_back(at);
        before = code;
        at += size;
    }
    if (!text.empty()) ends.push_back(text.size());
    return ends;
}

}  // namespace podium
