#include <algorithm>
#include <numeric>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// Returns indices counted from the front: negative ones count from the end.
Tensor from_front(const Tensor& indices, std::int64_t size) {
    const Tensor wide = convert(indices, DataType::INT64);
    return select(less(wide, std::int64_t{0}), wide + size, wide);
}

Tensors gather_rows(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", 0), x.rank());
    return {take(x, from_front(call.in(1), x.dim(axis)), axis)};
}

Tensors gather_elements(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", 0), x.rank());
    const Tensor indices = from_front(call.in(1), x.dim(axis));
    Dims starts(x.dims().size(), 0), limits = indices.dims();
    limits[static_cast<std::size_t>(axis)] = x.dim(axis);
    return {take_along_axis(slice(x, starts, limits), indices, axis)};
}

/// Returns index vectors with each number counted from the front of its own dimension.
Tensor vectors_from_front(const Tensor& indices, const Dims& sizes) {
    const Tensor wide = convert(indices, DataType::INT64);
    const Tensor size = constant(HostArray::of({static_cast<std::int64_t>(sizes.size())}, sizes));
    return select(less(wide, std::int64_t{0}), wide + size, wide);
}

Tensors gather_nd(const Call& call) {
    const Tensor &x = call.in(0), &indices = call.in(1);
    const auto batch = call.integer("batch_dims", 0), depth = indices.dim(-1);
    if (batch < 0 || batch + depth > x.rank()) call.refuse("its index vectors are longer than the dimensions");
    GatherDimensions dimensions{.index_vector = indices.rank() - 1, .slice_sizes = x.dims()};
    for (std::int64_t i = 0; i < batch; ++i) {
        dimensions.operand_batch.push_back(i);
        dimensions.start_batch.push_back(i);
        dimensions.slice_sizes[static_cast<std::size_t>(i)] = 1;
    }
    for (auto i = batch; i < batch + depth; ++i) {
        dimensions.collapsed.push_back(i);
        dimensions.start_index_map.push_back(i);
        dimensions.slice_sizes[static_cast<std::size_t>(i)] = 1;
    }
    const auto rest = x.rank() - batch - depth;
    dimensions.offset = counting(indices.rank() - 1, rest);
    const Dims sizes(x.dims().begin() + batch, x.dims().begin() + batch + depth);
    return {gather(x, vectors_from_front(indices, sizes), dimensions)};
}

/// Returns the row that combines elements written to one place; null overwrites.
const Binary* combiner_of(const Call& call) {
    const auto name = call.text("reduction", "none");
    if (name == "none") return nullptr;
    if (name == "add") return &add;
    if (name == "mul") return &multiply;
    if (name == "max") return &maximum;
    if (name == "min") return &minimum;
    call.refuse(fmt::format("reduction \"{}\" is none of none, add, mul, max, min", name));
}

Tensors scatter_nd(const Call& call) {
    const Tensor &x = call.in(0), &indices = call.in(1), &updates = call.in(2);
    const auto depth = indices.dim(-1);
    if (depth > x.rank()) call.refuse("its index vectors are longer than the dimensions");
    const auto rest = x.rank() - depth;
    ScatterDimensions dimensions{.update_window = counting(indices.rank() - 1, rest),
                                 .inserted_window = counting(0, depth),
                                 .scatter_to_operand = counting(0, depth),
                                 .index_vector = indices.rank() - 1};
    const Dims sizes(x.dims().begin(), x.dims().begin() + depth);
    return {scatter(combiner_of(call), x, vectors_from_front(indices, sizes), updates, dimensions)};
}

/// Each element of `updates` goes where its index along the axis, and its own place along the others, say.
Tensors scatter_elements(const Call& call) {
    const Tensor &x = call.in(0), &updates = call.in(2);
    const auto axis = axis_of(call, call.integer("axis", 0), x.rank());
    const Tensor indices = from_front(call.in(1), x.dim(axis));
    Tensors places;
    for (std::int64_t i = 0; i < x.rank(); ++i)
        places.push_back(expand_dims(i == axis ? indices : iota(indices.dims(), i, DataType::INT64), -1));
    const ScatterDimensions dimensions{.inserted_window = counting(0, x.rank()),
                                       .scatter_to_operand = counting(0, x.rank()),
                                       .index_vector = x.rank()};
    return {scatter(combiner_of(call), x, concatenate(places, -1), updates, dimensions)};
}

Tensors one_hot_rows(const Call& call) {
    const Tensor& indices = call.in(0);
    const auto depth = call.integers(1)[0];
    const auto axis = axis_of(call, call.integer("axis", -1), indices.rank() + 1);
    const Tensor places = from_front(convert(indices, DataType::INT64), depth);
    Dims dims = indices.dims();
    dims.insert(dims.begin() + axis, depth);
    const Tensor hot = equal(iota(dims, axis, DataType::INT64), expand_dims(places, axis));
    const Tensor off = reshape(slice_axis(call.in(2), 0, 0, 1), {}), on = reshape(slice_axis(call.in(2), 0, 1, 2), {});
    return {where(hot, on, off)};
}

Tensors top_k_rows(const Call& call) {
    const Tensor& x = call.in(0);
    const auto k = call.has(1) ? call.integers(1)[0] : call.integer("k", 1);
    const auto axis = axis_of(call, call.integer("axis", -1), x.rank());
    if (k < 0 || k > x.dim(axis)) call.refuse(fmt::format("{} of {} elements are wanted", k, x.dim(axis)));
    const Tensor order = argsort(x, axis, call.flag("largest", true));
    const Tensor first = slice_axis(order, axis, 0, k);
    return {take_along_axis(x, first, axis), convert(first, DataType::INT64)};
}

/// Returns the places of true elements, row-major; how many there are is known.
Dims places_of_true(const HostArray& array) {
    Dims places;
    for (std::int64_t i = 0; i < array.count(); ++i)
        if (array.as_complex(i) != Complex128()) places.push_back(i);
    return places;
}

Tensor known_places(const Dims& places) {
    return constant(HostArray::of({static_cast<std::int64_t>(places.size())}, places));
}

Tensors non_zero(const Call& call) {
    const Tensor& x = call.in(0);
    const Dims places = places_of_true(call.value(0));
    const auto count = static_cast<std::int64_t>(places.size());
    Tensors rows;
    for (const auto stride : row_major_strides(x.dims())) {
        Dims along;
        for (const auto place : places)
            along.push_back(place / stride % std::max<std::int64_t>(x.dims()[rows.size()], 1));
        rows.push_back(reshape(known_places(along), {1, count}));
    }
    return {rows.empty() ? zeros({0, count}, DataType::INT64) : concatenate(rows, 0)};
}

Tensors compress(const Call& call) {
    const bool flat = !call.has("axis");
    const Tensor x = flat ? reshape(call.in(0), {-1}) : call.in(0);
    const auto axis = flat ? 0 : axis_of(call, call.integer("axis", 0), x.rank());
    Dims places = places_of_true(call.value(1));
    if (!places.empty() && places.back() >= x.dim(axis)) call.refuse("its condition is longer than the dimension");
    return {take(x, known_places(places), axis)};
}

/// The different slices along an axis, sorted or in the order of their first: their number has to be known.
Tensors unique_rows(const Call& call) {
    const bool flat = !call.has("axis");
    const Tensor x = flat ? reshape(call.in(0), {-1}) : call.in(0);
    const auto axis = flat ? 0 : axis_of(call, call.integer("axis", 0), x.rank());
    Dims order = counting(0, x.rank());
    std::swap(order[0], order[static_cast<std::size_t>(axis)]);
    const auto values = call.value_of(transpose(x, order));
    if (!values) fail(Code::TRACED_VALUE, "Unique needs values that are not known while a program is made; call run");
    const auto count = x.dim(axis), width = count == 0 ? 0 : values->count() / count;
    const auto compare = [&](std::int64_t a, std::int64_t b) {
        for (std::int64_t i = 0; i < width; ++i) {
            const double left = values->as_double(a * width + i), right = values->as_double(b * width + i);
            if (left != right) return left < right ? -1 : 1;
        }
        return 0;
    };
    Dims sorted = counting(0, count);
    std::ranges::stable_sort(sorted, [&](auto a, auto b) { return compare(a, b) < 0; });
    Dims first, counts, group_of(static_cast<std::size_t>(count));
    for (const auto place : sorted) {
        const bool is_new = first.empty() || compare(first.back(), place) != 0;
        if (is_new) first.push_back(place);
        if (is_new) counts.push_back(0);
        ++counts.back();
        group_of[static_cast<std::size_t>(place)] = static_cast<std::int64_t>(first.size()) - 1;
    }
    Dims groups = counting(0, static_cast<std::int64_t>(first.size()));
    if (!call.flag("sorted", true))
        std::ranges::sort(groups, {}, [&](auto group) { return first[static_cast<std::size_t>(group)]; });
    Dims rank_of(groups.size()), inverse;
    for (std::size_t i = 0; i < groups.size(); ++i)
        rank_of[static_cast<std::size_t>(groups[i])] = static_cast<std::int64_t>(i);
    for (const auto group : group_of) inverse.push_back(rank_of[static_cast<std::size_t>(group)]);
    const Dims chosen = picked(first, groups);
    return {take(x, known_places(chosen), axis), known_places(chosen), known_places(inverse),
            known_places(picked(counts, groups))};
}

/// Writes one piece along an axis of a cache, at each batch's own place; circular ones go on at the front.
Tensors tensor_scatter(const Call& call) {
    const Tensor &past = call.in(0), &update = call.in(1);
    const auto axis = axis_of(call, call.integer("axis", -2), past.rank());
    const Tensor at = call.has(2) ? convert(call.in(2), DataType::INT64) : zeros({past.dim(0)}, DataType::INT64);
    Tensor place = iota(update.dims(), axis, DataType::INT64) + along_axis(at, 0, past.rank());
    if (call.text("mode", "linear") == "circular") place = remainder(place, past.dim(axis));
    return {put_along_axis(nullptr, past, place, update, axis)};
}

Tensors array_feature_extractor(const Call& call) {
    const Tensor& x = call.in(0);
    const Tensor taken = take(x, reshape(convert(call.in(1), DataType::INT64), {-1}), x.rank() - 1);
    return {x.rank() == 1 ? reshape(taken, {1, -1}) : taken};
}

Tensors binarizer(const Call& call) {
    return {convert(greater(call.in(0), call.real("threshold", 0.0)), call.in(0).type())};
}

constexpr NodeRow INDEXING_ROWS[] = {
    {"", "Compress", 1, compress},
    {"", "Gather", 1, gather_rows},
    {"", "GatherElements", 1, gather_elements},
    {"", "GatherND", 1, gather_nd},
    {"", "NonZero", 1, non_zero},
    {"", "OneHot", 1, one_hot_rows},
    {"", "Scatter", 1, scatter_elements},
    {"", "ScatterElements", 1, scatter_elements},
    {"", "ScatterND", 1, scatter_nd},
    {"", "TensorScatter", 1, tensor_scatter},
    {"", "TopK", 1, top_k_rows},
    {"", "Unique", 1, unique_rows},
    {"ai.onnx.ml", "ArrayFeatureExtractor", 1, array_feature_extractor},
    {"ai.onnx.ml", "Binarizer", 1, binarizer},
};

}  // namespace

std::span<const NodeRow> indexing_rows() { return INDEXING_ROWS; }

}  // namespace podium::onnx
