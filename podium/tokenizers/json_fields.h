#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "podium/tokenizers/merge_table.h"

namespace podium::tokenizer_json {

using nlohmann::json;

/// Returns the JSON of a tokenizer.json; throws INVALID_DATA where it is none, or nests too deep.
json parse(std::string_view text);
/// Returns the JSON text of `value`, shortened.
std::string quoted(const json& value);

/// Returns a member of an object, null where it is absent.
const json& member(const json& object, const char* name);
/// Return members of their kinds; throw INVALID_DATA for other ones.
const json& object_in(const json& object, const char* name);
const json& list_in(const json& object, const char* name);
bool flag_in(const json& object, const char* name, bool absent);
const std::string& text_in(const json& object, const char* name);
std::string text_or(const json& object, const char* name, const std::string& absent);
std::size_t size_or(const json& object, const char* name, std::size_t absent);
/// Returns the id of a token; throws INVALID_DATA for what is none.
TokenId id_of(const json& value, std::string_view token);
/// Returns what `type` says of an object, for rows of types; throws INVALID_DATA where it says nothing.
std::string_view type_of(const json& object, const char* what);

/// Throw UNIMPLEMENTED for a flag that is on, and for a member that is not null.
void expect_off(const json& object, const char* name, std::string_view where);
void expect_null(const json& object, const char* name);

/// One type of a component, and what makes it of its fields.
template <class Component>
struct TypeRow {
    std::string_view type;
    Component (*make)(const json& fields);
};
/// Returns the component that `fields` describe; throws UNIMPLEMENTED for a type without a row, naming those there are.
template <class Component, std::size_t N>
Component made_by_type(const TypeRow<Component> (&rows)[N], const json& fields, const char* what);
[[noreturn]] void fail_unknown_type(const json& fields, const char* what, const std::string& known);

template <class Component, std::size_t N>
Component made_by_type(const TypeRow<Component> (&rows)[N], const json& fields, const char* what) {
    const auto type = fields.is_object() ? type_of(fields, what) : std::string_view();
    std::string known;
    for (const auto& row : rows) {
        if (row.type == type) return row.make(fields);
        known += (known.empty() ? "" : ", ") + std::string(row.type);
    }
    fail_unknown_type(fields, what, known);
}

}  // namespace podium::tokenizer_json
