#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "podium/ir/graph.h"
#include "podium/ir/random.h"

namespace podium {

// A tree is a Tensor, Key, Tree, or an array, vector, tuple, pair, optional or map of trees, or an aggregate of at most
// 16 trees. This header visits their leaves in order; whatever is no tree is static to transforms.

namespace trees {

struct Any {
    template <class T>
    operator T() const;
};
template <class T, std::size_t... I>
concept BracesTake = requires { T{(static_cast<void>(I), Any{})...}; };
template <class T, std::size_t N, class = std::make_index_sequence<N>>
struct Takes;
template <class T, std::size_t N, std::size_t... I>
struct Takes<T, N, std::index_sequence<I...>> : std::bool_constant<BracesTake<T, I...>> {};

/// The number of members of an aggregate.
template <class T, std::size_t N = 16>
constexpr std::size_t member_count() {
    if constexpr (N == 0)
        return 0;
    else if constexpr (Takes<T, N>::value)
        return N;
    else
        return member_count<T, N - 1>();
}

template <class T, template <class...> class Of>
inline constexpr bool is_a = false;
template <template <class...> class Of, class... A>
inline constexpr bool is_a<Of<A...>, Of> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

/// Calls `f(member…)` with references to the members of an aggregate.
template <class T, class F>
decltype(auto) with_members(T& v, F&& f) {
    constexpr auto COUNT = member_count<std::remove_const_t<T>>();
    static_assert(COUNT >= 1 && COUNT <= 16, "a tree aggregate has 1 to 16 members");
    if constexpr (COUNT == 1) {
        auto& [a] = v;
        return f(a);
    } else if constexpr (COUNT == 2) {
        auto& [a, b] = v;
        return f(a, b);
    } else if constexpr (COUNT == 3) {
        auto& [a, b, c] = v;
        return f(a, b, c);
    } else if constexpr (COUNT == 4) {
        auto& [a, b, c, d] = v;
        return f(a, b, c, d);
    } else if constexpr (COUNT == 5) {
        auto& [a, b, c, d, e] = v;
        return f(a, b, c, d, e);
    } else if constexpr (COUNT == 6) {
        auto& [a, b, c, d, e, g] = v;
        return f(a, b, c, d, e, g);
    } else if constexpr (COUNT == 7) {
        auto& [a, b, c, d, e, g, h] = v;
        return f(a, b, c, d, e, g, h);
    } else if constexpr (COUNT == 8) {
        auto& [a, b, c, d, e, g, h, i] = v;
        return f(a, b, c, d, e, g, h, i);
    } else if constexpr (COUNT == 9) {
        auto& [a, b, c, d, e, g, h, i, j] = v;
        return f(a, b, c, d, e, g, h, i, j);
    } else if constexpr (COUNT == 10) {
        auto& [a, b, c, d, e, g, h, i, j, k] = v;
        return f(a, b, c, d, e, g, h, i, j, k);
    } else if constexpr (COUNT == 11) {
        auto& [a, b, c, d, e, g, h, i, j, k, l] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l);
    } else if constexpr (COUNT == 12) {
        auto& [a, b, c, d, e, g, h, i, j, k, l, m] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l, m);
    } else if constexpr (COUNT == 13) {
        auto& [a, b, c, d, e, g, h, i, j, k, l, m, n] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l, m, n);
    } else if constexpr (COUNT == 14) {
        auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o);
    } else if constexpr (COUNT == 15) {
        auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p);
    } else {
        auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q);
    }
}

template <class T>
constexpr bool is_tree();

template <class T, std::size_t... I>
constexpr bool all_trees(std::index_sequence<I...>) {
    return (is_tree<std::tuple_element_t<I, T>>() && ...);
}

/// True if every member of the aggregate is a tree.
template <class T>
constexpr bool members_are_trees() {
    if constexpr (!std::is_aggregate_v<T> || !std::is_class_v<T> || member_count<T>() == 0)
        return false;
    else
        return decltype(with_members(std::declval<T&>(), [](auto&... member) {
            return std::bool_constant<(is_tree<std::remove_cvref_t<decltype(member)>>() && ...)>();
        }))::value;
}

template <class T>
constexpr bool is_tree() {
    if constexpr (std::is_same_v<T, Tensor> || std::is_same_v<T, Key> || std::is_same_v<T, Tree>)
        return true;
    else if constexpr (is_a<T, std::vector> || is_a<T, std::optional> || is_array<T>)
        return is_tree<typename T::value_type>();
    else if constexpr (is_a<T, std::map>)
        return is_tree<typename T::mapped_type>();
    else if constexpr (is_a<T, std::pair> || is_a<T, std::tuple>)
        return all_trees<T>(std::make_index_sequence<std::tuple_size_v<T>>());
    else
        return members_are_trees<T>();
}

/// Returns the name of member `index` of T: from its static `names` array, else its number.
template <class T>
std::string member_name(std::size_t index) {
    if constexpr (requires { T::names[index]; })
        return T::names[index];
    else
        return std::to_string(index);
}

}  // namespace trees

template <class T>
concept TreeLike = trees::is_tree<std::remove_cvref_t<T>>();

/// Calls `f(leaf)` for every Tensor in order; `value` may be const.
template <class T, class F>
void for_each_leaf(T& value, F&& f) {
    using U = std::remove_const_t<T>;
    if constexpr (std::is_same_v<U, Tensor>)
        f(value);
    else if constexpr (std::is_same_v<U, Key>)
        f(value.data);
    else if constexpr (std::is_same_v<U, Tree>)
        for (auto& leaf : value.leaves()) f(leaf);
    else if constexpr (trees::is_a<U, std::vector> || trees::is_array<U>)
        for (auto& item : value) for_each_leaf(item, f);
    else if constexpr (trees::is_a<U, std::optional>) {
        if (value) for_each_leaf(*value, f);
    } else if constexpr (trees::is_a<U, std::map>)
        for (auto& [name, item] : value) for_each_leaf(item, f);
    else if constexpr (trees::is_a<U, std::pair> || trees::is_a<U, std::tuple>)
        std::apply([&](auto&... item) { (for_each_leaf(item, f), ...); }, value);
    else
        trees::with_members(value, [&](auto&... member) { (for_each_leaf(member, f), ...); });
}

/// Calls `f(path, leaf)` for every Tensor in order.
template <class T, class F>
void for_each_path(T& value, const std::string& prefix, F&& f) {
    using U = std::remove_const_t<T>;
    std::size_t index = 0;
    if constexpr (std::is_same_v<U, Tensor>)
        f(prefix, value);
    else if constexpr (std::is_same_v<U, Key>)
        f(prefix, value.data);
    else if constexpr (std::is_same_v<U, Tree>)
        for (auto& leaf : value.leaves()) f(join_path(prefix, value.path(index++)), leaf);
    else if constexpr (trees::is_a<U, std::vector> || trees::is_array<U>)
        for (auto& item : value) for_each_path(item, join_path(prefix, std::to_string(index++)), f);
    else if constexpr (trees::is_a<U, std::optional>) {
        if (value) for_each_path(*value, prefix, f);
    } else if constexpr (trees::is_a<U, std::map>)
        for (auto& [name, item] : value) for_each_path(item, join_path(prefix, name), f);
    else if constexpr (trees::is_a<U, std::pair> || trees::is_a<U, std::tuple>)
        std::apply([&](auto&... item) { (for_each_path(item, join_path(prefix, std::to_string(index++)), f), ...); },
                   value);
    else
        trees::with_members(value, [&](auto&... member) {
            (for_each_path(member, join_path(prefix, trees::member_name<U>(index++)), f), ...);
        });
}

/// Adds numbers that tell apart trees of one type with different structure: lengths, presence, names.
template <class T>
void append_structure(const T& value, std::vector<std::uint64_t>& tokens) {
    if constexpr (std::is_same_v<T, Tensor> || std::is_same_v<T, Key>)
        return;
    else if constexpr (std::is_same_v<T, Tree>)
        tokens.push_back(value.paths()->hash() ^ value.size());
    else if constexpr (trees::is_a<T, std::vector>) {
        tokens.push_back(value.size());
        for (const auto& item : value) append_structure(item, tokens);
    } else if constexpr (trees::is_array<T>)
        for (const auto& item : value) append_structure(item, tokens);
    else if constexpr (trees::is_a<T, std::optional>) {
        tokens.push_back(value.has_value());
        if (value) append_structure(*value, tokens);
    } else if constexpr (trees::is_a<T, std::map>) {
        tokens.push_back(value.size());
        for (const auto& [name, item] : value) {
            tokens.push_back(std::hash<std::string>{}(name));
            append_structure(item, tokens);
        }
    } else if constexpr (trees::is_a<T, std::pair> || trees::is_a<T, std::tuple>)
        std::apply([&](const auto&... item) { (append_structure(item, tokens), ...); }, value);
    else
        trees::with_members(value, [&](const auto&... member) { (append_structure(member, tokens), ...); });
}

/// Returns the leaves in order.
template <TreeLike T>
Tensors leaves_of(const T& value) {
    Tensors leaves;
    for_each_leaf(value, [&](const Tensor& leaf) { leaves.push_back(leaf); });
    return leaves;
}

/// Returns a copy of `value` with its leaves exchanged for `leaves`, in order.
template <TreeLike T>
T with_leaves(const T& value, const Tensors& leaves) {
    T copy = value;
    std::size_t next = 0;
    for_each_leaf(copy, [&](Tensor& leaf) { leaf = leaves[next++]; });
    return copy;
}

}  // namespace podium
