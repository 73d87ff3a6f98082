#include <algorithm>

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

enum : std::size_t { UPDATE_WINDOW, INSERTED, TO_OPERAND, SCATTER_VECTOR, SCATTER_OPERAND_BATCH, INDEX_BATCH };

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

}  // namespace

namespace rows {

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
                batching_text("input_batching_dims", d.operand_batch, "scatter_indices_batching_dims", d.index_batch),
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
    const Dims batch =
        index_batch_of("scatter", indices.tensor(), d.index_vector, d.scatter_to_operand.size(), x.location());
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

}  // namespace podium
