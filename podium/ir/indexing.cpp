#include "podium/ir/indexing.h"

#include <algorithm>
#include <numeric>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"

namespace podium {
namespace {

Dims pick(const Dims& index, const Dims& positions) {
    Dims result;
    for (const auto position : positions) result.push_back(index[static_cast<std::size_t>(position)]);
    return result;
}

/// Returns the start in the operand that the index tensor holds for the batch position `batch`.
Dims start_at(const HostArray& starts, const Dims& batch, std::int64_t index_vector, const Dims& map,
              std::size_t rank) {
    Dims start(rank, 0), at = batch;
    const bool implicit = index_vector == starts.shape().rank();
    if (!implicit) at.insert(at.begin() + index_vector, 0);
    for (std::size_t i = 0; i < map.size(); ++i) {
        if (!implicit) at[static_cast<std::size_t>(index_vector)] = static_cast<std::int64_t>(i);
        start[static_cast<std::size_t>(map[i])] =
            static_cast<std::int64_t>(starts.as_double(flat_index(at, starts.shape().dims)));
    }
    return start;
}

/// Returns `window` (an index without the dimensions `missing`) spread over `rank` dimensions, zero at the missing
/// ones.
Dims full_window(const Dims& window, const Dims& missing, std::size_t rank) {
    Dims result(rank, 0);
    std::size_t next = 0;
    for (std::size_t i = 0; i < rank; ++i)
        if (!contains(missing, static_cast<std::int64_t>(i))) result[i] = window[next++];
    return result;
}

enum : std::size_t { OFFSET, COLLAPSED, START_MAP, GATHER_VECTOR, SIZES };
enum : std::size_t { UPDATE_WINDOW, INSERTED, TO_OPERAND, SCATTER_VECTOR };

GatherDimensions gather_dimensions(const Node& n) {
    return {n.attributes[OFFSET], n.attributes[COLLAPSED], n.attributes[START_MAP], n.integer(GATHER_VECTOR),
            n.attributes[SIZES]};
}
ScatterDimensions scatter_dimensions(const Node& n) {
    return {n.attributes[UPDATE_WINDOW], n.attributes[INSERTED], n.attributes[TO_OPERAND], n.integer(SCATTER_VECTOR)};
}

std::vector<HostArray> evaluate_gather(const Evaluation& e) {
    const GatherDimensions d = gather_dimensions(e.node);
    const Dims &whole = e.operands[0].shape().dims, batch_dims = complement(d.offset, e.node.shape.rank());
    return {move_elements(e.node.shape, e.operands[0], [&](const Dims& index) {
        Dims start = start_at(e.operands[1], pick(index, batch_dims), d.index_vector, d.start_index_map, whole.size());
        const Dims window = full_window(pick(index, d.offset), d.collapsed, whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i)
            start[i] = std::clamp<std::int64_t>(start[i], 0, whole[i] - d.slice_sizes[i]) + window[i];
        return flat_index(start, whole);
    })};
}

std::vector<HostArray> evaluate_scatter(const Evaluation& e) {
    const ScatterDimensions d = scatter_dimensions(e.node);
    const Dims &whole = e.node.shape.dims, &updates = e.operands[2].shape().dims;
    const Dims batch_dims = complement(d.update_window, static_cast<std::int64_t>(updates.size()));
    HostArray result =
        move_elements(e.node.shape, e.operands[0], [&](const Dims& index) { return flat_index(index, whole); });
    std::int64_t position = 0;
    for_each_index(updates, [&](const Dims& index) {
        Dims target =
            start_at(e.operands[1], pick(index, batch_dims), d.index_vector, d.scatter_to_operand, whole.size());
        const Dims window = full_window(pick(index, d.update_window), d.inserted_window, whole.size());
        const auto from = position++;
        for (std::size_t i = 0; i < whole.size(); ++i) {
            target[i] += window[i];
            if (target[i] < 0 || target[i] >= whole[i]) return;
        }
        const auto at = flat_index(target, whole);
        const Number update = load(e.operands[2], from);
        store(result, at, e.node.inner == nullptr ? update : combine(*e.node.inner, load(result, at), update));
    });
    return {result};
}

/// A gather's gradient adds the cotangent where the slices came from: the same dimension numbers, seen from the other
/// side.
Tensors gather_vjp(const VjpArguments& v) {
    const GatherDimensions d = gather_dimensions(v.node);
    return {scatter(&add, zeros_like(v.operands[0]), v.operands[1], v.cotangent,
                    {d.offset, d.collapsed, d.start_index_map, d.index_vector}),
            {}};
}

Tensors scatter_vjp(const VjpArguments& v) {
    const ScatterDimensions d = scatter_dimensions(v.node);
    const Tensor &x = v.operands[0], &indices = v.operands[1], &updates = v.operands[2];
    if (v.node.inner != &add)
        fail_at(Code::UNIMPLEMENTED, v.node.location,
                "scatter: only the adding form has a gradient; use scatter with add, or select");
    Dims sizes(x.dims().size(), 1);
    std::size_t next = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        if (!contains(d.inserted_window, static_cast<std::int64_t>(i)))
            sizes[i] = updates.dims()[static_cast<std::size_t>(d.update_window[next++])];
    return {v.cotangent,
            {},
            gather(v.cotangent, indices,
                   {d.update_window, d.inserted_window, d.scatter_to_operand, d.index_vector, sizes})};
}

/// Returns the dimensions of `indices` without the one that holds index vectors, which must name `count` dimensions.
Dims batch_of(const char* op, const Tensor& indices, std::int64_t index_vector, std::size_t count,
              const Location& location) {
    Dims batch = indices.dims();
    const bool implicit = index_vector == indices.rank();
    const bool inside = index_vector >= 0 && index_vector <= indices.rank();
    if (!inside || (implicit ? 1 : indices.dim(index_vector)) != static_cast<std::int64_t>(count))
        fail_at(
            Code::SHAPE_MISMATCH, location,
            fmt::format("{}: the index vector {} does not name {} dimensions", op, to_string(indices.shape()), count));
    if (!implicit) batch.erase(batch.begin() + index_vector);
    return batch;
}

void expect_indices(const char* op, const Operand& indices) {
    if (!is_integer(indices.tensor().type()))
        fail_at(Code::DTYPE_MISMATCH, indices.location(),
                fmt::format("{}: indices must be integers, got {}", op, to_string(indices.tensor().shape())));
}

}  // namespace

namespace rows {

constinit const Op gather{
    .name = "gather",
    .spec = "StableHLO specification, gather, without batching dimensions",
    .stablehlo = "stablehlo.gather",
    .kind = Kind::STRUCTURAL,
    .evaluate = evaluate_gather,
    .attributes =
        [](const Node& n) {
            const auto d = gather_dimensions(n);
            return fmt::format(
                "dimension_numbers = #stablehlo.gather<offset_dims = {}, collapsed_slice_dims = {}, start_index_map = "
                "{}, index_vector_dim = {}>, {}, indices_are_sorted = false",
                list(d.offset), list(d.collapsed), list(d.start_index_map), d.index_vector,
                array_attribute("slice_sizes", d.slice_sizes));
        },
    .vjp = gather_vjp};
constinit const Op scatter{
    .name = "scatter",
    .spec = "StableHLO specification, scatter, one input, without batching dimensions",
    .stablehlo = "stablehlo.scatter",
    .kind = Kind::STRUCTURAL,
    .evaluate = evaluate_scatter,
    .attributes =
        [](const Node& n) {
            const auto d = scatter_dimensions(n);
            return fmt::format(
                "scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = {}, inserted_window_dims = {}, "
                "scatter_dims_to_operand_dims = {}, index_vector_dim = {}>, indices_are_sorted = false, "
                "unique_indices = false",
                list(d.update_window), list(d.inserted_window), list(d.scatter_to_operand), d.index_vector);
        },
    .vjp = scatter_vjp};

}  // namespace rows

Tensor gather(const Operand& x, const Operand& starts, const GatherDimensions& d) {
    const Tensor &tensor = x.tensor(), &index = starts.tensor();
    expect_indices("gather", starts);
    const auto rank = tensor.rank();
    if (static_cast<std::int64_t>(d.slice_sizes.size()) != rank ||  // (C11) … (C22)
        static_cast<std::int64_t>(d.offset.size() + d.collapsed.size()) != rank || d.index_vector > index.rank())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("gather: slice sizes and dimensions do not describe {}", to_string(tensor.shape())));
    for (std::size_t i = 0; i < d.slice_sizes.size(); ++i)
        if (d.slice_sizes[i] < 0 || d.slice_sizes[i] > tensor.dims()[i] ||
            (contains(d.collapsed, static_cast<std::int64_t>(i)) && d.slice_sizes[i] > 1))
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("gather: slice size {} does not fit dimension {} of {}", d.slice_sizes[i], i,
                                to_string(tensor.shape())));
    const Dims batch = batch_of("gather", index, d.index_vector, d.start_index_map.size(), x.location());
    Dims window;
    for (std::size_t i = 0; i < d.slice_sizes.size(); ++i)
        if (!contains(d.collapsed, static_cast<std::int64_t>(i))) window.push_back(d.slice_sizes[i]);
    Shape shape(tensor.type(), Dims(batch.size() + window.size()));
    std::size_t next_batch = 0, next_window = 0;
    for (std::size_t i = 0; i < shape.dims.size(); ++i)
        shape.dims[i] = contains(d.offset, static_cast<std::int64_t>(i)) ? window[next_window++] : batch[next_batch++];
    return record({.op = rows::gather,
                   .shape = std::move(shape),
                   .operands = {tensor, index},
                   .attributes = {d.offset, d.collapsed, d.start_index_map, {d.index_vector}, d.slice_sizes},
                   .location = x.location()});
}

Tensor scatter(const Binary* combiner, const Operand& x, const Operand& indices, const Operand& updates,
               const ScatterDimensions& d) {
    expect_indices("scatter", indices);
    if (x.tensor().type() != updates.tensor().type())
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("scatter: cannot put {} into {}", to_string(updates.tensor().shape()),
                            to_string(x.tensor().shape())));
    if (static_cast<std::int64_t>(d.update_window.size() + d.inserted_window.size()) != x.tensor().rank())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("scatter: the window does not describe {}", to_string(x.tensor().shape())));
    const Dims batch = batch_of("scatter", indices.tensor(), d.index_vector, d.scatter_to_operand.size(), x.location());
    const Dims whole = pick(x.tensor().dims(), complement(d.inserted_window, x.tensor().rank()));
    const Dims& found = updates.tensor().dims();
    bool fits = found.size() == batch.size() + whole.size();  // (C4), (C8)
    for (std::size_t i = 0, window = 0, next = 0; fits && i < found.size(); ++i)
        fits = contains(d.update_window, static_cast<std::int64_t>(i)) ? found[i] <= whole[window++]
                                                                       : found[i] == batch[next++];
    if (!fits)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("scatter: updates {} do not fit indices {} and {}", to_string(updates.tensor().shape()),
                            to_string(indices.tensor().shape()), to_string(x.tensor().shape())));
    return record({.op = rows::scatter,
                   .shape = x.tensor().shape(),
                   .operands = {x.tensor(), indices.tensor(), updates.tensor()},
                   .attributes = {d.update_window, d.inserted_window, d.scatter_to_operand, {d.index_vector}},
                   .location = x.location(),
                   .inner = combiner});
}

Tensor take(const Operand& x, const Operand& indices, std::int64_t axis) {
    const Tensor &tensor = x.tensor(), &index = indices.tensor();
    axis = normalize_axis("take", axis, tensor.rank(), x.location());
    expect_indices("take", indices);
    GatherDimensions d{{}, {axis}, {axis}, index.rank(), tensor.dims()};
    for (std::int64_t i = 0; i < tensor.rank(); ++i)
        if (i != axis) d.offset.push_back(i < axis ? i : i + index.rank() - 1);
    d.slice_sizes[static_cast<std::size_t>(axis)] = 1;
    return gather(x, indices, d);
}

Tensor one_hot(const Operand& indices, std::int64_t depth, DataType type) {
    const LocationScope scope(indices.location());
    const Tensor& index = indices.tensor();
    Dims dims = index.dims();
    dims.push_back(depth);
    return convert(equal(expand_dims(indices, -1), iota(dims, -1, index.type(), indices.location())), type);
}

Tensor take_last(const Operand& x, const Operand& indices) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    Dims lead(tensor.dims().begin(), tensor.dims().end() - 1);
    if (indices.tensor().dims() != lead)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("take_last: indices {} do not name one element for each row of {}",
                            to_string(indices.tensor().shape()), to_string(tensor.shape())));
    expect_indices("take_last", indices);
    const Tensor hit = equal(expand_dims(indices, -1), iota(tensor.dims(), -1, indices.tensor().type(), x.location()));

    return reduce(add, select(hit, x, 0), 0, {tensor.rank() - 1});
}

std::span<const Op* const> indexing_ops() {
    static constexpr std::array ROWS{&rows::gather, &rows::scatter};
    return ROWS;
}

}  // namespace podium
