#include "podium/config/codec.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "podium/base/nearest.h"

namespace podium::config {
namespace {

[[noreturn]] void refuse(const Node& node, std::string_view expected) {
    throw Problem{node.place, fmt::format("expected {}, found {}", expected, describe(node))};
}

bool is_plain(const Node& node) { return node.kind == Node::Kind::SCALAR && !node.quoted; }

/// YAML 1.2's core schema: decimal, 0x and 0o, where a leading zero (octal once, decimal now) is refused.
template <class T>
void load_integer(const Node& node, T& value) {
    std::string_view digits = node.text;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0o")) {
        base = digits[1] == 'x' ? 16 : 8;
        digits.remove_prefix(2);
        if (digits.starts_with('-')) refuse(node, "an integer");
    }
    const std::string_view bare = digits.substr(digits.starts_with('-') ? 1 : 0);
    const bool all_digits = !bare.empty() && bare.find_first_not_of(base == 16  ? "0123456789abcdefABCDEF"
                                                                    : base == 8 ? "01234567"
                                                                                : "0123456789") == bare.npos;
    const bool leading_zero = base == 10 && bare.size() > 1 && bare.front() == '0';
    if (!is_plain(node) || !all_digits || leading_zero) refuse(node, "an integer");
    T parsed = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed, base);
    if (error != std::errc() || end != digits.data() + digits.size())
        refuse(node,
               fmt::format("an integer from {} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    value = parsed;
}

Node plain_node(std::string text) { return {.kind = Node::Kind::SCALAR, .text = std::move(text)}; }

}  // namespace

void expect_kind(const Node& node, Node::Kind kind) {
    if (node.kind != kind) refuse(node, kind == Node::Kind::SEQUENCE ? "a list, [a, b]" : "a mapping, {name: value}");
}

Node string_node(std::string_view text) {
    if (!is_utf8(text)) throw Problem{{}, "the text is not UTF-8"};
    return {.kind = Node::Kind::SCALAR, .quoted = true, .text = std::string(text)};
}

std::size_t load_choice(const Node& node, std::span<const std::string> names) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (node.kind == Node::Kind::SCALAR && node.text == names[i]) return i;
    const auto near = node.kind == Node::Kind::SCALAR ? nearest(node.text, names) : std::string();
    refuse(node, fmt::format("one of {}{}", fmt::join(names, ", "),
                             near.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", near)));
}

template <>
std::string ScalarCodec<bool>::type() {
    return "true | false";
}
template <>
void ScalarCodec<bool>::load(const Node& node, bool& value) {
    if (!is_plain(node) || (node.text != "true" && node.text != "false")) refuse(node, "true or false");
    value = node.text == "true";
}
template <>
Node ScalarCodec<bool>::store(const bool& value) {
    return plain_node(value ? "true" : "false");
}

template <>
std::string ScalarCodec<int>::type() {
    return "integer";
}
template <>
void ScalarCodec<int>::load(const Node& node, int& value) {
    load_integer(node, value);
}
template <>
Node ScalarCodec<int>::store(const int& value) {
    return plain_node(fmt::format("{}", value));
}

template <>
std::string ScalarCodec<std::int64_t>::type() {
    return "integer";
}
template <>
void ScalarCodec<std::int64_t>::load(const Node& node, std::int64_t& value) {
    load_integer(node, value);
}
template <>
Node ScalarCodec<std::int64_t>::store(const std::int64_t& value) {
    return plain_node(fmt::format("{}", value));
}

template <>
std::string ScalarCodec<std::uint64_t>::type() {
    return "integer from 0";
}
template <>
void ScalarCodec<std::uint64_t>::load(const Node& node, std::uint64_t& value) {
    load_integer(node, value);
}
template <>
Node ScalarCodec<std::uint64_t>::store(const std::uint64_t& value) {
    return plain_node(fmt::format("{}", value));
}

template <>
std::string ScalarCodec<double>::type() {
    return "number";
}
template <>
void ScalarCodec<double>::load(const Node& node, double& value) {
    std::string_view digits = node.text;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const bool numeric = is_plain(node) && digits.find_first_not_of("0123456789+-.eE") == digits.npos;
    double parsed = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
    if (numeric && error == std::errc::result_out_of_range) refuse(node, "a number within the range of a double");
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!numeric || !whole) {
        const std::string_view word = digits.substr(std::min(digits.find_first_not_of("-."), digits.size()));
        const bool named = word == "nan" || word == "NaN" || word == "NAN" || word == "inf" || word == "Inf";
        refuse(node, named ? "a finite number" : "a number");
    }
    value = parsed;
}
template <>
Node ScalarCodec<double>::store(const double& value) {
    if (!std::isfinite(value)) throw Problem{{}, fmt::format("expected a finite number, found {}", value)};
    return plain_node(fmt::format("{}", value));
}

template <>
std::string ScalarCodec<std::string>::type() {
    return "text";
}
template <>
void ScalarCodec<std::string>::load(const Node& node, std::string& value) {
    if (node.kind == Node::Kind::EMPTY) refuse(node, "text (\"\" for none)");
    if (node.kind != Node::Kind::SCALAR) refuse(node, "text");
    value = node.text;
}
template <>
Node ScalarCodec<std::string>::store(const std::string& value) {
    return string_node(value);
}

}  // namespace podium::config
