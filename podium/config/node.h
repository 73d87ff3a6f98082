#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podium::config {

/// Where something stands in a source; both count from 1, and 0 is unknown.
struct Place {
    int line = 0, column = 0;
};

/// One YAML value. Scalars keep their text: what they mean is the reading field's affair.
struct Node {
    enum class Kind { EMPTY, SCALAR, SEQUENCE, MAPPING };
    Kind kind = Kind::EMPTY;
    bool quoted = false;      ///< the scalar is a string, whatever it looks like
    std::string text;         ///< of a scalar
    std::vector<Node> keys;   ///< of a mapping: scalars, one an item
    std::vector<Node> items;  ///< of a sequence or a mapping
    Place place;
};

/// What is wrong with a document, and where. Whoever knows the document's name turns it into InvalidConfig.
struct Problem {
    Place place;
    std::string message;
};

inline constexpr std::size_t MAX_DOCUMENT_BYTES = 1 << 20;
inline constexpr std::size_t MAX_NODES = 100'000;
inline constexpr std::size_t MAX_DEPTH = 32;

/// Returns what one YAML document holds; an empty one is EMPTY. Throws Problem for what is no UTF-8 text or no YAML,
/// for duplicate keys, a second document, anchors, aliases and tags, and beyond the limits above.
Node parse_yaml(std::string_view text);

/// Returns the node as YAML: mappings one key a line, sequences in brackets; ends with a newline.
std::string to_yaml(const Node& node);
/// Returns the node on one line, `{a: 1, b: [2, 3]}`.
std::string to_line(const Node& node);

/// Returns what a message calls the node: `"abc"`, `nothing`, `a list`, `a mapping`.
std::string describe(const Node& node);

/// True if `text` is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace podium::config
