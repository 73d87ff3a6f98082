#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "podium/base/error.h"

namespace podium {

/// The names of a tree's leaves, in the order they were added: shared, immutable, compared by value.
class Paths {
public:
    Paths() = default;
    explicit Paths(std::vector<std::string> names);
    Paths(const Paths&) = delete;
    Paths& operator=(const Paths&) = delete;

    const std::vector<std::string>& names() const { return names_; }
    /// Returns the position of `path`, or -1.
    std::ptrdiff_t find(std::string_view path) const;
    /// Returns a hash of all names in order.
    std::size_t hash() const { return hash_; }
    bool operator==(const Paths& other) const { return hash_ == other.hash_ && names_ == other.names_; }

private:
    std::vector<std::string> names_;
    std::unordered_map<std::string_view, std::size_t> index_;
    std::size_t hash_ = 0;
};

/// Returns `prefix.path`, or the one that is not empty.
std::string join_path(std::string_view prefix, std::string_view path);
/// True if `path` is `prefix` or lies under it ("h.0" covers "h.0.attn" and not "h.01"; "" covers all).
bool is_under(std::string_view path, std::string_view prefix);
/// True if `path` matches `pattern`: `*` is one segment or a part of one, `**` any number of segments, none too.
bool matches(std::string_view pattern, std::string_view path);

/// Throws NOT_FOUND, naming the path asked for and the nearest one there is.
[[noreturn]] void fail_not_found(const Paths& paths, std::string_view path);

/// Named leaves in insertion order. Paths join segments by dots ("h.0.attn.weight"); copying shares the names.
template <class T>
class BasicTree {
public:
    BasicTree() : paths_(empty_paths()) {}
    BasicTree(std::shared_ptr<const Paths> paths, std::vector<T> leaves)
        : paths_(std::move(paths)), leaves_(std::move(leaves)) {}

    std::size_t size() const { return leaves_.size(); }
    bool empty() const { return leaves_.empty(); }
    const std::shared_ptr<const Paths>& paths() const { return paths_; }
    const std::string& path(std::size_t i) const { return paths_->names()[i]; }
    const std::vector<T>& leaves() const { return leaves_; }
    std::vector<T>& leaves() { return leaves_; }
    bool contains(std::string_view path) const { return paths_->find(path) >= 0; }

    /// Returns the leaf at `path`; throws NOT_FOUND.
    const T& operator[](std::string_view path) const { return leaves_[position(path)]; }
    T& operator[](std::string_view path) { return leaves_[position(path)]; }

    /// Adds a leaf, or replaces the one at `path`. Linear in the tree's size: build large trees with `TreeBuilder`.
    void set(std::string_view path, T leaf) {
        if (const auto found = paths_->find(path); found >= 0) {
            leaves_[static_cast<std::size_t>(found)] = std::move(leaf);
            return;
        }
        auto names = paths_->names();
        names.emplace_back(path);
        paths_ = std::make_shared<const Paths>(std::move(names));
        leaves_.push_back(std::move(leaf));
    }

    /// Returns the leaves under `prefix`, with the prefix taken off their paths; empty if there is none. What
    /// `TreeBuilder::add(prefix, tree)` put there comes back as it was.
    BasicTree subtree(std::string_view prefix) const {
        const std::size_t taken = prefix.empty() ? 0 : prefix.size() + 1;
        std::vector<std::string> names;
        std::vector<T> leaves;
        for (std::size_t i = 0; i < size(); ++i)
            if (is_under(path(i), prefix)) {
                names.push_back(path(i).substr(std::min(taken, path(i).size())));
                leaves.push_back(leaves_[i]);
            }
        return {std::make_shared<const Paths>(std::move(names)), std::move(leaves)};
    }

    /// Returns a tree of the same names whose leaves are `f(leaf)`.
    template <class F>
    auto map(F&& f) const {
        using U = std::decay_t<decltype(f(leaves_.front()))>;
        std::vector<U> results;
        results.reserve(size());
        for (const T& leaf : leaves_) results.push_back(f(leaf));
        return BasicTree<U>(paths_, std::move(results));
    }

private:
    static const std::shared_ptr<const Paths>& empty_paths() {
        static const auto paths = std::make_shared<const Paths>();
        return paths;
    }
    std::size_t position(std::string_view path) const {
        const auto found = paths_->find(path);
        if (found < 0) fail_not_found(*paths_, path);
        return static_cast<std::size_t>(found);
    }

    std::shared_ptr<const Paths> paths_;
    std::vector<T> leaves_;
};

/// Collects leaves and subtrees, then makes the tree in one step.
template <class T>
class TreeBuilder {
public:
    TreeBuilder& add(std::string_view path, T leaf) {
        names_.emplace_back(path);
        leaves_.push_back(std::move(leaf));
        return *this;
    }
    TreeBuilder& add(std::string_view prefix, const BasicTree<T>& tree) {
        for (std::size_t i = 0; i < tree.size(); ++i) add(join_path(prefix, tree.path(i)), tree.leaves()[i]);
        return *this;
    }
    BasicTree<T> build() { return {std::make_shared<const Paths>(std::move(names_)), std::move(leaves_)}; }

private:
    std::vector<std::string> names_;
    std::vector<T> leaves_;
};

}  // namespace podium
