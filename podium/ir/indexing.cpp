#include "podium/ir/indexing.h"

#include "podium/base/dims.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing_node.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"

namespace podium {
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
