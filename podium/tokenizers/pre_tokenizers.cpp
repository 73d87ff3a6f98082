#include "podium/tokenizers/pre_tokenizers.h"

#include <algorithm>

#include "podium/base/error.h"
#include "podium/tokenizers/alphabet.h"
#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/json_fields.h"
#include "podium/tokenizers/text_pattern.h"
#include "podium/tokenizers/words.h"

namespace podium {
namespace {

using tokenizer_json::flag_in, tokenizer_json::json, tokenizer_json::member, tokenizer_json::text_or;

/// What becomes of the parts of a text that were looked for.
enum class Behavior { REMOVED, ISOLATED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS };

struct BehaviorRow {
    std::string_view name;
    Behavior behavior;
};
constexpr BehaviorRow BEHAVIORS[] = {{"Removed", Behavior::REMOVED},
                                     {"Isolated", Behavior::ISOLATED},
                                     {"MergedWithPrevious", Behavior::MERGED_WITH_PREVIOUS},
                                     {"MergedWithNext", Behavior::MERGED_WITH_NEXT},
                                     {"Contiguous", Behavior::CONTIGUOUS}};

Behavior behavior_in(const json& fields, const std::string& absent) {
    const auto name = text_or(fields, "behavior", absent);
    const auto* const row = std::ranges::find(BEHAVIORS, name, &BehaviorRow::name);
    if (row == std::end(BEHAVIORS)) fail(Code::INVALID_DATA, "there is no behavior \"{}\"", name);
    return row->behavior;
}

/// A part of a text, and whether it was looked for. Parts cover the text.
struct Part : Span {
    bool is_match = false;
};
using Parts = std::vector<Part>;

void add_part(Parts& parts, std::size_t begin, std::size_t end, bool is_match) {
    if (begin < end) parts.push_back({{begin, end}, is_match});
}

template <class Is>
Parts parts_by_character(std::string_view text, const Is& is) {
    Parts parts;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = character_at(text, at);
        if (is(code)) {
            add_part(parts, begin, at, false);
            add_part(parts, at, at + size, true);
            begin = at + size;
        }
        at += size;
    }
    add_part(parts, begin, text.size(), false);
    return parts;
}

Parts parts_by_pattern(std::string_view text, const TextPattern& pattern) {
    Parts parts;
    for (std::size_t at = 0; at < text.size();) {
        const auto [begin, end] = pattern(text, at);
        add_part(parts, at, begin, false);
        add_part(parts, begin, end, true);
        at = end;
    }
    return parts;
}

/// Returns parts of which those that belong together are one.
Parts joined(const Parts& parts, Behavior behavior) {
    Parts result;
    if (behavior == Behavior::MERGED_WITH_NEXT) {
        bool next_is_match = false;
        for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
            if (part->is_match && !next_is_match && !result.empty())
                result.back().begin = part->begin;
            else
                result.push_back(*part);
            next_is_match = part->is_match;
        }
        std::ranges::reverse(result);
        return result;
    }
    bool was_match = false;
    for (const auto& part : parts) {
        const bool joins =
            !result.empty() && ((behavior == Behavior::CONTIGUOUS && part.is_match == was_match) ||
                                (behavior == Behavior::MERGED_WITH_PREVIOUS && part.is_match && !was_match));
        if (joins)
            result.back().end = part.end;
        else if (behavior != Behavior::REMOVED || !part.is_match)
            result.push_back(part);
        was_match = part.is_match;
    }
    return result;
}

/// Returns the pre-tokenizer that cuts each piece where `parts` says.
template <class PartsOf>
PreTokenizer cutting(PartsOf parts_of, Behavior behavior) {
    return [parts_of = std::move(parts_of), behavior](const TextPieces& pieces) {
        TextPieces result;
        for (const auto& [text, is_first] : pieces)
            for (const auto& part : joined(parts_of(text), behavior))
                result.push_back({text.substr(part.begin, part.end - part.begin), is_first && part.begin == 0});
        return result;
    };
}

template <class Is>
PreTokenizer cutting_characters(Is is, Behavior behavior) {
    return cutting([is](std::string_view text) { return parts_by_character(text, is); }, behavior);
}

PreTokenizer bert_words(const json&) {
    return [](TextPieces pieces) {
        static const auto words = cutting_characters(is_white_space, Behavior::REMOVED);
        static const auto marks = cutting_characters(is_punctuation, Behavior::ISOLATED);
        return marks(words(std::move(pieces)));
    };
}

/// \w+|[^\w\s]+
PreTokenizer whitespace(const json&) {
    enum class Kind { WORD, SPACE, OTHER };
    const auto kind_of = [](std::int32_t code) {
        return is_word(code) ? Kind::WORD : is_white_space(code) ? Kind::SPACE : Kind::OTHER;
    };
    return cutting(
        [kind_of](std::string_view text) {
            Parts parts;
            Kind kind{};
            std::size_t begin = 0;
            for (std::size_t at = 0; at < text.size();) {
                const auto [code, size] = character_at(text, at);
                if (const auto next = kind_of(code); next != kind) {
                    add_part(parts, begin, at, kind == Kind::SPACE);
                    begin = at;
                    kind = next;
                }
                at += size;
            }
            add_part(parts, begin, text.size(), kind == Kind::SPACE);
            return parts;
        },
        Behavior::REMOVED);
}

PreTokenizer whitespace_split(const json&) { return cutting_characters(is_white_space, Behavior::REMOVED); }

PreTokenizer digits(const json& fields) {
    return cutting_characters(is_numeric,
                              flag_in(fields, "individual_digits", false) ? Behavior::ISOLATED : Behavior::CONTIGUOUS);
}

PreTokenizer punctuation(const json& fields) {
    return cutting_characters(is_punctuation, behavior_in(fields, "Isolated"));
}

PreTokenizer split(const json& fields) {
    const bool invert = flag_in(fields, "invert", false);
    return cutting(
        [pattern = pattern_in(member(fields, "pattern")), invert](std::string_view text) {
            auto parts = parts_by_pattern(text, pattern);
            if (invert)
                for (auto& part : parts) part.is_match = !part.is_match;
            return parts;
        },
        behavior_in(fields, ""));
}

PreTokenizer metaspace(const json& fields) {
    using Prepend = MetaspaceOptions::Prepend;
    const bool cuts = flag_in(fields, "split", true);
    const auto options = metaspace_options(fields);
    const auto marks = string_pattern(options.space);
    const auto cut =
        cutting([marks](std::string_view text) { return parts_by_pattern(text, marks); }, Behavior::MERGED_WITH_NEXT);
    return [=, spaces = string_pattern(" ")](TextPieces pieces) {
        for (auto& [text, is_first] : pieces) {
            text = replaced(text, spaces, options.space);
            const bool prepends = options.prepend == Prepend::ALWAYS || (options.prepend == Prepend::FIRST && is_first);
            if (prepends && !text.starts_with(options.space)) text.insert(0, options.space);
        }
        return cuts ? cut(std::move(pieces)) : pieces;
    };
}

PreTokenizer byte_level_words(const json& fields) {
    const bool adds_space = flag_in(fields, "add_prefix_space", true), cuts = flag_in(fields, "use_regex", true);
    return [=](const TextPieces& pieces) {
        TextPieces result;
        for (const auto& [given, is_first] : pieces) {
            const auto text = adds_space && !given.starts_with(' ') ? " " + given : given;
            for (std::size_t begin = 0; begin < text.size();) {
                const auto end = cuts ? word_end(text, begin) : text.size();
                result.push_back({spell(std::string_view(text).substr(begin, end - begin)), is_first && begin == 0});
                begin = end;
            }
        }
        return result;
    };
}

std::size_t size_of(const TextPieces& pieces) {
    std::size_t size = 0;
    for (const auto& piece : pieces) size += piece.text.size();
    return size;
}

PreTokenizer several(const json& fields) {
    std::vector<PreTokenizer> parts;
    for (const auto& each : tokenizer_json::list_in(fields, "pretokenizers"))
        if (auto part = pre_tokenizer_in(each)) parts.push_back(std::move(part));
    return [parts = std::move(parts)](TextPieces pieces) {
        const auto before = size_of(pieces);
        for (const auto& part : parts) {
            pieces = part(std::move(pieces));
            expect_modest_growth(before, size_of(pieces));
        }
        return pieces;
    };
}

const tokenizer_json::TypeRow<PreTokenizer> PRE_TOKENIZERS[] = {{"BertPreTokenizer", bert_words},
                                                                {"ByteLevel", byte_level_words},
                                                                {"Digits", digits},
                                                                {"Metaspace", metaspace},
                                                                {"Punctuation", punctuation},
                                                                {"Sequence", several},
                                                                {"Split", split},
                                                                {"Whitespace", whitespace},
                                                                {"WhitespaceSplit", whitespace_split}};

}  // namespace

PreTokenizer pre_tokenizer_in(const json& fields) {
    return fields.is_null() ? PreTokenizer() : tokenizer_json::made_by_type(PRE_TOKENIZERS, fields, "pre_tokenizer");
}

MetaspaceOptions metaspace_options(const json& fields) {
    using Prepend = MetaspaceOptions::Prepend;
    MetaspaceOptions options{.space = text_or(fields, "replacement", "▁")};
    if (options.space.empty()) fail(Code::INVALID_DATA, "Metaspace: the replacement is empty");
    const auto scheme = text_or(fields, "prepend_scheme", "always");
    if (scheme != "always" && scheme != "first" && scheme != "never")
        fail(Code::INVALID_DATA, "Metaspace: prepend_scheme is \"{}\", and not always, first or never", scheme);
    if (scheme == "first") options.prepend = Prepend::FIRST;
    if (scheme == "never" || !flag_in(fields, "add_prefix_space", true)) options.prepend = Prepend::NEVER;
    return options;
}

}  // namespace podium
