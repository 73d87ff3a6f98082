// Samples of rows that move elements: their results are exact.
#include <array>

#include "podium/ir/ops.h"
#include "podium/proof/makers.h"

namespace podium::proof {
namespace {

Tensors make_iota(Draw& d) {
    const Dims dims = d.any_dims(1);
    return {iota(dims, d.below(std::ssize(dims)), d.type)};
}

Tensors make_broadcast(Draw& d) {
    const Dims to = d.any_dims(1);
    Dims from, where;
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (d.coin()) continue;
        from.push_back(d.coin() ? 1 : to[i]);
        where.push_back(static_cast<std::int64_t>(i));
    }
    return {broadcast_in_dim(d.operand(from), to, where)};
}

/// Other dims of as many elements.
Dims regrouped(Draw& d, const Dims& dims) {
    Dims result = dims;
    if (result.size() > 1 && d.coin()) {
        result[0] *= result.back();
        result.pop_back();
    } else {
        result.insert(result.begin() + d.between(0, std::ssize(result)), 1);
    }
    return result;
}

Tensors make_reshape(Draw& d) {
    const Dims dims = d.any_dims();
    return {reshape(d.operand(dims), regrouped(d, dims))};
}

Tensors make_transpose(Draw& d) {
    const Dims dims = d.any_dims();
    return {transpose(d.operand(dims), d.permutation(std::ssize(dims)))};
}

Tensors make_concatenate(Draw& d) {
    Dims dims = d.any_dims(1);
    const auto axis = d.below(std::ssize(dims));
    Tensors parts;
    for (auto count = d.between(1, 3); count > 0; --count) {
        dims[static_cast<std::size_t>(axis)] = d.between(0, 4);
        parts.push_back(d.operand(dims));
    }
    return {concatenate(parts, axis)};
}

Tensors make_reverse(Draw& d) {
    const Dims dims = d.any_dims(1);
    return {reverse(d.operand(dims), {d.below(std::ssize(dims))})};
}

Tensors make_slice(Draw& d) {
    const Dims dims = d.any_dims();
    Dims starts, limits, strides;
    for (const auto size : dims) {
        starts.push_back(d.between(0, size));
        limits.push_back(d.between(starts.back(), size));
        strides.push_back(d.between(1, 3));
    }
    return {slice(d.operand(dims), starts, limits, strides)};
}

constexpr std::array INTEGERS{DataType::INT2,  DataType::INT4,   DataType::INT8,   DataType::INT16,
                              DataType::INT32, DataType::INT64,  DataType::UINT2,  DataType::UINT4,
                              DataType::UINT8, DataType::UINT16, DataType::UINT32, DataType::UINT64};

/// One index a dimension, near its elements or any number of the type.
Tensors starts_for(Draw& d, const Dims& dims) {
    const DataType type = INTEGERS[static_cast<std::size_t>(d.below(std::ssize(INTEGERS)))];
    Tensors starts;
    for (const auto size : dims)
        starts.push_back(d.coin() ? d.integers({}, -2, size + 1, type) : d.operand(Shape(type, {})));
    return starts;
}

/// Dims not greater than those.
Dims within(Draw& d, const Dims& dims) {
    Dims sizes;
    for (const auto size : dims) sizes.push_back(d.between(0, size));
    return sizes;
}

Tensors make_dynamic_slice(Draw& d) {
    const Dims dims = d.any_dims();
    const Tensor x = d.operand(dims);
    return {dynamic_slice(x, starts_for(d, dims), within(d, dims))};
}

Tensors make_dynamic_update_slice(Draw& d) {
    const Dims dims = d.any_dims();
    const Tensor x = d.operand(dims), update = d.operand(within(d, dims));
    return {dynamic_update_slice(x, update, starts_for(d, dims))};
}

struct Edges {
    Dims low, high, interior, result;
};
Edges edges_for(Draw& d, const Dims& dims) {
    Edges edges;
    for (const auto size : dims) {
        edges.low.push_back(d.between(0, 2));
        edges.high.push_back(d.between(0, 2));
        edges.interior.push_back(d.between(0, 2));
        const auto spread = size + std::max<std::int64_t>(size - 1, 0) * edges.interior.back();
        edges.result.push_back(edges.low.back() + spread + edges.high.back());
    }
    return edges;
}

Tensors make_pad(Draw& d) {
    const Dims dims = d.any_dims();
    const auto edges = edges_for(d, dims);
    return {pad(d.operand(dims), d.operand(Dims{}), edges.low, edges.high, edges.interior)};
}

Tensors make_split(Draw& d) {
    Dims dims = d.any_dims(1);
    const auto parts = d.between(1, 3), axis = d.below(std::ssize(dims));
    dims[static_cast<std::size_t>(axis)] *= parts;
    return split(d.operand(dims), parts, axis);
}

struct Gathered {
    Tensor x, starts;
    GatherDimensions dimensions;
};
/// A gather of windows: of each dimension several elements, or one and no dimension in the result, or the one at the
/// index's own place; of some, the starts say nothing.
Gathered gathered(Draw& d) {
    const Dims dims = d.dims(d.between(1, 4), 1, 5);
    Dims indices = d.dims(d.between(1, 2), 1, 4);
    GatherDimensions g;
    g.index_vector = d.between(0, std::ssize(indices));
    for (std::int64_t i = 0; i < std::ssize(dims); ++i) {
        const auto size = dims[static_cast<std::size_t>(i)];
        enum : std::int64_t { WINDOW, COLLAPSED, BATCH };
        const std::int64_t role = d.coin() ? WINDOW : d.between(WINDOW, g.operand_batch.empty() ? BATCH : COLLAPSED);
        g.slice_sizes.push_back(role != WINDOW ? 1 : d.coin() ? size : d.between(1, size));
        if (role == COLLAPSED) g.collapsed.push_back(i);
        if (role == BATCH) {
            indices[0] = size;
            g.operand_batch.push_back(i);
            g.start_batch.push_back(g.index_vector == 0 ? 1 : 0);
        } else if (d.below(3) != 0) {
            g.start_index_map.push_back(i);
        }
    }
    const auto order = d.permutation(std::ssize(g.start_index_map));
    Dims map;
    for (const auto place : order) map.push_back(g.start_index_map[static_cast<std::size_t>(place)]);
    g.start_index_map = map;
    const auto windows = std::ssize(dims) - std::ssize(g.collapsed) - std::ssize(g.operand_batch);
    const auto places = d.permutation(std::ssize(indices) + windows);
    g.offset = Dims(places.begin(), places.begin() + windows);
    std::sort(g.offset.begin(), g.offset.end());
    indices.insert(indices.begin() + g.index_vector, std::ssize(map));
    const Tensor x = d.operand(dims);
    const auto type = d.coin() ? DataType::INT32 : DataType::INT64;
    return {x, d.coin() ? d.integers(indices, 0, 4, type) : d.integers(indices, -2, 6, type), std::move(g)};
}

Tensors make_gather(Draw& d) {
    const auto [x, starts, dimensions] = gathered(d);
    return {gather(x, starts, dimensions)};
}

/// Updates of windows at drawn places; those that add are whole numbers, whose order does not matter.
Tensors make_scatter(Draw& d) {
    const Dims dims = d.dims(d.between(1, 3), 1, 5);
    const auto count = d.between(1, 4);
    const bool adds = d.coin() && takes(add.types, d.type);
    ScatterDimensions s;
    Dims window;
    for (std::int64_t i = 0; i < std::ssize(dims); ++i) {
        if (d.coin())
            s.inserted_window.push_back(i);
        else
            window.push_back(d.between(1, dims[static_cast<std::size_t>(i)]));
        if (d.below(3) != 0) s.scatter_to_operand.push_back(i);
    }
    for (std::int64_t i = 0; i < std::ssize(window); ++i) s.update_window.push_back(i + 1);
    s.index_vector = 1;
    // Where several windows may meet, which of them wins is the implementation's choice: then there is one.
    const auto places = adds ? count : 1;
    Dims updates{places};
    updates.insert(updates.end(), window.begin(), window.end());
    const auto values = adds ? Values::WHOLE : Values::ANY;
    const Tensor x = d.operand(dims, values), u = d.operand(updates, values);
    return {scatter(adds ? &add : nullptr, x, d.integers({places, std::ssize(s.scatter_to_operand)}, -1, 5), u, s)};
}

Tensors make_convert(Draw& d) {
    const auto to = static_cast<DataType>(d.below(DATA_TYPE_COUNT));
    return {record({.op = d.op, .shape = Shape(to, {24}), .operands = {d.operand({24})}})};
}

Tensors make_bitcast(Draw& d) {
    const auto width = [](DataType type) { return type == DataType::BOOL ? std::size_t{1} : size_bits(type); };
    const auto to = static_cast<DataType>(d.below(static_cast<std::int64_t>(DataType::COMPLEX64)));
    const auto pieces = static_cast<std::int64_t>(width(to) / width(d.type));
    return {bitcast_convert(d.operand(pieces > 1 ? Dims{3, pieces} : Dims{6}), to)};
}

Tensors make_reduce_precision(Draw& d) {
    return {reduce_precision(d.operand({24}), static_cast<int>(d.between(2, 8)), static_cast<int>(d.between(1, 12)))};
}

Tensor sizes(const Dims& dims) {
    const std::vector<std::int64_t> values(dims.begin(), dims.end());
    return constant(HostArray::of({std::ssize(values)}, values));
}

Tensors make_dynamic_broadcast(Draw& d) {
    const auto n = d.between(1, 4);
    const Dims to{d.between(0, 3), n};
    return {dynamic_broadcast_in_dim(d.operand({d.coin() ? 1 : n}), sizes(to), to, {1})};
}
Tensors make_dynamic_iota(Draw& d) {
    const Dims dims = d.any_dims(1);
    return {dynamic_iota(sizes(dims), dims, d.below(std::ssize(dims)), d.type)};
}
Tensors make_dynamic_reshape(Draw& d) {
    const Dims dims = d.any_dims(), to = regrouped(d, dims);
    return {dynamic_reshape(d.operand(dims), sizes(to), to)};
}
Tensors make_dynamic_pad(Draw& d) {
    const Dims dims = d.dims(d.between(1, 2), 1, 4);
    const auto edges = edges_for(d, dims);
    return {dynamic_pad(d.operand(dims), d.operand(Dims{}), sizes(edges.low), sizes(edges.high), sizes(edges.interior),
                        edges.result)};
}
Tensors make_dynamic_gather(Draw& d) {
    const auto [x, starts, dimensions] = gathered(d);
    return {dynamic_gather(x, starts, sizes(dimensions.slice_sizes), dimensions)};
}
Tensors make_get_dimension_size(Draw& d) {
    const Dims dims = d.any_dims(1);
    return {get_dimension_size(d.operand(dims), d.below(std::ssize(dims)))};
}

}  // namespace

std::span<const MakerRow> movement_makers() {
    static constexpr std::array ROWS{
        MakerRow{&rows::iota, make_iota},
        MakerRow{&rows::broadcast_in_dim, make_broadcast},
        MakerRow{&rows::reshape, make_reshape},
        MakerRow{&rows::transpose, make_transpose},
        MakerRow{&rows::concatenate, make_concatenate},
        MakerRow{&rows::reverse, make_reverse},
        MakerRow{&rows::slice, make_slice},
        MakerRow{&rows::dynamic_slice, make_dynamic_slice},
        MakerRow{&rows::dynamic_update_slice, make_dynamic_update_slice},
        MakerRow{&rows::pad, make_pad},
        MakerRow{&rows::split, make_split},
        MakerRow{&rows::gather, make_gather},
        MakerRow{&rows::scatter, make_scatter},
        MakerRow{&rows::convert, make_convert},
        MakerRow{&rows::bitcast_convert, make_bitcast},
        MakerRow{&rows::reduce_precision, make_reduce_precision},
        MakerRow{&rows::dynamic_broadcast_in_dim, make_dynamic_broadcast},
        MakerRow{&rows::dynamic_iota, make_dynamic_iota},
        MakerRow{&rows::dynamic_reshape, make_dynamic_reshape},
        MakerRow{&rows::dynamic_pad, make_dynamic_pad},
        MakerRow{&rows::dynamic_gather, make_dynamic_gather},
        MakerRow{&rows::get_dimension_size, make_get_dimension_size},
    };
    return ROWS;
}

}  // namespace podium::proof
