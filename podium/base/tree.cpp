#include "podium/base/tree.h"

#include <functional>

#include "podium/base/nearest.h"

namespace podium {

Paths::Paths(std::vector<std::string> names) : names_(std::move(names)) {
    index_.reserve(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (!index_.emplace(names_[i], i).second)
            fail(Code::ALREADY_EXISTS, "tree: the path \"{}\" appears twice", names_[i]);
        hash_ = hash_ * 1099511628211U + std::hash<std::string>{}(names_[i]);
    }
}

std::ptrdiff_t Paths::find(std::string_view path) const {
    const auto found = index_.find(path);
    return found == index_.end() ? -1 : static_cast<std::ptrdiff_t>(found->second);
}

std::string join_path(std::string_view prefix, std::string_view path) {
    if (prefix.empty()) return std::string(path);
    if (path.empty()) return std::string(prefix);
    return fmt::format("{}.{}", prefix, path);
}

bool is_under(std::string_view path, std::string_view prefix) {
    return prefix.empty() || (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '.'));
}

bool matches(std::string_view pattern, std::string_view path) {
    if (path.empty() && (pattern.empty() || pattern == ".**")) return true;  // "x.**" also matches "x"
    if (pattern.empty()) return false;
    if (pattern.starts_with("**")) {
        auto rest = pattern.substr(2);
        if (rest.starts_with('.')) {  // "**.x" also matches "x"
            if (matches(rest.substr(1), path)) return true;
            for (std::size_t i = 0; i < path.size(); ++i)
                if (path[i] == '.' && matches(rest.substr(1), path.substr(i + 1))) return true;
            return false;
        }
        for (std::size_t i = 0; i <= path.size(); ++i)
            if (matches(rest, path.substr(i))) return true;
        return false;
    }
    if (pattern.front() == '*') {
        for (std::size_t i = 0; i <= path.size(); ++i) {
            if (matches(pattern.substr(1), path.substr(i))) return true;
            if (i < path.size() && path[i] == '.') return false;
        }
        return false;
    }
    return !path.empty() && pattern.front() == path.front() && matches(pattern.substr(1), path.substr(1));
}

void fail_not_found(const Paths& paths, std::string_view path) {
    const auto near = nearest(path, paths.names());
    if (near.empty()) fail(Code::NOT_FOUND, "tree: no leaf \"{}\"; the tree has {} leaves", path, paths.names().size());
    fail(Code::NOT_FOUND, "tree: no leaf \"{}\"; did you mean \"{}\"?", path, near);
}

}  // namespace podium
