#include "podium/ir/slicing.h"

#include <algorithm>
#include <numeric>

#include "podium/base/dims.h"
#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing_node.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "podium/ir/reduction.h"

namespace podium {
namespace {

std::int64_t clamped_start(const Evaluation& e, std::size_t operand, std::int64_t size, std::int64_t whole) {
    const Number start = load(e.operands[operand], 0);
    const std::int64_t last = whole - size;
    if (const auto* natural = std::get_if<std::uint64_t>(&start))
        return static_cast<std::int64_t>(std::min(*natural, static_cast<std::uint64_t>(last)));
    return std::clamp<std::int64_t>(std::get<std::int64_t>(start), 0, last);
}

/// Returns whether a piece of `sizes` that begins at `starts` sticks out nowhere.
Tensor starts_inside(std::span<const Tensor> starts, const Dims& sizes, const Dims& whole) {
    Tensor inside = ones({}, DataType::BOOL);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const Tensor start = convert(starts[i], DataType::INT64);
        inside = inside & greater_equal(start, 0) & less_equal(start, whole[i] - sizes[i]);
    }
    return inside;
}

/// Returns the starts of a slice as rows of a matrix: [size, rank].
Tensor starts_matrix(const VmapArguments& v, std::size_t first) {
    Tensors columns;
    for (auto i = first; i < v.operands.size(); ++i)
        columns.push_back(expand_dims(signed_starts(mapped_operand(v, i)), -1));
    const bool wide = std::ranges::any_of(columns, [](const Tensor& each) { return size_bits(each.type()) > 32; });
    for (auto& column : columns) column = convert(column, wide ? DataType::INT64 : DataType::INT32);
    return concatenate(columns, 1);
}

/// Returns the starts with a 0 for the mapped dimension, where none of them differs along it.
std::optional<Tensors> shared_starts(const VmapArguments& v, std::size_t first) {
    Tensors starts;
    for (auto i = first; i < v.operands.size(); ++i) {
        if (v.mapped[i]) return std::nullopt;
        starts.push_back(v.operands[i]);
    }
    starts.insert(starts.begin(), zeros({}, starts.empty() ? DataType::INT32 : starts[0].type()));
    return starts;
}

Tensors dynamic_slice_vmap(const VmapArguments& v) {
    if (const auto starts = shared_starts(v, 1))
        return {podium::dynamic_slice(v.operands[0], *starts, mapped_shape(v.node.shape, v.size).dims)};
    const auto rank = v.node.shape.rank();
    GatherDimensions d{.offset = counting(1, rank),
                       .start_index_map = counting(0, rank),
                       .index_vector = 1,
                       .slice_sizes = v.node.shape.dims};
    if (v.mapped[0]) {
        d.start_index_map = counting(1, rank);
        d.slice_sizes.insert(d.slice_sizes.begin(), 1);
        d.operand_batch = d.start_batch = {0};
    }
    return {gather(v.operands[0], starts_matrix(v, 1), d)};
}

Tensors dynamic_update_slice_vmap(const VmapArguments& v) {
    if (const auto starts = shared_starts(v, 2))
        return {podium::dynamic_update_slice(mapped_operand(v, 0), mapped_operand(v, 1), *starts)};
    const Dims &whole = v.node.shape.dims, &piece = v.node.operands[1].dims();
    const Tensor starts = starts_matrix(v, 2);
    std::vector<std::int64_t> last;
    for (std::size_t i = 0; i < whole.size(); ++i) last.push_back(whole[i] - piece[i]);
    const Tensor limits =
        convert(constant(HostArray::of({static_cast<std::int64_t>(last.size())}, last)), starts.type());
    const auto rank = v.node.shape.rank();  // unlike the slice, a scatter drops what sticks out
    return {scatter(nullptr, mapped_operand(v, 0), clamp(0, starts, limits), mapped_operand(v, 1),
                    {.update_window = counting(1, rank),
                     .scatter_to_operand = counting(1, rank),
                     .index_vector = 1,
                     .operand_batch = {0},
                     .index_batch = {0}})};
}

void expect_starts(const char* op, const Tensors& starts, const Location& location) {
    for (const auto& start : starts)
        if (start.rank() != 0 || !is_integer(start.type()))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("{}: starts must be integer scalars, got {}", op, to_string(start.shape())));
}

}  // namespace

Tensor signed_starts(const Tensor& starts) {
    if (!is_unsigned(starts.type())) return starts;
    constexpr auto FAR = std::int64_t{1} << 62;
    Tensor wide = convert(starts, DataType::INT64);
    if (starts.type() == DataType::UINT64) wide = select(less(wide, 0), full(wide.dims(), FAR, DataType::INT64), wide);
    return wide;
}

namespace rows {

constinit const Op slice{.name = "slice",
                         .spec = "StableHLO specification, slice",
                         .stablehlo = "stablehlo.slice",
                         .kind = Kind::STRUCTURAL,
                         .types = Types::ANY,
                         .evaluate =
                             [](const Evaluation& e) {
                                 const auto& a = e.node.attributes;
                                 return std::vector{move_elements(e.node.shape, e.operands[0], [&](const Dims& index) {
                                     Dims source(index);
                                     for (std::size_t i = 0; i < index.size(); ++i)
                                         source[i] = a[0][i] + index[i] * a[2][i];
                                     return flat_index(source, e.operands[0].shape().dims);
                                 })};
                             },
                         .attributes =
                             [](const Node& n) {
                                 return array_attribute("start_indices", n.attributes[0]) + ", " +
                                        array_attribute("limit_indices", n.attributes[1]) + ", " +
                                        array_attribute("strides", n.attributes[2]);
                             },
                         .vjp = [](const VjpArguments& v) -> Tensors {
                             const auto& a = v.node.attributes;
                             const Dims& whole = v.operands[0].dims();
                             Dims high(whole), interior(whole);
                             for (std::size_t i = 0; i < whole.size(); ++i) {
                                 const auto taken = v.result.dims()[i];
                                 interior[i] = a[2][i] - 1;
                                 high[i] = whole[i] - a[0][i] - (taken == 0 ? 0 : (taken - 1) * a[2][i] + 1);
                             }
                             return {podium::pad(v.cotangent, 0, a[0], high, interior)};
                         },
                         .vmap = [](const VmapArguments& v) -> Tensors {
                             auto [starts, limits, strides] =
                                 std::tuple(v.node.attributes[0], v.node.attributes[1], v.node.attributes[2]);
                             starts.insert(starts.begin(), 0);
                             limits.insert(limits.begin(), v.size);
                             strides.insert(strides.begin(), 1);
                             return {podium::slice(v.operands[0], starts, limits, strides)};
                         }};
constinit const Op dynamic_slice{
    .name = "dynamic_slice",
    .spec = "StableHLO specification, dynamic_slice",
    .stablehlo = "stablehlo.dynamic_slice",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate =
        [](const Evaluation& e) {
            const Dims& whole = e.operands[0].shape().dims;
            Dims start(whole.size());
            for (std::size_t i = 0; i < whole.size(); ++i)
                start[i] = clamped_start(e, i + 1, e.node.shape.dims[i], whole[i]);
            return std::vector{move_elements(e.node.shape, e.operands[0], [&](const Dims& index) {
                Dims source(index);
                for (std::size_t i = 0; i < index.size(); ++i) source[i] += start[i];
                return flat_index(source, whole);
            })};
        },
    .attributes = [](const Node& n) { return array_attribute("slice_sizes", n.shape.dims); },
    .inside =
        [](const Node& n, std::span<const Tensor> operands) {
            return starts_inside(operands.subspan(1), n.shape.dims, operands[0].dims());
        },
    .vjp = [](const VjpArguments& v) -> Tensors {
        Tensors gradients(v.operands.size());
        gradients[0] = podium::dynamic_update_slice(zeros_like(v.operands[0]), v.cotangent,
                                                    Tensors(v.operands.begin() + 1, v.operands.end()));
        return gradients;
    },
    .vmap = dynamic_slice_vmap};
constinit const Op dynamic_update_slice{
    .name = "dynamic_update_slice",
    .spec = "StableHLO specification, dynamic_update_slice",
    .stablehlo = "stablehlo.dynamic_update_slice",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
        const Dims &whole = e.node.shape.dims, &piece = e.operands[1].shape().dims;
        Dims start(whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) start[i] = clamped_start(e, i + 2, piece[i], whole[i]);
        HostArray result =
            move_elements(e.node.shape, e.operands[0], [&](const Dims& index) { return flat_index(index, whole); });
        std::int64_t position = 0;
        for_each_index(piece, [&](const Dims& index) {
            Dims target(index);
            for (std::size_t i = 0; i < index.size(); ++i) target[i] += start[i];
            store(result, flat_index(target, whole), load(e.operands[1], position++));
        });
        return {result};
    },
    .inside =
        [](const Node&, std::span<const Tensor> operands) {
            return starts_inside(operands.subspan(2), operands[1].dims(), operands[0].dims());
        },
    .vjp = [](const VjpArguments& v) -> Tensors {
        Tensors gradients(v.operands.size());
        const Tensors starts(v.operands.begin() + 2, v.operands.end());
        gradients[0] = podium::dynamic_update_slice(v.cotangent, zeros_like(v.operands[1]), starts);
        gradients[1] = podium::dynamic_slice(v.cotangent, starts, v.operands[1].dims());
        return gradients;
    },
    .vmap = dynamic_update_slice_vmap};
constinit const Op pad{.name = "pad",
                       .spec = "StableHLO specification, pad; edges are not negative here",
                       .stablehlo = "stablehlo.pad",
                       .kind = Kind::STRUCTURAL,
                       .types = Types::ANY,
                       .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                           const auto& a = e.node.attributes;
                           const Dims &from = e.operands[0].shape().dims, &to = e.node.shape.dims;
                           HostArray result = move_elements(e.node.shape, e.operands[1], [](const Dims&) { return 0; });
                           std::int64_t position = 0;
                           for_each_index(from, [&](const Dims& index) {
                               Dims target(index);
                               for (std::size_t i = 0; i < index.size(); ++i)
                                   target[i] = a[0][i] + index[i] * (a[2][i] + 1);
                               store(result, flat_index(target, to), load(e.operands[0], position++));
                           });
                           return {result};
                       },
                       .attributes =
                           [](const Node& n) {
                               return array_attribute("edge_padding_low", n.attributes[0]) + ", " +
                                      array_attribute("edge_padding_high", n.attributes[1]) + ", " +
                                      array_attribute("interior_padding", n.attributes[2]);
                           },
                       .vjp = [](const VjpArguments& v) -> Tensors {
                           const auto& a = v.node.attributes;
                           Dims limits(a[0]), strides(a[0]);
                           for (std::size_t i = 0; i < limits.size(); ++i) {
                               strides[i] = a[2][i] + 1;
                               limits[i] = v.result.dims()[i] - a[1][i];
                           }
                           const Tensor inside = podium::slice(v.cotangent, a[0], limits, strides);
                           return {inside, sum(v.cotangent) - sum(inside)};
                       },
                       .vmap = [](const VmapArguments& v) -> Tensors {
                           std::array<Dims, 3> edges{v.node.attributes[0], v.node.attributes[1], v.node.attributes[2]};
                           for (auto& edge : edges) edge.insert(edge.begin(), 0);
                           const auto padded = [&](const Tensor& x, const Operand& value) {
                               return podium::pad(x, value, edges[0], edges[1], edges[2]);
                           };
                           const Tensor x = mapped_operand(v, 0);
                           if (!v.mapped[1]) return {padded(x, v.operands[1])};
                           const Tensor inside = padded(full(x.dims(), 1, DataType::BOOL), 0);
                           const Tensor filling =
                               podium::broadcast_in_dim(v.operands[1], mapped_shape(v.node.shape, v.size).dims, {0});
                           return {select(inside, padded(x, zeros({}, x.type())), filling)};
                       }};
constinit const Op split{.name = "split",
                         .spec =
                             "podium: equal pieces along an axis; their cotangents are concatenated, where those "
                             "of slices would be padded and summed",
                         .kind = Kind::COMPOSITE,
                         .types = Types::ANY,
                         .expand = [](const Node& node) -> Tensors {
                             const auto axis = node.integer(0);
                             const Operand x(node.operands[0], node.location);
                             Tensors pieces;
                             const auto size = node.results[0].dims[static_cast<std::size_t>(axis)];
                             for (std::size_t i = 0; i < node.results.size(); ++i) {
                                 const auto start = static_cast<std::int64_t>(i) * size;
                                 pieces.push_back(slice_axis(x, axis, start, start + size));
                             }
                             return pieces;
                         },
                         .vjp = [](const VjpArguments& v) -> Tensors {
                             Tensors pieces;
                             for (std::size_t i = 0; i < v.cotangents.size(); ++i)
                                 pieces.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
                             return {podium::concatenate(pieces, v.node.integer(0), v.node.location)};
                         },
                         .vmap = [](const VmapArguments& v) -> Tensors {
                             return podium::split(v.operands[0], static_cast<std::int64_t>(v.node.results.size()),
                                                  v.node.integer(0) + 1);
                         }};

}  // namespace rows

Tensor slice(const Operand& x, Dims starts, Dims limits, Dims strides) {
    const Tensor& tensor = x.tensor();
    if (strides.empty()) strides.assign(starts.size(), 1);
    expect_rank("slice", tensor, starts.size(), "starts", x.location());
    expect_rank("slice", tensor, limits.size(), "limits", x.location());
    expect_rank("slice", tensor, strides.size(), "strides", x.location());
    Dims dims;
    for (std::size_t i = 0; i < starts.size(); ++i) {  // (C3), (C4)
        if (starts[i] < 0 || starts[i] > limits[i] || limits[i] > tensor.dims()[i] || strides[i] < 1)
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("slice: {}:{}:{} is not inside dimension {} of {}", starts[i], limits[i], strides[i], i,
                                to_string(tensor.shape())));
        dims.push_back((limits[i] - starts[i] + strides[i] - 1) / strides[i]);
    }
    if (dims == tensor.dims()) return tensor;
    Shape shape(tensor.type(), std::move(dims));
    return record({.op = rows::slice,
                   .shape = std::move(shape),
                   .operands = {tensor},
                   .attributes = {std::move(starts), std::move(limits), std::move(strides)},
                   .location = x.location()});
}

Tensor slice_axis(const Operand& x, std::int64_t axis, std::int64_t start, std::int64_t limit) {
    const Tensor& tensor = x.tensor();
    const auto i = static_cast<std::size_t>(normalize_axis("slice_axis", axis, tensor.rank(), x.location()));
    Dims starts(tensor.dims().size(), 0), limits = tensor.dims();
    starts[i] = start;
    limits[i] = limit;
    return slice(x, std::move(starts), std::move(limits));
}

Tensors split(const Operand& x, std::int64_t parts, std::int64_t axis) {
    const Tensor& tensor = x.tensor();
    const auto size = tensor.dim(axis);
    if (parts < 1 || size % parts != 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("split: dimension {} of {} does not split into {} equal parts", axis,
                            to_string(tensor.shape()), parts));
    axis = normalize_axis("split", axis, tensor.rank(), x.location());
    Shape piece(tensor.type(), tensor.dims());
    piece.dims[static_cast<std::size_t>(axis)] = size / parts;
    return record_all({.op = rows::split,
                       .operands = {tensor},
                       .attributes = {{axis}},
                       .location = x.location(),
                       .results = std::vector<Shape>(static_cast<std::size_t>(parts), piece)});
}

Tensor dynamic_slice(const Operand& x, const Tensors& starts, Dims sizes) {
    const Tensor& tensor = x.tensor();
    expect_rank("dynamic_slice", tensor, starts.size(), "starts", x.location());
    expect_rank("dynamic_slice", tensor, sizes.size(), "sizes", x.location());
    expect_starts("dynamic_slice", starts, x.location());
    for (std::size_t i = 0; i < sizes.size(); ++i)  // (C4)
        if (sizes[i] < 0 || sizes[i] > tensor.dims()[i])
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("dynamic_slice: size {} is larger than dimension {} of {}", sizes[i], i,
                                to_string(tensor.shape())));
    Tensors operands{tensor};
    operands.insert(operands.end(), starts.begin(), starts.end());
    Shape shape(tensor.type(), std::move(sizes));
    return record({.op = rows::dynamic_slice,
                   .shape = std::move(shape),
                   .operands = std::move(operands),
                   .location = x.location()});
}

Tensor dynamic_update_slice(const Operand& x, const Operand& update, const Tensors& starts) {
    const Tensor &tensor = x.tensor(), &piece = update.tensor();
    expect_rank("dynamic_update_slice", tensor, starts.size(), "starts", x.location());
    expect_rank("dynamic_update_slice", tensor, piece.dims().size(), "dimensions of the update", x.location());
    expect_starts("dynamic_update_slice", starts, x.location());
    if (piece.type() != tensor.type())
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("dynamic_update_slice: cannot write {} into {}", to_string(piece.shape()),
                            to_string(tensor.shape())));
    for (std::size_t i = 0; i < starts.size(); ++i)  // (C6)
        if (piece.dims()[i] > tensor.dims()[i])
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("dynamic_update_slice: the update {} is larger than {}", to_string(piece.shape()),
                                to_string(tensor.shape())));
    Tensors operands{tensor, piece};
    operands.insert(operands.end(), starts.begin(), starts.end());
    return record({.op = rows::dynamic_update_slice,
                   .shape = tensor.shape(),
                   .operands = std::move(operands),
                   .location = x.location()});
}

Tensor pad(const Operand& x, const Operand& value, Dims low, Dims high, Dims interior) {
    const Tensor& tensor = x.tensor();
    if (interior.empty()) interior.assign(low.size(), 0);
    expect_rank("pad", tensor, low.size(), "low edges", x.location());
    expect_rank("pad", tensor, high.size(), "high edges", x.location());
    expect_rank("pad", tensor, interior.size(), "interiors", x.location());
    const Tensor filling = as_tensor(value, tensor.type());
    if (filling.type() != tensor.type())
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("pad: cannot pad {} with {}", to_string(tensor.shape()), to_string(filling.shape())));
    if (filling.rank() != 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("pad: the value must be a scalar, got {}", to_string(filling.shape())));
    Dims dims;
    for (std::size_t i = 0; i < low.size(); ++i) {
        if (low[i] < 0 || high[i] < 0 || interior[i] < 0)
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    "pad: edges and interior must not be negative; use slice to cut");
        dims.push_back(low[i] + tensor.dims()[i] + std::max<std::int64_t>(tensor.dims()[i] - 1, 0) * interior[i] +
                       high[i]);
    }
    if (dims == tensor.dims()) return tensor;
    Shape shape(tensor.type(), std::move(dims));
    return record({.op = rows::pad,
                   .shape = std::move(shape),
                   .operands = {tensor, filling},
                   .attributes = {std::move(low), std::move(high), std::move(interior)},
                   .location = x.location()});
}

std::span<const Op* const> slicing_ops() {
    static constexpr std::array ROWS{&rows::slice, &rows::dynamic_slice, &rows::dynamic_update_slice, &rows::pad,
                                     &rows::split};
    return ROWS;
}

}  // namespace podium
