#include "podium/ir/movement.h"

#include <algorithm>
#include <numeric>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

/// Returns a single result whose element at `index` is the operand's at `source(index)`, flat; -1 leaves a zero.
std::vector<HostArray> moved(const Evaluation& e, const std::function<std::int64_t(const Dims&)>& source) {
    return {move_elements(e.node.shape, e.operands[0], source)};
}

void expect_distinct(const char* op, Dims axes, const Location& location) {
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
        fail_at(Code::SHAPE_MISMATCH, location, fmt::format("{}: dimensions [{}] repeat", op, join(axes)));
}

Dims inverse(const Dims& permutation) {
    Dims result(permutation.size());
    for (std::size_t i = 0; i < permutation.size(); ++i)
        result[static_cast<std::size_t>(permutation[i])] = static_cast<std::int64_t>(i);
    return result;
}

}  // namespace

namespace rows {

constinit const Op broadcast_in_dim{
    .name = "broadcast_in_dim",
    .spec = "StableHLO specification, broadcast_in_dim",
    .stablehlo = "stablehlo.broadcast_in_dim",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate =
        [](const Evaluation& e) {
            const Dims &to = e.node.attributes[0], &from = e.operands[0].shape().dims;
            return moved(e, [&](const Dims& index) {
                Dims source(from.size());
                for (std::size_t i = 0; i < from.size(); ++i)
                    source[i] = from[i] == 1 ? 0 : index[static_cast<std::size_t>(to[i])];
                return flat_index(source, from);
            });
        },
    .attributes = [](const Node& n) { return array_attribute("broadcast_dimensions", n.attributes[0]); },
    .vjp = [](const VjpArguments& v) -> Tensors {
        const Dims &to = v.node.attributes[0], &from = v.operands[0].dims();
        Dims summed;
        for (std::int64_t i = 0; i < v.result.rank(); ++i) {
            const auto at = std::find(to.begin(), to.end(), i) - to.begin();
            if (at == static_cast<std::ptrdiff_t>(to.size()) ||
                (from[static_cast<std::size_t>(at)] == 1 && v.result.dims()[static_cast<std::size_t>(i)] != 1))
                summed.push_back(i);
        }
        return {podium::reshape(summed.empty() ? v.cotangent : sum(v.cotangent, summed), from)};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        Dims dimensions = behind_mapped(v.node.attributes[0]);
        dimensions.insert(dimensions.begin(), 0);
        return {podium::broadcast_in_dim(v.operands[0], mapped_shape(v.node.shape, v.size).dims, dimensions)};
    }};
constinit const Op reshape{
    .name = "reshape",
    .spec = "StableHLO specification, reshape",
    .stablehlo = "stablehlo.reshape",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
        return {e.operands[0].reshaped(e.node.shape.dims)};
    },
    .vjp = [](const VjpArguments& v) -> Tensors { return {podium::reshape(v.cotangent, v.operands[0].dims())}; },
    .vmap = [](const VmapArguments& v) -> Tensors {
        return {podium::reshape(v.operands[0], mapped_shape(v.node.shape, v.size).dims)};
    }};
constinit const Op transpose{
    .name = "transpose",
    .spec = "StableHLO specification, transpose",
    .stablehlo = "stablehlo.transpose",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate =
        [](const Evaluation& e) {
            const Dims &permutation = e.node.attributes[0], &from = e.operands[0].shape().dims;
            return moved(e, [&](const Dims& index) {
                Dims source(from.size());
                for (std::size_t i = 0; i < from.size(); ++i)
                    source[static_cast<std::size_t>(permutation[i])] = index[i];
                return flat_index(source, from);
            });
        },
    .attributes = [](const Node& n) { return array_attribute("permutation", n.attributes[0]); },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {podium::transpose(v.cotangent, inverse(v.node.attributes[0]))};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        Dims permutation = behind_mapped(v.node.attributes[0]);
        permutation.insert(permutation.begin(), 0);
        return {podium::transpose(v.operands[0], permutation)};
    }};
constinit const Op concatenate{.name = "concatenate",
                               .spec = "StableHLO specification, concatenate",
                               .stablehlo = "stablehlo.concatenate",
                               .kind = Kind::STRUCTURAL,
                               .types = Types::ANY,
                               .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                                   const auto axis = static_cast<std::size_t>(e.node.integer(0));
                                   HostArray result(e.node.shape);
                                   std::int64_t offset = 0;
                                   for (const auto& part : e.operands) {
                                       std::int64_t position = 0;
                                       for_each_index(part.shape().dims, [&](const Dims& index) {
                                           Dims target(index);
                                           target[axis] += offset;
                                           store(result, flat_index(target, e.node.shape.dims), load(part, position++));
                                       });
                                       offset += part.shape().dims[axis];
                                   }
                                   return {result};
                               },
                               .attributes = [](const Node& n) { return integer_attribute("dimension", n.integer(0)); },
                               .vjp = [](const VjpArguments& v) -> Tensors {
                                   const auto axis = v.node.integer(0);
                                   Tensors gradients;
                                   std::int64_t start = 0;
                                   for (const auto& operand : v.operands) {
                                       const auto limit = start + operand.dim(axis);
                                       gradients.push_back(slice_axis(v.cotangent, axis, start, limit));
                                       start = limit;
                                   }
                                   return gradients;
                               },
                               .vmap = [](const VmapArguments& v) -> Tensors {
                                   Tensors parts;
                                   for (std::size_t i = 0; i < v.operands.size(); ++i)
                                       parts.push_back(mapped_operand(v, i));
                                   return {podium::concatenate(parts, v.node.integer(0) + 1, v.node.location)};
                               }};
constinit const Op reverse{
    .name = "reverse",
    .spec = "StableHLO specification, reverse",
    .stablehlo = "stablehlo.reverse",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate =
        [](const Evaluation& e) {
            return moved(e, [&](const Dims& index) {
                Dims source(index);
                for (const auto axis : e.node.attributes[0]) {
                    const auto i = static_cast<std::size_t>(axis);
                    source[i] = e.node.shape.dims[i] - 1 - index[i];
                }
                return flat_index(source, e.node.shape.dims);
            });
        },
    .attributes = [](const Node& n) { return array_attribute("dimensions", n.attributes[0]); },
    .vjp = [](const VjpArguments& v) -> Tensors { return {podium::reverse(v.cotangent, v.node.attributes[0])}; },
    .vmap = [](const VmapArguments& v) -> Tensors {
        return {podium::reverse(v.operands[0], behind_mapped(v.node.attributes[0]))};
    }};

}  // namespace rows

Tensor broadcast_in_dim(const Operand& x, Dims dims, Dims dimensions) {
    const Tensor& tensor = x.tensor();
    expect_rank("broadcast_in_dim", tensor, dimensions.size(), "dimensions", x.location());
    for (std::size_t i = 0; i < dimensions.size(); ++i) {  // (C3) … (C5)
        const auto to = dimensions[i];
        const bool inside = to >= 0 && to < static_cast<std::int64_t>(dims.size());
        if (!inside || (tensor.dims()[i] != 1 && tensor.dims()[i] != dims[static_cast<std::size_t>(to)]))
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("broadcast_in_dim: dimension {} of {} cannot become dimension {} of [{}]", i,
                                to_string(tensor.shape()), to, join(dims)));
    }
    expect_distinct("broadcast_in_dim", dimensions, x.location());
    Shape shape(tensor.type(), std::move(dims));
    return record({.op = rows::broadcast_in_dim,
                   .shape = std::move(shape),
                   .operands = {tensor},
                   .attributes = {std::move(dimensions)},
                   .location = x.location()});
}

Tensor broadcast_to(const Tensor& x, Dims dims, Location location) {
    if (x.dims() == dims) return x;
    const std::int64_t missing = static_cast<std::int64_t>(dims.size()) - x.rank();
    bool fits = missing >= 0;
    for (std::int64_t i = 0; fits && i < x.rank(); ++i) {
        const auto size = x.dims()[static_cast<std::size_t>(i)];
        fits = size == 1 || size == dims[static_cast<std::size_t>(i + missing)];
    }
    if (!fits)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("broadcast_to: cannot broadcast {} to [{}]", to_string(x.shape()), join(dims)));
    Dims dimensions(x.dims().size());
    std::iota(dimensions.begin(), dimensions.end(), missing);
    Shape shape(x.type(), std::move(dims));
    return record({.op = rows::broadcast_in_dim,
                   .shape = std::move(shape),
                   .operands = {x},
                   .attributes = {std::move(dimensions)},
                   .location = location});
}

Tensor reshape(const Operand& x, Dims dims) {
    const Tensor& tensor = x.tensor();
    std::int64_t known = 1, wild = -1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == -1 && wild < 0)
            wild = static_cast<std::int64_t>(i);
        else
            known *= dims[i];
    }
    const auto count = tensor.shape().count();
    if (wild >= 0 && known > 0 && count % known == 0) dims[static_cast<std::size_t>(wild)] = count / known;
    if (Shape(tensor.type(), dims).count() != count ||
        std::any_of(dims.begin(), dims.end(), [](auto d) { return d < 0; }))
        fail_at(
            Code::SHAPE_MISMATCH, x.location(),
            fmt::format("reshape: {} has {} elements, [{}] does not", to_string(tensor.shape()), count, join(dims)));
    if (dims == tensor.dims()) return tensor;
    Shape shape(tensor.type(), std::move(dims));
    return record({.op = rows::reshape, .shape = std::move(shape), .operands = {tensor}, .location = x.location()});
}

Tensor transpose(const Operand& x, Dims permutation) {
    const Tensor& tensor = x.tensor();
    if (permutation.empty())
        for (auto i = tensor.rank(); i-- > 0;) permutation.push_back(i);
    expect_rank("transpose", tensor, permutation.size(), "entries of a permutation", x.location());
    Dims sorted(permutation), dims;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i)
        if (sorted[i] != static_cast<std::int64_t>(i))
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("transpose: [{}] is no permutation of the dimensions", join(permutation)));
    if (permutation == sorted) return tensor;
    for (const auto axis : permutation) dims.push_back(tensor.dims()[static_cast<std::size_t>(axis)]);
    Shape shape(tensor.type(), std::move(dims));
    return record({.op = rows::transpose,
                   .shape = std::move(shape),
                   .operands = {tensor},
                   .attributes = {std::move(permutation)},
                   .location = x.location()});
}

Tensor swap_axes(const Operand& x, std::int64_t a, std::int64_t b) {
    const auto rank = x.tensor().rank();
    Dims permutation(static_cast<std::size_t>(rank));
    std::iota(permutation.begin(), permutation.end(), 0);
    std::swap(permutation[static_cast<std::size_t>(normalize_axis("swap_axes", a, rank, x.location()))],
              permutation[static_cast<std::size_t>(normalize_axis("swap_axes", b, rank, x.location()))]);
    return transpose(x, std::move(permutation));
}

Tensor expand_dims(const Operand& x, std::int64_t axis) {
    axis = normalize_axis("expand_dims", axis, x.tensor().rank() + 1, x.location());
    Dims dims = x.tensor().dims();
    dims.insert(dims.begin() + axis, 1);
    return reshape(x, std::move(dims));
}

Tensor squeeze(const Operand& x, std::int64_t axis) {
    axis = normalize_axis("squeeze", axis, x.tensor().rank(), x.location());
    Dims dims = x.tensor().dims();
    if (dims[static_cast<std::size_t>(axis)] != 1)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("squeeze: dimension {} of {} is not 1", axis, to_string(x.tensor().shape())));
    dims.erase(dims.begin() + axis);
    return reshape(x, std::move(dims));
}

Tensor concatenate(const Tensors& parts, std::int64_t axis, Location location) {
    if (parts.empty()) fail_at(Code::INVALID_ARGUMENT, location, "concatenate: no tensors were given");
    axis = normalize_axis("concatenate", axis, parts[0].rank(), location);
    Shape shape(parts[0].type(), parts[0].dims());
    auto& total = shape.dims[static_cast<std::size_t>(axis)];
    total = 0;
    for (const auto& part : parts) {  // (C1), (C2)
        Dims other = part.dims();
        if (part.rank() == parts[0].rank()) other[static_cast<std::size_t>(axis)] = total;
        if (part.type() != shape.type || other != shape.dims)
            fail_at(part.type() != shape.type ? Code::DTYPE_MISMATCH : Code::SHAPE_MISMATCH, location,
                    fmt::format("concatenate: {} does not fit {} along dimension {}", to_string(part.shape()),
                                to_string(parts[0].shape()), axis));
        total += part.dims()[static_cast<std::size_t>(axis)];
    }
    if (parts.size() == 1) return parts[0];
    return record({.op = rows::concatenate,
                   .shape = std::move(shape),
                   .operands = parts,
                   .attributes = {{axis}},
                   .location = location});
}

Tensor stack(const Tensors& parts, std::int64_t axis, Location location) {
    const LocationScope scope(location);
    Tensors expanded;
    for (const auto& part : parts) expanded.push_back(expand_dims(part, axis));
    return concatenate(expanded, axis, location);
}

Tensor reverse(const Operand& x, Dims axes) {
    for (auto& axis : axes) axis = normalize_axis("reverse", axis, x.tensor().rank(), x.location());
    expect_distinct("reverse", axes, x.location());
    return record({.op = rows::reverse,
                   .shape = x.tensor().shape(),
                   .operands = {x.tensor()},
                   .attributes = {std::move(axes)},
                   .location = x.location()});
}

std::span<const Op* const> movement_ops() {
    static constexpr std::array ROWS{&rows::broadcast_in_dim, &rows::reshape, &rows::transpose, &rows::concatenate,
                                     &rows::reverse};
    return ROWS;
}

}  // namespace podium
