#include "podium/tokenizers/json_fields.h"

#include <limits>

#include "podium/base/error.h"

namespace podium::tokenizer_json {
namespace {

constexpr int DEPTH_LIMIT = 16;  // a tokenizer's parts are nested seven deep
constexpr std::size_t QUOTED_SIZE = 80;

}  // namespace

std::string quoted(const json& value) {
    auto text = value.dump(-1, ' ', true);
    if (text.size() > QUOTED_SIZE) text.replace(QUOTED_SIZE, std::string::npos, "…");
    return text;
}

json parse(std::string_view text) {
    const auto limit_depth = [](int depth, json::parse_event_t event, json&) {
        const bool opens = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
        if (opens && depth >= DEPTH_LIMIT) fail(Code::INVALID_DATA, "the JSON is nested too deep");
        return true;
    };
    try {
        return json::parse(text, limit_depth);
    } catch (const json::exception& error) {
        fail(Code::INVALID_DATA, "it is no JSON: {}", error.what());
    }
}

const json& member(const json& object, const char* name) {
    static const json ABSENT;
    const auto found = object.find(name);
    return found == object.end() ? ABSENT : *found;
}

const json& object_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_object()) fail(Code::INVALID_DATA, "{} is no object, but {}", name, quoted(value));
    return value;
}

const json& list_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_array()) fail(Code::INVALID_DATA, "{} is no list, but {}", name, quoted(value));
    return value;
}

bool flag_in(const json& object, const char* name, bool absent) {
    const auto& value = member(object, name);
    if (value.is_null()) return absent;
    if (!value.is_boolean()) fail(Code::INVALID_DATA, "{} is neither true nor false, but {}", name, quoted(value));
    return value.get<bool>();
}

const std::string& text_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_string()) fail(Code::INVALID_DATA, "{} is no text, but {}", name, quoted(value));
    return value.get_ref<const std::string&>();
}

std::string text_or(const json& object, const char* name, const std::string& absent) {
    return member(object, name).is_null() ? absent : text_in(object, name);
}

std::size_t size_or(const json& object, const char* name, std::size_t absent) {
    const auto& value = member(object, name);
    if (value.is_null()) return absent;
    if (!value.is_number_unsigned()) fail(Code::INVALID_DATA, "{} is no size, but {}", name, quoted(value));
    return value.get<std::size_t>();
}

TokenId id_of(const json& value, std::string_view token) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<TokenId>::max())
        fail(Code::INVALID_DATA, "the token \"{}\" has the id {}, which is none", token, quoted(value));
    return value.get<TokenId>();
}

std::string_view type_of(const json& object, const char* what) {
    const auto& type = member(object, "type");
    if (!type.is_string()) fail(Code::INVALID_DATA, "the type of the {} is no text, but {}", what, quoted(type));
    return type.get_ref<const std::string&>();
}

void expect_off(const json& object, const char* name, std::string_view where) {
    if (flag_in(object, name, false))
        fail(Code::UNIMPLEMENTED, "{} of {} is true, and only false is read", name, where);
}

void expect_null(const json& object, const char* name) {
    if (const auto& value = member(object, name); !value.is_null())
        fail(Code::UNIMPLEMENTED, "{} is {}, and only null is read", name, quoted(value));
}

void fail_unknown_type(const json& fields, const char* what, const std::string& known) {
    fail(Code::UNIMPLEMENTED, "{} is {}; what is read are {}", what,
         quoted(fields.is_object() ? member(fields, "type") : fields), known);
}

}  // namespace podium::tokenizer_json
