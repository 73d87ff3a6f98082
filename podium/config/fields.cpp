#include "podium/config/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "podium/base/error.h"
#include "podium/base/nearest.h"
#include "podium/base/tree.h"

namespace podium::config {
namespace {

/// Where nodes come from: a document, whose errors have lines, or an override, whose errors need none.
struct Source {
    std::string name;
    bool lines = true;

    [[noreturn]] void refuse(Place place, std::string_view path, std::string_view message) const {
        const std::string where = lines && place.line > 0 ? fmt::format(":{}:{}", place.line, place.column) : "";
        fail(Code::INVALID_CONFIG, "{}{}: {}{}{}", name, where, path, path.empty() ? "" : ": ", message);
    }
    Node parse(std::string_view text) const {
        try {
            return parse_yaml(text);
        } catch (const Problem& problem) {
            refuse(problem.place, "", problem.message);
        }
    }
};

const Field* find(const std::vector<Field>& fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

const Field& find_or_refuse(const std::vector<Field>& fields, const std::string& path, const Node& key,
                            const Source& source) {
    if (const Field* field = find(fields, key.text)) return *field;
    std::vector<std::string> names(fields.size());
    std::ranges::transform(fields, names.begin(), &Field::name);
    const std::string near = nearest(key.text, names);
    source.refuse(key.place, "",
                  fmt::format("unknown key {}{}{}; {}", describe(key), path.empty() ? "" : " in ", path,
                              near.empty() ? fmt::format("known: {}", fmt::join(names, ", "))
                                           : fmt::format("did you mean \"{}\"?", near)));
}

void load_value(const Field& field, const std::string& path, const Node& node, const Source& source) {
    try {
        field.load(node, field.value);
    } catch (const Problem& problem) {
        source.refuse(problem.place, path, problem.message);
    }
}

Node store_value(const Field& field, const std::string& path) {
    try {
        return field.store(field.value);
    } catch (const Problem& problem) {
        fail(Code::INVALID_CONFIG, "{}: {}", path, problem.message);
    }
}

void apply(const std::vector<Field>& fields, const std::string& path, const Node& node, const Source& source) {
    if (node.kind != Node::Kind::MAPPING)
        source.refuse(node.place, path, fmt::format("expected a mapping, key: value, found {}", describe(node)));
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        const Field& field = find_or_refuse(fields, path, node.keys[i], source);
        const std::string inner = join_path(path, field.name);
        if (field.value == nullptr)
            apply(field.fields, inner, node.items[i], source);
        else
            load_value(field, inner, node.items[i], source);
    }
}

/// Throws where the document says a `format` that is newer than the struct's own. An older one may stand: what it lacks
/// has defaults.
void check_format(const Field& field, const Node& document, const Source& source) {
    std::int64_t known = 0, found = 0;
    ScalarCodec<std::int64_t>::load(store_value(field, field.name), known);
    for (std::size_t i = 0; i < document.keys.size(); ++i) {
        if (document.keys[i].text != field.name) continue;
        try {
            ScalarCodec<std::int64_t>::load(document.items[i], found);
        } catch (const Problem& problem) {
            source.refuse(problem.place, field.name, problem.message);
        }
        if (found > known)
            source.refuse(document.items[i].place, "",
                          fmt::format("config format {} is newer than {}, the newest this podium reads; update podium",
                                      found, known));
        if (found < 1)
            source.refuse(document.items[i].place, "",
                          fmt::format("config format {} never was; the first is 1", found));
    }
}

const Field* format_field(const std::vector<Field>& fields) {
    const Field* field = find(fields, "format");
    return field != nullptr && field->type == &ScalarCodec<int>::type ? field : nullptr;
}

/// Applies a document to the whole struct, whose format stays the one that this program writes.
void apply_document(const std::vector<Field>& fields, const Node& document, const Source& source) {
    const Field* format = format_field(fields);
    if (format == nullptr) return apply(fields, "", document, source);
    check_format(*format, document, source);
    const Node current = format->store(format->value);
    apply(fields, "", document, source);
    format->load(current, format->value);
}

Node store_all(const std::vector<Field>& fields, const std::string& path) {
    Node node{.kind = Node::Kind::MAPPING};
    for (const Field& field : fields) {
        const std::string inner = join_path(path, field.name);
        node.keys.push_back(string_node(field.name));
        node.items.push_back(field.value == nullptr ? store_all(field.fields, inner) : store_value(field, inner));
    }
    return node;
}

void add_rows(const std::vector<Field>& fields, const std::string& path, std::vector<FieldRow>& rows) {
    for (const Field& field : fields) {
        const std::string inner = join_path(path, field.name);
        if (field.value == nullptr)
            add_rows(field.fields, inner, rows);
        else
            rows.push_back({inner, field.type(), to_line(store_value(field, inner)), field.help});
    }
}

Node entry(std::string_view key, Node value) {
    Node node{.kind = Node::Kind::MAPPING};
    node.keys.push_back({.kind = Node::Kind::SCALAR, .text = std::string(key)});
    node.items.push_back(std::move(value));
    return node;
}

/// Sets what `path` names, below the fields or in a map among them: `mesh.data=8` leaves the mesh's other axes.
void set_path(const std::vector<Field>& fields, const std::string& parent, std::string_view path, Node value,
              const Source& source) {
    const std::string key(path.substr(0, path.find('.')));
    const std::string_view rest = path.size() > key.size() ? path.substr(key.size() + 1) : std::string_view();
    if (rest.empty()) return apply(fields, parent, entry(key, std::move(value)), source);
    const Field& field = find_or_refuse(fields, parent, {.kind = Node::Kind::SCALAR, .text = key}, source);
    const std::string inner = join_path(parent, key);
    if (field.value == nullptr) return set_path(field.fields, inner, rest, std::move(value), source);
    Node whole = store_value(field, inner);
    if (whole.kind != Node::Kind::MAPPING)
        source.refuse({}, "", fmt::format("{} is one value ({}); it holds no \"{}\"", inner, field.type(), rest));
    const auto same = std::find_if(whole.keys.begin(), whole.keys.end(), [&](const Node& k) { return k.text == rest; });
    if (same != whole.keys.end()) {
        whole.items[static_cast<std::size_t>(same - whole.keys.begin())] = std::move(value);
    } else {
        whole.keys.push_back(string_node(rest));
        whole.items.push_back(std::move(value));
    }
    load_value(field, inner, whole, source);
}

}  // namespace

void apply_yaml(const std::vector<Field>& fields, std::string_view yaml, std::string_view source_name) {
    const Source source{std::string(source_name)};
    const Node document = source.parse(yaml);
    if (document.kind != Node::Kind::EMPTY) apply_document(fields, document, source);
}

void apply_override(const std::vector<Field>& fields, std::string_view override_text) {
    const Source source{fmt::format("--set {}", override_text), false};
    const auto equals = override_text.find('=');
    const std::string_view path = override_text.substr(0, equals);
    if (equals == std::string_view::npos || path.empty() || !is_utf8(path))
        source.refuse({}, "", "expected path=value, as in optimizer.learning_rate=3e-4");
    Node value = source.parse(override_text.substr(equals + 1));
    if (path == "format" && format_field(fields) != nullptr)
        return apply_document(fields, entry(path, std::move(value)), source);
    set_path(fields, "", path, std::move(value), source);
}

std::string write_yaml(const std::vector<Field>& fields) {
    Node document = store_all(fields, "");
    if (const Field* format = format_field(fields)) {
        const auto position = format - fields.data();
        std::rotate(document.keys.begin(), document.keys.begin() + position, document.keys.begin() + position + 1);
        std::rotate(document.items.begin(), document.items.begin() + position, document.items.begin() + position + 1);
    }
    return to_yaml(document);
}

std::vector<FieldRow> rows(const std::vector<Field>& fields) {
    std::vector<FieldRow> result;
    add_rows(fields, "", result);
    return result;
}

}  // namespace podium::config
