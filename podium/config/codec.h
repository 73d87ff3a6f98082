#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "podium/base/data_type.h"
#include "podium/base/named_enum.h"
#include "podium/config/node.h"

namespace podium {

/// Returns the spellings of data types in a config. Any enum becomes readable by such a function beside it.
constexpr auto enum_names(DataType) {
    using Row = std::pair<DataType, std::string_view>;
    return std::array{Row{DataType::FLOAT16, "f16"}, Row{DataType::BFLOAT16, "bf16"}, Row{DataType::FLOAT32, "f32"},
                      Row{DataType::FLOAT64, "f64"}};
}

namespace config {

/// How values of one C++ type are named, read from a Node and turned into one. `load` throws Problem and then leaves
/// the value alone; `store` throws Problem for what a config cannot say (NaN, text that is no UTF-8).
template <class T>
struct Codec;

template <class T>
struct ScalarCodec {
    static std::string type();
    static void load(const Node& node, T& value);
    static Node store(const T& value);
};
template <>
struct Codec<bool> : ScalarCodec<bool> {};
template <>
struct Codec<int> : ScalarCodec<int> {};
template <>
struct Codec<std::int64_t> : ScalarCodec<std::int64_t> {};
template <>
struct Codec<std::uint64_t> : ScalarCodec<std::uint64_t> {};
template <>
struct Codec<double> : ScalarCodec<double> {};
template <>
struct Codec<std::string> : ScalarCodec<std::string> {};

/// Throws Problem unless the node is of that kind.
void expect_kind(const Node& node, Node::Kind kind);
/// Returns which of `names` the node spells; throws Problem, naming the nearest.
std::size_t load_choice(const Node& node, std::span<const std::string> names);
/// Returns a scalar that is a string.
Node string_node(std::string_view text);

template <NamedEnum E>
struct Codec<E> {
    static std::vector<std::string> names() {
        std::vector<std::string> result;
        for (const auto& row : enum_names(E{})) result.emplace_back(row.second);
        return result;
    }
    static std::string type() {
        std::string result;
        for (const auto& name : names()) result += (result.empty() ? "" : " | ") + name;
        return result;
    }
    static void load(const Node& node, E& value) { value = enum_names(E{})[load_choice(node, names())].first; }
    static Node store(const E& value) {
        if (const auto name = find_name(value)) return string_node(*name);
        throw Problem{{}, "the value is none of " + type()};
    }
};

template <class T>
struct Codec<std::optional<T>> {
    static std::string type() { return Codec<T>::type() + ", or null"; }
    static void load(const Node& node, std::optional<T>& value) {
        if (node.kind == Node::Kind::EMPTY) return value.reset();
        T loaded{};
        Codec<T>::load(node, loaded);
        value = std::move(loaded);
    }
    static Node store(const std::optional<T>& value) { return value ? Codec<T>::store(*value) : Node{}; }
};

template <class T>
struct Codec<std::vector<T>> {
    static std::string type() { return "list of " + Codec<T>::type(); }
    static void load(const Node& node, std::vector<T>& value) {
        expect_kind(node, Node::Kind::SEQUENCE);
        std::vector<T> loaded;
        for (const Node& item : node.items) {
            T element{};
            Codec<T>::load(item, element);
            loaded.push_back(std::move(element));
        }
        value = std::move(loaded);
    }
    static Node store(const std::vector<T>& value) {
        Node node{.kind = Node::Kind::SEQUENCE};
        for (const T& element : value) node.items.push_back(Codec<T>::store(element));
        return node;
    }
};

/// Maps by name: std::map sorts, a vector of pairs keeps the order of writing (mesh axes).
template <class Map, class T>
struct MapCodec {
    static std::string type() { return "map of " + Codec<T>::type(); }
    static void load(const Node& node, Map& value) {
        expect_kind(node, Node::Kind::MAPPING);
        Map loaded;
        for (std::size_t i = 0; i < node.keys.size(); ++i) {
            T element{};
            Codec<T>::load(node.items[i], element);
            loaded.insert(loaded.end(), {node.keys[i].text, std::move(element)});
        }
        value = std::move(loaded);
    }
    static Node store(const Map& value) {
        Node node{.kind = Node::Kind::MAPPING};
        for (const auto& [name, element] : value) {
            node.keys.push_back(string_node(name));
            node.items.push_back(Codec<T>::store(element));
        }
        return node;
    }
};
template <class T>
struct Codec<std::map<std::string, T>> : MapCodec<std::map<std::string, T>, T> {};
template <class T>
struct Codec<std::vector<std::pair<std::string, T>>> : MapCodec<std::vector<std::pair<std::string, T>>, T> {};

}  // namespace config
}  // namespace podium
