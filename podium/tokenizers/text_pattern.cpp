#include "podium/tokenizers/text_pattern.h"

#include "podium/base/error.h"
#include "podium/tokenizers/json_fields.h"
#include "podium/tokenizers/words.h"

namespace podium {
namespace {

using tokenizer_json::json, tokenizer_json::quoted, tokenizer_json::text_in;

Span nothing_in(std::string_view text) { return {text.size(), text.size()}; }

Span several_spaces(std::string_view text, std::size_t begin) {
    const auto found = text.find("  ", begin);
    if (found == std::string_view::npos) return nothing_in(text);
    const auto end = text.find_first_not_of(' ', found);
    return {found, end == std::string_view::npos ? text.size() : end};
}

/// A regular expression that finds words, one behind the other.
template <auto END, auto... OPTIONS>
Span one_word(std::string_view text, std::size_t begin) {
    if (begin >= text.size()) return nothing_in(text);
    return {begin, END(text, begin, OPTIONS...)};
}

struct RegexRow {
    std::string_view regex;
    Span (*find)(std::string_view text, std::size_t begin);
};
constexpr std::size_t THREE_DIGITS = 3, ONE_DIGIT = 1;
const RegexRow REGEXES[] = {
    {" {2,}", several_spaces},
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", one_word<word_end>},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     one_word<newer_word_end, THREE_DIGITS>},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     one_word<newer_word_end, ONE_DIGIT>},
};

}  // namespace

TextPattern string_pattern(std::string string) {
    if (string.empty()) fail(Code::INVALID_DATA, "a pattern is an empty text");
    return [string = std::move(string)](std::string_view text, std::size_t begin) {
        const auto found = text.find(string, begin);
        return found == std::string_view::npos ? nothing_in(text) : Span{found, found + string.size()};
    };
}

TextPattern pattern_in(const json& fields) {
    if (fields.is_object() && fields.contains("String")) return string_pattern(text_in(fields, "String"));
    if (!fields.is_object() || !fields.contains("Regex"))
        fail(Code::INVALID_DATA, "a pattern is {}, and neither a String nor a Regex", quoted(fields));
    const auto& regex = text_in(fields, "Regex");
    for (const auto& row : REGEXES)
        if (row.regex == regex) return row.find;
    fail(Code::UNIMPLEMENTED,
         "the regular expression {} is none of those that are read: words as GPT-2, Llama 3 and Qwen find them, and "
         "\" {{2,}}\"",
         quoted(fields["Regex"]));
}

std::string replaced(std::string_view text, const TextPattern& pattern, std::string_view content) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto [begin, end] = pattern(text, at);
        result += text.substr(at, begin - at);
        if (begin < end) result += content;
        at = end;
    }
    return result;
}

}  // namespace podium
