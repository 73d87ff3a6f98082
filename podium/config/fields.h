#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "podium/config/codec.h"

namespace podium::config {

/// One member of an options struct, its type erased: a value with its codec, or a section with fields of its own.
struct Field {
    std::string name, help;
    void* value = nullptr;  ///< null for a section
    std::string (*type)() = nullptr;
    void (*load)(const Node&, void*) = nullptr;
    Node (*store)(const void*) = nullptr;
    std::vector<Field> fields;
};

class Fields;

/// A struct that declares its fields: `template <class V> void visit_fields(V& v, T& options)` beside it.
template <class T>
concept Section = requires(Fields& fields, T& options) { visit_fields(fields, options); };

/// The visitor that `visit_fields` is called with: `v("layers", options.layers, "number of blocks")`.
class Fields {
public:
    template <class T>
    void operator()(std::string_view name, T& value, std::string_view help) {
        Field field{.name = std::string(name), .help = std::string(help)};
        if constexpr (Section<T>) {
            Fields inner;
            visit_fields(inner, value);
            field.fields = std::move(inner.fields_);
        } else {
            field.value = &value;
            field.type = &Codec<T>::type;
            field.load = [](const Node& node, void* target) { Codec<T>::load(node, *static_cast<T*>(target)); };
            field.store = [](const void* source) { return Codec<T>::store(*static_cast<const T*>(source)); };
        }
        fields_.push_back(std::move(field));
    }
    std::vector<Field>& list() { return fields_; }

private:
    std::vector<Field> fields_;
};

/// One line of the printed reference: a value's path, type, present text and meaning.
struct FieldRow {
    std::string path, type, value, help;
};

/// Applies one document; keys that it lacks stay. Throws INVALID_CONFIG.
void apply_yaml(const std::vector<Field>& fields, std::string_view yaml, std::string_view source_name);
/// Applies one `path=value`, the value being YAML. Throws INVALID_CONFIG.
void apply_override(const std::vector<Field>& fields, std::string_view override_text);
/// Returns the whole document, `format` first.
std::string write_yaml(const std::vector<Field>& fields);
/// Returns all values in order of declaration.
std::vector<FieldRow> rows(const std::vector<Field>& fields);

}  // namespace podium::config
