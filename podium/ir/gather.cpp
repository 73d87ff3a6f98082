#include <algorithm>

#include "podium/base/dims.h"
#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing_node.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"

namespace podium {
namespace {

enum : std::size_t { OFFSET, COLLAPSED, START_MAP, GATHER_VECTOR, SIZES, OPERAND_BATCH, START_BATCH };

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

/// A gather's gradient adds the cotangent where the slices came from: the same dimension numbers, seen from the other
/// side.
Tensors gather_vjp(const VjpArguments& v) {
    const GatherDimensions d = gather_dimensions(v.node);
    return {scatter(&add, zeros_like(v.operands[0]), v.operands[1], v.cotangent,
                    {d.offset, d.collapsed, d.start_index_map, d.index_vector, d.operand_batch, d.start_batch}),
            {}};
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

}  // namespace rows

std::string gather_text(const Node& n, bool with_sizes) {
    const auto d = gather_dimensions(n);
    return fmt::format(
        "dimension_numbers = #stablehlo.gather<offset_dims = {}, collapsed_slice_dims = {}, {}start_index_map "
        "= "
        "{}, index_vector_dim = {}>, {}indices_are_sorted = false",
        list(d.offset), list(d.collapsed),
        batching_text("operand_batching_dims", d.operand_batch, "start_indices_batching_dims", d.start_batch),
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
    const Dims batch = index_batch_of("gather", index, d.index_vector, d.start_index_map.size(), x.location());
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

}  // namespace podium
