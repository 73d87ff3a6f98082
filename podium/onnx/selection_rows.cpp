#include <algorithm>
#include <numeric>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// A box by its edges.
struct Box {
    double top, left, bottom, right;
    double area() const { return (bottom - top) * (right - left); }
};

Box box_at(const HostArray& boxes, std::int64_t place, bool by_center) {
    const auto number = [&](std::int64_t i) { return boxes.as_double(place * 4 + i); };
    if (by_center) {
        const double x = number(0), y = number(1), width = number(2), height = number(3);
        return {y - height / 2, x - width / 2, y + height / 2, x + width / 2};
    }
    return {std::min(number(0), number(2)), std::min(number(1), number(3)), std::max(number(0), number(2)),
            std::max(number(1), number(3))};
}

/// Returns the share of the boxes' union that both cover.
double overlap(const Box& a, const Box& b) {
    const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
    if (height <= 0 || width <= 0 || a.area() <= 0 || b.area() <= 0) return 0;
    return height * width / (a.area() + b.area() - height * width);
}

/// How many boxes are left depends on their values, which have to be known.
Tensors non_max_suppression(const Call& call) {
    const HostArray boxes = call.value(0), scores = call.value(1);  // [batch, boxes, 4], [batch, classes, boxes]
    if (boxes.shape().rank() != 3 || scores.shape().rank() != 3 || boxes.shape().dims[2] != 4 ||
        boxes.shape().dims[0] != scores.shape().dims[0] || boxes.shape().dims[1] != scores.shape().dims[2])
        call.refuse("its boxes and scores do not fit each other");
    const auto most = call.has(2) ? call.integers(2).at(0) : 0;
    const double limit = call.has(3) ? call.reals(3).at(0) : 0.0;
    const bool by_center = call.flag("center_point_box");
    const auto count = boxes.shape().dims[1], classes = scores.shape().dims[1];
    Dims chosen;
    for (std::int64_t row = 0; row < scores.shape().dims[0] * classes; ++row) {
        const auto batch = row / classes;
        const auto score = [&](std::int64_t box) { return scores.as_double(row * count + box); };
        Dims order;
        for (std::int64_t box = 0; box < count; ++box)
            if (!call.has(4) || score(box) > call.reals(4).at(0)) order.push_back(box);
        std::ranges::stable_sort(order, [&](auto a, auto b) { return score(a) > score(b); });
        std::vector<Box> kept;
        for (const auto box : order) {
            if (std::ssize(kept) >= most) break;
            const Box candidate = box_at(boxes, batch * count + box, by_center);
            if (std::ranges::any_of(kept, [&](const Box& other) { return overlap(candidate, other) > limit; }))
                continue;
            kept.push_back(candidate);
            chosen.insert(chosen.end(), {batch, row % classes, box});
        }
    }
    return {constant(HostArray::of({std::ssize(chosen) / 3, 3}, chosen))};
}

/// Returns bool[batch, places]: where the n-gram stands in x [batch, length], its words `step` apart.
Tensor matches_of(const Tensor& x, std::span<const std::int64_t> gram, std::int64_t step) {
    const auto reach = (std::ssize(gram) - 1) * step;
    const auto places = x.dim(1) - reach;
    Tensor all;
    for (std::size_t i = 0; i < gram.size(); ++i) {
        const auto from = static_cast<std::int64_t>(i) * step;
        const Tensor same = equal(slice_axis(x, 1, from, from + places), gram[i]);
        all = all.defined() ? all & same : same;
    }
    return all;
}

/// Counts n-grams of words, which are integers here.
Tensors tf_idf_vectorizer(const Call& call) {
    if (call.has("pool_strings")) call.refuse("its words are texts, which no tensor here holds");
    const bool is_batch = call.in(0).rank() == 2;
    const Tensor given = convert(call.in(0), DataType::INT64);
    const Tensor x = is_batch ? given : expand_dims(given, 0);
    const auto least = call.integer("min_gram_length", 1), most = call.integer("max_gram_length", 1);
    const auto skips = call.integer("max_skip_count", 0);
    const Dims starts = call.integers("ngram_counts"), columns = call.integers("ngram_indexes");
    const Dims pool = call.integers("pool_int64s");
    const auto weights = call.reals("weights");
    const auto mode = call.text("mode", "TF");
    if (columns.empty() || std::ranges::min(columns) < 0) call.refuse("its columns are no places");
    const auto width = std::ranges::max(columns) + 1;
    constexpr std::int64_t LIMIT = 1 << 24;
    if (width > LIMIT || skips < 0 || skips > LIMIT) call.refuse("a size is out of range");
    Tensors counts(static_cast<std::size_t>(width), zeros({x.dim(0)}));
    std::size_t number = 0;
    for (std::size_t n = 1; n <= starts.size(); ++n) {
        const auto end = n < starts.size() ? starts[n] : std::ssize(pool);
        if (starts[n - 1] < 0 || end > std::ssize(pool)) call.refuse("its lists of n-grams lie outside of the pool");
        for (auto at = starts[n - 1]; at + static_cast<std::int64_t>(n) <= end; at += static_cast<std::int64_t>(n)) {
            if (number >= columns.size()) call.refuse("it has more n-grams than columns");
            const auto column = static_cast<std::size_t>(columns[number++]);
            if (static_cast<std::int64_t>(n) < least || static_cast<std::int64_t>(n) > most) continue;
            const std::span gram(pool.data() + at, n);
            for (std::int64_t skip = 0; skip <= (n == 1 ? 0 : skips); ++skip) {
                if ((static_cast<std::int64_t>(n) - 1) * (skip + 1) >= x.dim(1)) break;
                const Tensor found = convert(matches_of(x, gram, skip + 1), DataType::FLOAT32);
                counts[column] = counts[column] + sum(found, {1});
            }
            const double weight = number - 1 < weights.size() ? weights[number - 1] : 1.0;
            if (mode == "IDF") counts[column] = convert(greater(counts[column], 0.0), DataType::FLOAT32);
            if (mode != "TF") counts[column] = counts[column] * weight;
        }
    }
    const Tensor all = stack(counts, 1);
    return {is_batch ? all : squeeze(all, 0)};
}

constexpr NodeRow SELECTION_ROWS[] = {
    {"", "NonMaxSuppression", 1, non_max_suppression},
    {"", "TfIdfVectorizer", 1, tf_idf_vectorizer},
};

}  // namespace

std::span<const NodeRow> selection_rows() { return SELECTION_ROWS; }

}  // namespace podium::onnx
