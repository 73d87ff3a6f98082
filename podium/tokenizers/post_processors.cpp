#include "podium/tokenizers/post_processors.h"

#include <limits>

#include "podium/base/error.h"
#include "podium/tokenizers/json_fields.h"

namespace podium {
namespace {

using tokenizer_json::json, tokenizer_json::object_in, tokenizer_json::quoted;
using What = TemplatePart::What;

std::int32_t type_in(const json& fields) {
    const auto type = tokenizer_json::size_or(fields, "type_id", 0);
    if (type > std::numeric_limits<std::int32_t>::max()) fail(Code::INVALID_DATA, "type_id is {}", type);
    return static_cast<std::int32_t>(type);
}

std::vector<TokenId> tokens_of_special(const json& special, const std::string& name) {
    const auto& fields = object_in(special, name.c_str());
    std::vector<TokenId> tokens;
    for (const auto& id : tokenizer_json::list_in(fields, "ids")) tokens.push_back(tokenizer_json::id_of(id, name));
    return tokens;
}

std::vector<TemplatePart> template_in(const json& fields, const char* which, const json& special) {
    std::vector<TemplatePart> parts;
    const bool of_two = std::string_view(which) == "pair";
    for (const auto& each : tokenizer_json::list_in(fields, which)) {
        if (each.is_object() && each.contains("Sequence")) {
            const auto& sequence = object_in(each, "Sequence");
            const auto& id = tokenizer_json::text_in(sequence, "id");
            if (id != "A" && (id != "B" || !of_two))
                fail(Code::INVALID_DATA, "a template has the text \"{}\", which there is not", id);
            parts.push_back({.what = id == "A" ? What::FIRST : What::SECOND, .type = type_in(sequence)});
        } else if (each.is_object() && each.contains("SpecialToken")) {
            const auto& token = object_in(each, "SpecialToken");
            parts.push_back({.what = What::TOKENS,
                             .tokens = tokens_of_special(special, tokenizer_json::text_in(token, "id")),
                             .type = type_in(token)});
        } else {
            fail(Code::INVALID_DATA, "a template has {}, and neither a Sequence nor a SpecialToken", quoted(each));
        }
    }
    return parts;
}

TextTemplate written_template(const json& fields) {
    const auto& special = object_in(fields, "special_tokens");
    return {template_in(fields, "single", special), template_in(fields, "pair", special)};
}

TemplatePart token_in(const json& fields, const char* name, std::int32_t type = 0) {
    const auto& pair = tokenizer_json::list_in(fields, name);
    if (pair.size() != 2) fail(Code::INVALID_DATA, "{} is no token and its id, but {}", name, quoted(pair));
    return {.what = What::TOKENS, .tokens = {tokenizer_json::id_of(pair[1], name)}, .type = type};
}

TextTemplate bert_template(const json& fields) {
    const auto start = token_in(fields, "cls"), end = token_in(fields, "sep");
    return {{start, {}, end}, {start, {}, end, {.what = What::SECOND, .type = 1}, token_in(fields, "sep", 1)}};
}

TextTemplate roberta_template(const json& fields) {
    const auto start = token_in(fields, "cls"), end = token_in(fields, "sep");
    return {{start, {}, end}, {start, {}, end, end, {.what = What::SECOND}, end}};
}

TextTemplate offsets_only(const json&) { return {}; }

/// Of several, one may do more than move offsets.
TextTemplate one_of_several(const json& fields) {
    TextTemplate found;
    for (const auto& each : tokenizer_json::list_in(fields, "processors")) {
        auto one = post_processor_in(each);
        if (one == TextTemplate()) continue;
        if (found != TextTemplate())
            fail(Code::UNIMPLEMENTED, "post_processor has two templates, one after the other; one is read");
        found = std::move(one);
    }
    return found;
}

const tokenizer_json::TypeRow<TextTemplate> POST_PROCESSORS[] = {{"BertProcessing", bert_template},
                                                                 {"ByteLevel", offsets_only},
                                                                 {"RobertaProcessing", roberta_template},
                                                                 {"Sequence", one_of_several},
                                                                 {"TemplateProcessing", written_template}};

}  // namespace

TextTemplate post_processor_in(const json& fields) {
    return fields.is_null() ? TextTemplate() : tokenizer_json::made_by_type(POST_PROCESSORS, fields, "post_processor");
}

}  // namespace podium
