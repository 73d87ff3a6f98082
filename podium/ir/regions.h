#pragma once

// What the rules of rows with regions share.
#include "podium/ir/batching.h"
#include "podium/ir/control.h"
#include "podium/ir/pullback.h"
#include "podium/ir/pushforward.h"
#include "podium/ir/trace.h"

namespace podium::regions {

inline Tensors concat(Tensors first, const Tensors& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

inline void append(Tensors& to, std::span<const Tensor> more) { to.insert(to.end(), more.begin(), more.end()); }

inline Tensors part(std::span<const Tensor> tensors, std::size_t first, std::size_t count) {
    const auto piece = tensors.subspan(first, count);
    return {piece.begin(), piece.end()};
}

inline std::vector<Shape> shapes_of(std::span<const Tensor> tensors) {
    std::vector<Shape> shapes;
    shapes.reserve(tensors.size());
    for (const auto& tensor : tensors) shapes.push_back(tensor.shape());
    return shapes;
}

/// Returns the starts of a slice at `index` along dimension 0.
inline Tensors starts_at(const Tensor& index, std::int64_t rank) {
    Tensors starts{index};
    starts.resize(static_cast<std::size_t>(rank), scalar_of(DataType::INT32, 0));
    return starts;
}

/// Throws SHAPE_MISMATCH unless the shapes are equal; `say` has places for both of a pair that differs.
inline void expect_same(const char* what, std::span<const Tensor> expected, std::span<const Tensor> found,
                        const Location& location, fmt::format_string<std::string, std::string> say) {
    if (expected.size() != found.size())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: {} tensors expected, {} returned", what, expected.size(), found.size()));
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (!(expected[i].shape() == found[i].shape()))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("{}: tensor {} is ", what, i) +
                        fmt::format(say, to_string(expected[i].shape()), to_string(found[i].shape())));
}

inline std::vector<bool> defined(std::span<const Tensor> tensors) {
    std::vector<bool> flags;
    for (const auto& tensor : tensors) flags.push_back(tensor.defined());
    return flags;
}

/// Returns the tensors that are marked.
inline Tensors marked(std::span<const Tensor> tensors, const std::vector<bool>& marks) {
    Tensors found;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (marks[i]) found.push_back(tensors[i]);
    return found;
}

/// Returns one entry a mark: the next of `tensors` where it is set, else undefined.
inline Tensors spread(std::span<const Tensor> tensors, const std::vector<bool>& marks) {
    Tensors all(marks.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < marks.size(); ++i)
        if (marks[i]) all[i] = tensors[next++];
    return all;
}

/// Returns what push_graph gives for arguments followed by the tangents of those marked in `flows`.
inline Tensors pushed_region(const Graph& graph, const Tensors& arguments, const std::vector<bool>& flows,
                             const std::vector<bool>& wanted) {
    const auto count = graph.parameters.size();
    return push_graph(graph, Tensors(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(count)),
                      spread(std::span(arguments).subspan(count), flows), wanted);
}

/// Returns the first `count` results, then one tangent for each, from those that follow for the marked ones.
inline Tensors results_and_tangents(const Tensors& all, const std::vector<bool>& wanted) {
    const auto count = static_cast<std::ptrdiff_t>(wanted.size());
    return concat(Tensors(all.begin(), all.begin() + count), spread(std::span(all).subspan(wanted.size()), wanted));
}

inline std::vector<bool> all_of(const Graph& graph) { return std::vector<bool>(graph.results.size(), true); }

}  // namespace podium::regions
