#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/config/fields.h"

/// Strict YAML for plain option structs. A struct declares its fields once:
///
///     template <class V>
///     void visit_fields(V& v, GptOptions& options) {
///         v("layers", options.layers, "number of transformer blocks");
///         v("optimizer", options.optimizer, "");          // a struct with visit_fields of its own is a section
///     }
///
/// Fields may be bool, int, int64, uint64, double, string, enums with `enum_names`, vectors and optionals of those, and
/// maps by name. Neither function needs this header: rooms below config declare theirs without including it.
namespace podium::config {

/// A value that two configs do not share.
struct Difference {
    std::string path, old_text, new_text;
};

/// Returns the text of a config file; throws INVALID_CONFIG where it is missing, unreadable or beyond 1 MiB.
std::string read_text(const std::filesystem::path& path);
/// Returns the rows whose values differ, without the paths that a pattern of `allowed` matches.
std::vector<Difference> diff_rows(std::span<const FieldRow> old_rows, std::span<const FieldRow> new_rows,
                                  std::span<const std::string> allowed);

/// Returns the fields of `options`, which they point into.
template <Section T>
std::vector<Field> fields_of(T& options) {
    Fields fields;
    visit_fields(fields, options);
    return std::move(fields.list());
}

/// Returns the rows of `options`: path, type, present value, help.
template <Section T>
std::vector<FieldRow> rows_of(T options) {
    return rows(fields_of(options));
}

/// Returns T's defaults, then what the document says, then the overrides ("optimizer.learning_rate=3e-4") in order.
/// Throws INVALID_CONFIG with line and column; an unknown key names the nearest known one. `source_name` opens
/// messages.
template <Section T>
T read(std::string_view yaml, std::string_view source_name, std::span<const std::string> overrides = {}) {
    T options{};
    const auto fields = fields_of(options);
    apply_yaml(fields, yaml, source_name);
    for (const std::string& each : overrides) apply_override(fields, each);
    return options;
}

/// `read` of a file of at most 1 MiB.
template <Section T>
T read_file(const std::filesystem::path& path, std::span<const std::string> overrides = {}) {
    return read<T>(read_text(path), path.string(), overrides);
}

/// Returns all fields as YAML in order of declaration, `format` first; `read` gives the same struct back.
/// Throws INVALID_CONFIG for NaN, infinities and text that is no UTF-8.
template <Section T>
std::string write(T options) {
    return write_yaml(fields_of(options));
}

/// Returns the fields in which `b` differs from `a`, but for paths that match a pattern of `allowed` ("mesh",
/// "log.**").
template <Section T>
std::vector<Difference> diff(const T& a, const T& b, std::span<const std::string> allowed = {}) {
    return diff_rows(rows_of(a), rows_of(b), allowed);
}

/// Returns path, type, default and help of every field, for tables and `--help`.
template <Section T>
std::vector<FieldRow> reference() {
    return rows_of(T{});
}

}  // namespace podium::config
