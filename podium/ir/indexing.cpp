#include "podium/ir/indexing.h"

#include <algorithm>
#include <numeric>

#include "podium/base/dims.h"
#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing_node.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

/// Returns the start in the operand that the index tensor holds for the batch position `batch`: at dimensions
/// `operand_batch` that of the index's own dimensions `index_batch`.
Dims start_at(const HostArray& starts, const Dims& batch, std::int64_t index_vector, const Dims& map, std::size_t rank,
              const Dims& operand_batch, const Dims& index_batch) {
    Dims start(rank, 0), at = batch;
    const bool implicit = index_vector == starts.shape().rank();
    if (!implicit) at.insert(at.begin() + index_vector, 0);
    for (std::size_t i = 0; i < map.size(); ++i) {
        if (!implicit) at[static_cast<std::size_t>(index_vector)] = static_cast<std::int64_t>(i);
        start[static_cast<std::size_t>(map[i])] =
            static_cast<std::int64_t>(starts.as_double(flat_index(at, starts.shape().dims)));
    }
    for (std::size_t i = 0; i < operand_batch.size(); ++i)
        start[static_cast<std::size_t>(operand_batch[i])] = at[static_cast<std::size_t>(index_batch[i])];
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

enum : std::size_t { OFFSET, COLLAPSED, START_MAP, GATHER_VECTOR, SIZES, OPERAND_BATCH, START_BATCH };
enum : std::size_t { UPDATE_WINDOW, INSERTED, TO_OPERAND, SCATTER_VECTOR, SCATTER_OPERAND_BATCH, INDEX_BATCH };

GatherDimensions gather_dimensions(const Node& n) {
    return {n.attributes[OFFSET], n.attributes[COLLAPSED],     n.attributes[START_MAP],  n.integer(GATHER_VECTOR),
            n.attributes[SIZES],  n.attributes[OPERAND_BATCH], n.attributes[START_BATCH]};
}
std::vector<HostArray> evaluate_gather(const Evaluation& e) {
    const GatherDimensions d = gather_dimensions(e.node);
    const Dims &whole = e.operands[0].shape().dims, batch_dims = complement(d.offset, e.node.shape.rank());
    return {move_elements(e.node.shape, e.operands[0], [&](const Dims& index) {
        Dims start = start_at(e.operands[1], picked(index, batch_dims), d.index_vector, d.start_index_map, whole.size(),
                              d.operand_batch, d.start_batch);
        const Dims window = full_window(picked(index, d.offset), joined(d.collapsed, d.operand_batch), whole.size());
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
        Dims target = start_at(e.operands[1], picked(index, batch_dims), d.index_vector, d.scatter_to_operand,
                               whole.size(), d.operand_batch, d.index_batch);
        const Dims window =
            full_window(picked(index, d.update_window), joined(d.inserted_window, d.operand_batch), whole.size());
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

/// Returns the attribute text of both batching dimensions; none where there are none.
std::string batching(std::string_view operand, const Dims& of_operand, std::string_view index, const Dims& of_index) {
    if (of_operand.empty()) return {};
    return fmt::format("{} = {}, {} = {}, ", operand, list(of_operand), index, list(of_index));
}

/// Throws unless the batching dimensions of operand and indices are pairs of one size.
void expect_batching(const char* op, const Tensor& operand, const Dims& of_operand, const Tensor& indices,
                     const Dims& of_indices, std::int64_t index_vector, const Location& location) {
    bool fits = of_operand.size() == of_indices.size();
    for (std::size_t i = 0; fits && i < of_operand.size(); ++i)
        fits = of_operand[i] >= 0 && of_operand[i] < operand.rank() && of_indices[i] >= 0 &&
               of_indices[i] < indices.rank() && of_indices[i] != index_vector &&
               operand.dim(of_operand[i]) == indices.dim(of_indices[i]);
    if (!fits)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: batching dimensions [{}] of {} do not go with [{}] of {}", op, join(of_operand),
                            to_string(operand.shape()), join(of_indices), to_string(indices.shape())));
}

Dims before(std::int64_t first, Dims dims) {
    dims.insert(dims.begin(), first);
    return dims;
}

/// The mapped dimension goes together where operand and indices have it; where one has it, it is one more dimension of
/// the slices or of the indices.
Tensors gather_vmap(const VmapArguments& v) {
    GatherDimensions d = gather_dimensions(v.node);
    d.offset = behind_mapped(d.offset);
    if (v.mapped[0]) {
        d.collapsed = behind_mapped(d.collapsed);
        d.start_index_map = behind_mapped(d.start_index_map);
        d.operand_batch = behind_mapped(d.operand_batch);
        d.slice_sizes = before(v.mapped[1] ? 1 : v.size, d.slice_sizes);
    }
    if (v.mapped[1]) {
        d.start_batch = behind_mapped(d.start_batch);
        ++d.index_vector;
    }
    if (v.mapped[0] && v.mapped[1]) {
        d.operand_batch = before(0, d.operand_batch);
        d.start_batch = before(0, d.start_batch);
    } else if (v.mapped[0]) {
        d.offset = before(0, d.offset);
    }
    return {podium::gather(v.operands[0], v.operands[1], d)};
}

Tensors scatter_vmap(const VmapArguments& v) {
    ScatterDimensions d = scatter_dimensions(v.node);
    d.update_window = behind_mapped(d.update_window);
    d.inserted_window = behind_mapped(d.inserted_window);
    d.scatter_to_operand = behind_mapped(d.scatter_to_operand);
    d.operand_batch = behind_mapped(d.operand_batch);
    if (v.mapped[1]) {
        d.index_batch = before(0, behind_mapped(d.index_batch));
        d.operand_batch = before(0, d.operand_batch);
        ++d.index_vector;
    } else {
        d.update_window = before(0, d.update_window);
    }
    return {podium::scatter(static_cast<const Binary*>(v.node.inner), mapped_operand(v, 0), v.operands[1],
                            mapped_operand(v, 2), d)};
}

/// A gather's gradient adds the cotangent where the slices came from: the same dimension numbers, seen from the other
/// side.
Tensors gather_vjp(const VjpArguments& v) {
    const GatherDimensions d = gather_dimensions(v.node);
    return {scatter(&add, zeros_like(v.operands[0]), v.operands[1], v.cotangent,
                    {d.offset, d.collapsed, d.start_index_map, d.index_vector, d.operand_batch, d.start_batch}),
            {}};
}

/// Returns where the elements of `updates` land inside the operand: those outside are left out.
Tensor lands_inside(const Tensor& x, const Tensor& indices, const Tensor& updates, const ScatterDimensions& d) {
    const Dims batch = complement(d.update_window, updates.rank());
    const Dims window_dims = complement(joined(d.inserted_window, d.operand_batch), x.rank());
    Tensor inside = ones(updates.dims(), DataType::BOOL);
    for (std::size_t i = 0; i < d.scatter_to_operand.size(); ++i) {
        Tensor place = indices;
        if (d.index_vector < indices.rank())
            place = squeeze(
                slice_axis(indices, d.index_vector, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1),
                d.index_vector);
        place = broadcast_in_dim(convert(place, DataType::INT64), updates.dims(), batch);
        const auto along = std::find(window_dims.begin(), window_dims.end(), d.scatter_to_operand[i]);
        if (along != window_dims.end())
            place = place + iota(updates.dims(), d.update_window[static_cast<std::size_t>(along - window_dims.begin())],
                                 DataType::INT64);
        inside = inside & greater_equal(place, 0) & less(place, x.dim(d.scatter_to_operand[i]));
    }
    return inside;
}

/// Returns whether all slices that a gather takes lie inside the operand.
Tensor gather_inside(const Node& node, std::span<const Tensor> operands) {
    const GatherDimensions d = gather_dimensions(node);
    const Tensor starts = convert(operands[1], DataType::INT64);
    std::vector<std::int64_t> last;
    for (const auto dimension : d.start_index_map)
        last.push_back(operands[0].dim(dimension) - d.slice_sizes[static_cast<std::size_t>(dimension)]);
    const bool implicit = d.index_vector == starts.rank();
    const Tensor limits = implicit ? constant(HostArray::scalar(last[0]))
                                   : constant(HostArray::of({static_cast<std::int64_t>(last.size())}, last));
    return all(greater_equal(starts, 0) &
               less_equal(starts, broadcast_in_dim(limits, starts.dims(), implicit ? Dims{} : Dims{d.index_vector})));
}

Tensors scatter_vjp(const VjpArguments& v) {
    const ScatterDimensions d = scatter_dimensions(v.node);
    const Tensor &x = v.operands[0], &indices = v.operands[1], &updates = v.operands[2];
    if (v.node.inner != &add && v.node.inner != nullptr)
        fail_at(Code::UNIMPLEMENTED, v.node.location,
                fmt::format("scatter: the form that takes the {} has no gradient; those that add and overwrite have",
                            v.node.inner->name));
    Dims sizes(x.dims().size(), 1);
    std::size_t next = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        if (!contains(d.inserted_window, static_cast<std::int64_t>(i)) &&
            !contains(d.operand_batch, static_cast<std::int64_t>(i)))
            sizes[i] = updates.dims()[static_cast<std::size_t>(d.update_window[next++])];
    const auto taken = [&](const Tensor& from) {
        return gather(from, indices,
                      {d.update_window, d.inserted_window, d.scatter_to_operand, d.index_vector, sizes, d.operand_batch,
                       d.index_batch});
    };
    if (v.node.inner == &add)
        return {v.cotangent,
                {},
                select(lands_inside(x, indices, updates, d), taken(v.cotangent), zeros({}, updates.type()))};
    // Of several updates of one place the one that stayed has its cotangent: each is written as its number.
    const Tensor numbers = reshape(iota({updates.shape().count()}, 0), updates.dims());
    const Tensor owners = scatter(nullptr, full(x.dims(), -1, DataType::INT32), indices, numbers, d);
    return {scatter(nullptr, v.cotangent, indices, zeros_like(updates), d),
            {},
            select(equal(taken(owners), numbers), taken(v.cotangent), zeros({}, updates.type()))};
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

constinit const Op gather{.name = "gather",
                          .spec = "StableHLO specification, gather",
                          .stablehlo = "stablehlo.gather",
                          .kind = Kind::STRUCTURAL,
                          .types = Types::ANY,
                          .evaluate = evaluate_gather,
                          .attributes = [](const Node& n) { return gather_text(n, true); },
                          .inside = gather_inside,
                          .vjp = gather_vjp,
                          .vmap = gather_vmap};
constinit const Op scatter{
    .name = "scatter",
    .spec = "StableHLO specification, scatter, one input",
    .stablehlo = "stablehlo.scatter",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate = evaluate_scatter,
    .attributes =
        [](const Node& n) {
            const auto d = scatter_dimensions(n);
            return fmt::format(
                "scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = {}, inserted_window_dims = {}, "
                "{}scatter_dims_to_operand_dims = {}, index_vector_dim = {}>, indices_are_sorted = false, "
                "unique_indices = false",
                list(d.update_window), list(d.inserted_window),
                batching("input_batching_dims", d.operand_batch, "scatter_indices_batching_dims", d.index_batch),
                list(d.scatter_to_operand), d.index_vector);
        },
    .inside =
        [](const Node& n, std::span<const Tensor> operands) {
            return all(lands_inside(operands[0], operands[1], operands[2], scatter_dimensions(n)));
        },
    .vjp = scatter_vjp,
    .vmap = scatter_vmap};

}  // namespace rows

ScatterDimensions scatter_dimensions(const Node& n) {
    return {n.attributes[UPDATE_WINDOW],
            n.attributes[INSERTED],
            n.attributes[TO_OPERAND],
            n.integer(SCATTER_VECTOR),
            n.attributes[SCATTER_OPERAND_BATCH],
            n.attributes[INDEX_BATCH]};
}

std::string gather_text(const Node& n, bool with_sizes) {
    const auto d = gather_dimensions(n);
    return fmt::format(
        "dimension_numbers = #stablehlo.gather<offset_dims = {}, collapsed_slice_dims = {}, {}start_index_map "
        "= "
        "{}, index_vector_dim = {}>, {}indices_are_sorted = false",
        list(d.offset), list(d.collapsed),
        batching("operand_batching_dims", d.operand_batch, "start_indices_batching_dims", d.start_batch),
        list(d.start_index_map), d.index_vector,
        with_sizes ? array_attribute("slice_sizes", d.slice_sizes) + ", " : std::string());
}

Tensor gather(const Operand& x, const Operand& starts, const GatherDimensions& d) {
    const Tensor &tensor = x.tensor(), &index = starts.tensor();
    expect_indices("gather", starts);
    const auto rank = tensor.rank();
    const auto is_gone = [&](std::int64_t i) { return contains(d.collapsed, i) || contains(d.operand_batch, i); };
    if (static_cast<std::int64_t>(d.slice_sizes.size()) != rank ||  // (C11) … (C22)
        static_cast<std::int64_t>(d.offset.size() + d.collapsed.size() + d.operand_batch.size()) != rank ||
        d.index_vector > index.rank())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("gather: slice sizes and dimensions do not describe {}", to_string(tensor.shape())));
    for (std::size_t i = 0; i < d.slice_sizes.size(); ++i)
        if (d.slice_sizes[i] < 0 || d.slice_sizes[i] > tensor.dims()[i] ||
            (is_gone(static_cast<std::int64_t>(i)) && d.slice_sizes[i] > 1))
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("gather: slice size {} does not fit dimension {} of {}", d.slice_sizes[i], i,
                                to_string(tensor.shape())));
    expect_batching("gather", tensor, d.operand_batch, index, d.start_batch, d.index_vector, x.location());
    const Dims batch = batch_of("gather", index, d.index_vector, d.start_index_map.size(), x.location());
    Dims window;
    for (std::size_t i = 0; i < d.slice_sizes.size(); ++i)
        if (!is_gone(static_cast<std::int64_t>(i))) window.push_back(d.slice_sizes[i]);
    Shape shape(tensor.type(), Dims(batch.size() + window.size()));
    std::size_t next_batch = 0, next_window = 0;
    for (std::size_t i = 0; i < shape.dims.size(); ++i)
        shape.dims[i] = contains(d.offset, static_cast<std::int64_t>(i)) ? window[next_window++] : batch[next_batch++];
    return record({.op = rows::gather,
                   .shape = std::move(shape),
                   .operands = {tensor, index},
                   .attributes = {d.offset,
                                  d.collapsed,
                                  d.start_index_map,
                                  {d.index_vector},
                                  d.slice_sizes,
                                  d.operand_batch,
                                  d.start_batch},
                   .location = x.location()});
}

Tensor scatter(const Binary* combiner, const Operand& x, const Operand& indices, const Operand& updates,
               const ScatterDimensions& d) {
    expect_indices("scatter", indices);
    if (x.tensor().type() != updates.tensor().type())
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("scatter: cannot put {} into {}", to_string(updates.tensor().shape()),
                            to_string(x.tensor().shape())));
    expect_batching("scatter", x.tensor(), d.operand_batch, indices.tensor(), d.index_batch, d.index_vector,
                    x.location());
    if (static_cast<std::int64_t>(d.update_window.size() + d.inserted_window.size() + d.operand_batch.size()) !=
        x.tensor().rank())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("scatter: the window does not describe {}", to_string(x.tensor().shape())));
    const Dims batch = batch_of("scatter", indices.tensor(), d.index_vector, d.scatter_to_operand.size(), x.location());
    const Dims whole =
        picked(x.tensor().dims(), complement(joined(d.inserted_window, d.operand_batch), x.tensor().rank()));
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
                   .attributes = {d.update_window,
                                  d.inserted_window,
                                  d.scatter_to_operand,
                                  {d.index_vector},
                                  d.operand_batch,
                                  d.index_batch},
                   .location = x.location(),
                   .inner = combiner});
}

Tensor take(const Operand& x, const Operand& indices, std::int64_t axis) {
    const Tensor &tensor = x.tensor(), &index = indices.tensor();
    axis = normalize_axis("take", axis, tensor.rank(), x.location());
    expect_indices("take", indices);
    GatherDimensions d{
        .collapsed = {axis}, .start_index_map = {axis}, .index_vector = index.rank(), .slice_sizes = tensor.dims()};
    for (std::int64_t i = 0; i < tensor.rank(); ++i)
        if (i != axis) d.offset.push_back(i < axis ? i : i + index.rank() - 1);
    d.slice_sizes[static_cast<std::size_t>(axis)] = 1;
    return gather(x, indices, d);
}

namespace {

/// Returns the dimensions that indices along `axis` go together with, and throws where they do not.
Dims beside_axis(const char* op, const Tensor& x, const Tensor& indices, std::int64_t axis, const Location& location) {
    Dims others = complement({axis}, x.rank());
    if (indices.rank() != x.rank() || picked(indices.dims(), others) != picked(x.dims(), others))
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: indices {} may differ from {} in dimension {} only", op, to_string(indices.shape()),
                            to_string(x.shape()), axis));
    return others;
}

}  // namespace

Tensor take_along_axis(const Operand& x, const Operand& indices, std::int64_t axis) {
    const LocationScope scope(x.location());
    const Tensor &tensor = x.tensor(), &index = indices.tensor();
    axis = normalize_axis("take_along_axis", axis, tensor.rank(), x.location());
    expect_indices("take_along_axis", indices);
    const Dims others = beside_axis("take_along_axis", tensor, index, axis, x.location());
    return gather(x, expand_dims(indices, -1),
                  {.collapsed = {axis},
                   .start_index_map = {axis},
                   .index_vector = tensor.rank(),
                   .slice_sizes = Dims(tensor.dims().size(), 1),
                   .operand_batch = others,
                   .start_batch = others});
}

Tensor put_along_axis(const Binary* combiner, const Operand& x, const Operand& indices, const Operand& values,
                      std::int64_t axis) {
    const LocationScope scope(x.location());
    const Tensor &tensor = x.tensor(), &index = indices.tensor();
    axis = normalize_axis("put_along_axis", axis, tensor.rank(), x.location());
    expect_indices("put_along_axis", indices);
    const Dims others = beside_axis("put_along_axis", tensor, index, axis, x.location());
    return scatter(combiner, x, expand_dims(indices, -1), values,
                   {.inserted_window = {axis},
                    .scatter_to_operand = {axis},
                    .index_vector = tensor.rank(),
                    .operand_batch = others,
                    .index_batch = others});
}

Tensor segment_reduce(const Binary& combiner, const Operand& x, const Operand& segments, std::int64_t count) {
    const LocationScope scope(x.location());
    const Tensor &tensor = x.tensor(), &segment = segments.tensor();
    expect_indices("segment_reduce", segments);
    if (tensor.rank() == 0 || segment.dims() != Dims{tensor.dim(0)} || count < 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("segment_reduce: {} does not name one of {} segments for each row of {}",
                            to_string(segment.shape()), count, to_string(tensor.shape())));
    Dims dims = tensor.dims(), window;
    dims[0] = count;
    for (std::int64_t i = 1; i < tensor.rank(); ++i) window.push_back(i);
    return scatter(&combiner, broadcast_to(identity(combiner, tensor.type()), dims), expand_dims(segments, -1), x,
                   {.update_window = window, .inserted_window = {0}, .scatter_to_operand = {0}, .index_vector = 1});
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
