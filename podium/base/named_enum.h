#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

namespace podium {

/// An enum with `constexpr std::array<std::pair<E, std::string_view>, N> enum_names(E)` beside it.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) { enum_names(e); };

/// Returns the value's name, nothing for one that has none.
template <NamedEnum E>
constexpr std::optional<std::string_view> find_name(E value) {
    for (const auto& [each, name] : enum_names(value))
        if (each == value) return name;
    return std::nullopt;
}

/// Returns the value of that name, nothing where there is none.
template <NamedEnum E>
constexpr std::optional<E> find_named(std::string_view wanted) {
    for (const auto& [each, name] : enum_names(E{}))
        if (name == wanted) return each;
    return std::nullopt;
}

}  // namespace podium
