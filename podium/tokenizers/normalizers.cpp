#include "podium/tokenizers/normalizers.h"

#include "podium/base/error.h"
#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/charsmap.h"
#include "podium/tokenizers/json_fields.h"
#include "podium/tokenizers/text_pattern.h"

namespace podium {
namespace {

using tokenizer_json::flag_in, tokenizer_json::json, tokenizer_json::member, tokenizer_json::text_in;

template <class F>
std::string mapped_characters(std::string_view text, const F& append) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = character_at(text, at);
        append(result, code, text.substr(at, size));
        at += size;
    }
    return result;
}

/// Control characters go, and what is white becomes a space.
std::string cleaned(std::string_view text) {
    constexpr std::int32_t REPLACEMENT_CHARACTER = 0xFFFD;
    return mapped_characters(text, [](std::string& result, std::int32_t code, std::string_view bytes) {
        if (code == '\t' || code == '\n' || code == '\r' || (is_white_space(code) && !is_other(code)))
            result += ' ';
        else if (code != REPLACEMENT_CHARACTER && !is_other(code))
            result += bytes;
    });
}

std::string with_spaces_around_ideographs(std::string_view text) {
    return mapped_characters(text, [](std::string& result, std::int32_t code, std::string_view bytes) {
        const bool apart = is_cjk_ideograph(code);
        if (apart) result += ' ';
        result += bytes;
        if (apart) result += ' ';
    });
}

template <auto IS_TAKEN>
std::string without(std::string_view text) {
    return mapped_characters(text, [](std::string& result, std::int32_t code, std::string_view bytes) {
        if (!IS_TAKEN(code)) result += bytes;
    });
}

Normalizer bert(const json& fields) {
    const bool clean = flag_in(fields, "clean_text", true), ideographs = flag_in(fields, "handle_chinese_chars", true);
    const bool lowercase = flag_in(fields, "lowercase", true), strip = flag_in(fields, "strip_accents", lowercase);
    return [=](std::string text) {
        if (clean) text = cleaned(text);
        if (ideographs) text = with_spaces_around_ideographs(text);
        if (strip) text = without<is_nonspacing_mark>(in_form(text, Form::NFD));
        return lowercase ? in_lowercase(text) : text;
    };
}

template <Form FORM>
Normalizer unicode(const json&) {
    return [](const std::string& text) { return in_form(text, FORM); };
}
Normalizer lowercase(const json&) { return in_lowercase; }
Normalizer strip_accents(const json&) { return without<is_mark>; }

Normalizer replace(const json& fields) {
    return [pattern = pattern_in(member(fields, "pattern")),
            content = text_in(fields, "content")](const std::string& text) { return replaced(text, pattern, content); };
}

Normalizer prepend(const json& fields) {
    return [start = text_in(fields, "prepend")](const std::string& text) { return text.empty() ? text : start + text; };
}

Normalizer strip(const json& fields) {
    const bool left = flag_in(fields, "strip_left", true), right = flag_in(fields, "strip_right", true);
    return [=](const std::string& text) {
        std::size_t begin = text.size(), end = 0;  // of what is not white
        for (std::size_t at = 0; at < text.size();) {
            const auto [code, size] = character_at(text, at);
            if (!is_white_space(code)) {
                begin = std::min(begin, at);
                end = at + size;
            }
            at += size;
        }
        if (!left) begin = 0;
        if (!right) end = text.size();
        return begin < end ? text.substr(begin, end - begin) : std::string();
    };
}

Normalizer precompiled(const json& fields) {
    return [map = Charsmap(text_in(fields, "precompiled_charsmap"))](const std::string& text) {
        return map.normalized(text);
    };
}

Normalizer sequence(const json& fields) {
    std::vector<Normalizer> parts;
    for (const auto& each : tokenizer_json::list_in(fields, "normalizers"))
        if (auto part = normalizer_in(each)) parts.push_back(std::move(part));
    return [parts = std::move(parts)](std::string text) {
        const auto before = text.size();
        for (const auto& part : parts) {
            text = part(std::move(text));
            expect_modest_growth(before, text.size());
        }
        return text;
    };
}

const tokenizer_json::TypeRow<Normalizer> NORMALIZERS[] = {{"BertNormalizer", bert},
                                                           {"Lowercase", lowercase},
                                                           {"NFC", unicode<Form::NFC>},
                                                           {"NFD", unicode<Form::NFD>},
                                                           {"NFKC", unicode<Form::NFKC>},
                                                           {"NFKD", unicode<Form::NFKD>},
                                                           {"Precompiled", precompiled},
                                                           {"Prepend", prepend},
                                                           {"Replace", replace},
                                                           {"Sequence", sequence},
                                                           {"Strip", strip},
                                                           {"StripAccents", strip_accents}};

}  // namespace

Normalizer normalizer_in(const json& fields) {
    return fields.is_null() ? Normalizer() : tokenizer_json::made_by_type(NORMALIZERS, fields, "normalizer");
}

}  // namespace podium
