#include "podium/ir/dynamic.h"

#include <algorithm>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/expansion.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/random.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

constexpr const char* MAPPED_SHAPE = "its shape is data, which is one for all examples; use the static operation";
constexpr std::array<std::string_view, 2> DISTRIBUTIONS{"UNIFORM", "NORMAL"};
constexpr std::array<std::string_view, 3> ALGORITHMS{"DEFAULT", "THREE_FRY", "PHILOX"};

/// Throws unless the tensor is a vector of `count` integers.
void expect_sizes(std::string_view op, const Operand& sizes, std::size_t count) {
    const Tensor& tensor = sizes.tensor();
    if (!is_integer(tensor.type()) || tensor.dims() != Dims{static_cast<std::int64_t>(count)})
        fail_at(Code::SHAPE_MISMATCH, sizes.location(),
                fmt::format("{}: {} is not {} integers", op, to_string(tensor.shape()), count));
}

std::int64_t integer_at(const HostArray& array, std::size_t i) {
    return static_cast<std::int64_t>(array.as_double(static_cast<std::int64_t>(i)));
}

std::vector<HostArray> evaluate_dynamic_pad(const Evaluation& e) {
    const Dims &from = e.operands[0].shape().dims, &to = e.node.shape.dims;
    HostArray result = move_elements(e.node.shape, e.operands[1], [](const Dims&) { return 0; });
    std::int64_t position = 0;
    for_each_index(from, [&](const Dims& index) {
        Dims target(index);
        bool inside = true;
        for (std::size_t i = 0; i < index.size(); ++i) {
            target[i] = integer_at(e.operands[2], i) + index[i] * (integer_at(e.operands[4], i) + 1);
            inside = inside && target[i] >= 0 && target[i] < to[i];
        }
        const auto source = position++;
        if (inside) store(result, flat_index(target, to), load(e.operands[0], source));
    });
    return {result};
}

/// Returns the static operation that a dynamic one with extra operands stands for: a node of `op` on the first `count`
/// operands, with the same attributes.
Tensors static_sister(const Node& node, const Op& op, std::size_t count) {
    return {
        record({.op = op,
                .shape = node.shape,
                .operands = Tensors(node.operands.begin(), node.operands.begin() + static_cast<std::ptrdiff_t>(count)),
                .attributes = node.attributes,
                .location = node.location})};
}

/// Records `op` with the attributes of its static sister, which has checked them, and one operand more.
Tensor record_dynamic(const Op& op, const Tensor& sister, Tensors operands, const Location& location) {
    return record({.op = op,
                   .shape = Shape(sister.type(), sister.dims()),
                   .operands = std::move(operands),
                   .attributes = sister->attributes,
                   .location = location});
}

}  // namespace

namespace rows {

constinit const Op dynamic_broadcast_in_dim{
    .name = "dynamic_broadcast_in_dim",
    .spec = "StableHLO specification, dynamic_broadcast_in_dim",
    .stablehlo = "stablehlo.dynamic_broadcast_in_dim",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .attributes = [](const Node& n) { return array_attribute("broadcast_dimensions", n.attributes[0]); },
    .expand = [](const Node& n) -> Tensors {
        return {podium::broadcast_in_dim(n.operands[0], n.shape.dims, n.attributes[0])};
    },
    .vjp = vjp_by_expansion};
constinit const Op dynamic_iota{
    .name = "dynamic_iota",
    .spec = "StableHLO specification, dynamic_iota",
    .stablehlo = "stablehlo.dynamic_iota",
    .kind = Kind::STRUCTURAL,
    .attributes = [](const Node& n) { return integer_attribute("iota_dimension", n.integer(0)); },
    .expand = [](const Node& n) -> Tensors {
        return {podium::iota(n.shape.dims, n.integer(0), n.shape.type, n.location)};
    },
    .vjp = NOT_DIFFERENTIABLE,
    .vmap = MAPPED_SHAPE};
constinit const Op dynamic_reshape{
    .name = "dynamic_reshape",
    .spec = "StableHLO specification, dynamic_reshape",
    .stablehlo = "stablehlo.dynamic_reshape",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .expand = [](const Node& n) -> Tensors { return {podium::reshape(n.operands[0], n.shape.dims)}; },
    .vjp = vjp_by_expansion};
constinit const Op dynamic_pad{.name = "dynamic_pad",
                               .spec = "StableHLO specification, dynamic_pad",
                               .stablehlo = "stablehlo.dynamic_pad",
                               .kind = Kind::STRUCTURAL,
                               .types = Types::ANY,
                               .evaluate = evaluate_dynamic_pad,
                               .vjp = "its edges are data: use pad, whose gradient is a slice of known size",
                               .vmap = MAPPED_SHAPE};
constinit const Op dynamic_gather{.name = "dynamic_gather",
                                  .spec = "StableHLO specification, dynamic_gather",
                                  .stablehlo = "stablehlo.dynamic_gather",
                                  .kind = Kind::STRUCTURAL,
                                  .types = Types::ANY,
                                  .attributes = [](const Node& n) { return gather_text(n, false); },
                                  .expand = [](const Node& n) { return static_sister(n, rows::gather, 2); },
                                  .vjp = vjp_by_expansion};
constinit const Op dynamic_conv{.name = "dynamic_conv",
                                .spec = "StableHLO specification, dynamic_conv",
                                .stablehlo = "stablehlo.dynamic_conv",
                                .kind = Kind::STRUCTURAL,
                                .attributes = [](const Node& n) { return convolution_text(n, false); },
                                .expand = [](const Node& n) { return static_sister(n, rows::convolution, 2); },
                                .vjp = vjp_by_expansion};
constinit const Op get_dimension_size{
    .name = "get_dimension_size",
    .spec = "StableHLO specification, get_dimension_size",
    .stablehlo = "stablehlo.get_dimension_size",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .attributes = [](const Node& n) { return integer_attribute("dimension", n.integer(0)); },
    .expand = [](const Node& n) -> Tensors { return {full({}, n.operands[0].dim(n.integer(0)), DataType::INT32)}; },
    .vjp = NOT_DIFFERENTIABLE};
constinit const Op rng{.name = "rng",
                       .spec = "StableHLO specification, rng: implementation-defined numbers of a distribution",
                       .stablehlo = "stablehlo.rng",
                       .kind = Kind::STRUCTURAL,
                       .types = Types::REAL,
                       .attributes =
                           [](const Node& n) {
                               return fmt::format("rng_distribution = #stablehlo<rng_distribution {}>",
                                                  DISTRIBUTIONS[static_cast<std::size_t>(n.integer(0))]);
                           },
                       .expand = [](const Node& n) -> Tensors {
                           const Tensor &a = n.operands[0], &b = n.operands[1];
                           const DataType drawn = is_float(n.shape.type) ? n.shape.type : DataType::FLOAT32;
                           if (n.integer(0) == static_cast<std::int64_t>(RngDistribution::NORMAL))
                               return {normal(key(0), n.shape.dims, drawn) * b + a};
                           const Tensor unit = uniform(key(0), n.shape.dims, 0.0, 1.0, drawn);
                           return {podium::convert(unit * podium::convert(b - a, drawn), n.shape.type) + a};
                       },
                       .vjp = "draws anew each time: use the distributions of random.h, which take a key"};
constinit const Op rng_bit_generator{
    .name = "rng_bit_generator",
    .spec = "StableHLO specification, rng_bit_generator: implementation-defined bits of a state",
    .stablehlo = "stablehlo.rng_bit_generator",
    .kind = Kind::STRUCTURAL,
    .types = Types::UNSIGNED,
    .attributes =
        [](const Node& n) {
            return fmt::format("rng_algorithm = #stablehlo<rng_algorithm {}>",
                               ALGORITHMS[static_cast<std::size_t>(n.integer(0))]);
        },
    .expand = [](const Node& n) -> Tensors {
        const Tensor low = podium::convert(podium::slice(n.operands[0], {0}, {1}), DataType::UINT32);
        const Tensor high = podium::convert(podium::slice(n.operands[0], {1}, {2}), DataType::UINT32);
        const Key from{podium::concatenate({high, low}, 0)};
        const bool wide = size_bits(n.results[1].type) == 64;
        const Tensor bits = random_bits(from, n.results[1].dims, wide ? DataType::UINT64 : DataType::UINT32);
        return {n.operands[0] + n.results[1].count(), podium::convert(bits, n.results[1].type)};
    },
    .vjp = NOT_DIFFERENTIABLE};

}  // namespace rows

Tensor dynamic_broadcast_in_dim(const Operand& x, const Operand& shape, Dims dims, Dims dimensions) {
    expect_sizes("dynamic_broadcast_in_dim", shape, dims.size());
    const Tensor sister = broadcast_in_dim(x, dims, dimensions);  // checks
    return record({.op = rows::dynamic_broadcast_in_dim,
                   .shape = Shape(sister.type(), std::move(dims)),
                   .operands = {x.tensor(), shape.tensor()},
                   .attributes = {std::move(dimensions)},
                   .location = x.location()});
}

Tensor dynamic_iota(const Operand& shape, Dims dims, std::int64_t axis, DataType type) {
    expect_sizes("dynamic_iota", shape, dims.size());
    axis = normalize_axis("dynamic_iota", axis, static_cast<std::int64_t>(dims.size()), shape.location());
    return record({.op = rows::dynamic_iota,
                   .shape = Shape(type, std::move(dims)),
                   .operands = {shape.tensor()},
                   .attributes = {{axis}},
                   .location = shape.location()});
}

Tensor dynamic_reshape(const Operand& x, const Operand& shape, Dims dims) {
    expect_sizes("dynamic_reshape", shape, dims.size());
    const Tensor sister = reshape(x, std::move(dims));
    return record({.op = rows::dynamic_reshape,
                   .shape = Shape(sister.type(), sister.dims()),
                   .operands = {x.tensor(), shape.tensor()},
                   .location = x.location()});
}

Tensor dynamic_pad(const Operand& x, const Operand& value, const Operand& low, const Operand& high,
                   const Operand& interior, Dims dims) {
    const Tensor& tensor = x.tensor();
    for (const auto* edges : {&low, &high, &interior}) expect_sizes("dynamic_pad", *edges, tensor.dims().size());
    const Tensor filling = as_tensor(value, tensor.type());
    if (!(filling.shape() == Shape(tensor.type(), {})) || dims.size() != tensor.dims().size())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("dynamic_pad: cannot pad {} with {} to [{}]", to_string(tensor.shape()),
                            to_string(filling.shape()), join(dims)));
    return record({.op = rows::dynamic_pad,
                   .shape = Shape(tensor.type(), std::move(dims)),
                   .operands = {tensor, filling, low.tensor(), high.tensor(), interior.tensor()},
                   .location = x.location()});
}

Tensor dynamic_gather(const Operand& x, const Operand& starts, const Operand& sizes,
                      const GatherDimensions& dimensions) {
    expect_sizes("dynamic_gather", sizes, dimensions.slice_sizes.size());
    return record_dynamic(rows::dynamic_gather, gather(x, starts, dimensions),
                          {x.tensor(), starts.tensor(), sizes.tensor()}, x.location());
}

Tensor dynamic_conv(const Operand& x, const Operand& kernel, const Operand& padding,
                    const ConvolutionOptions& options) {
    const auto rank = static_cast<std::int64_t>(options.dimensions.input_spatial.size());
    if (!is_integer(padding.tensor().type()) || padding.tensor().dims() != Dims{rank, 2})
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("dynamic_conv: the padding {} is not two integers for each of {} spatial dimensions",
                            to_string(padding.tensor().shape()), rank));
    return record_dynamic(rows::dynamic_conv, convolution(x, kernel, options),
                          {x.tensor(), kernel.tensor(), padding.tensor()}, x.location());
}

Tensor get_dimension_size(const Operand& x, std::int64_t axis) {
    const Tensor& tensor = x.tensor();
    return record({.op = rows::get_dimension_size,
                   .shape = Shape(DataType::INT32, {}),
                   .operands = {tensor},
                   .attributes = {{normalize_axis("get_dimension_size", axis, tensor.rank(), x.location())}},
                   .location = x.location()});
}

Tensor rng(const Operand& a, const Operand& b, Dims dims, RngDistribution distribution) {
    const Tensor& low = a.tensor();
    const Tensor high = as_tensor(b, low.type());
    const bool normal = distribution == RngDistribution::NORMAL;
    if (!(low.shape() == Shape(low.type(), {})) || !(high.shape() == low.shape()) ||
        !takes(normal ? Types::FLOAT : Types::REAL, low.type()))
        fail_at(Code::DTYPE_MISMATCH, a.location(),
                fmt::format("rng: takes two {} scalars of one type, got {} and {}", normal ? "floating-point" : "real",
                            to_string(low.shape()), to_string(high.shape())));
    const std::vector<std::int64_t> sizes(dims.begin(), dims.end());
    const Tensor shape = constant(HostArray::of({static_cast<std::int64_t>(sizes.size())}, sizes), a.location());
    return record({.op = rows::rng,
                   .shape = Shape(low.type(), std::move(dims)),
                   .operands = {low, high, shape},
                   .attributes = {{static_cast<std::int64_t>(distribution)}},
                   .location = a.location()});
}

RngBits rng_bit_generator(const Operand& state, Dims dims, DataType type, RngAlgorithm algorithm) {
    const Tensor& words = state.tensor();
    const std::int64_t size = algorithm == RngAlgorithm::PHILOX && words.rank() == 1 && words.dim(0) == 3 ? 3 : 2;
    if (!(words.shape() == Shape(DataType::UINT64, {size})) || !is_unsigned(type))
        fail_at(
            Code::DTYPE_MISMATCH, state.location(),
            fmt::format("rng_bit_generator: takes a state u64[2] (Philox: or u64[3]) and gives unsigned integers, got "
                        "{} and {}",
                        to_string(words.shape()), name(type)));
    const Tensors both = record_all({.op = rows::rng_bit_generator,
                                     .operands = {words},
                                     .attributes = {{static_cast<std::int64_t>(algorithm)}},
                                     .location = state.location(),
                                     .results = {Shape(DataType::UINT64, {size}), Shape(type, std::move(dims))}});
    return {both[0], both[1]};
}

std::span<const Op* const> dynamic_ops() {
    static constexpr std::array ROWS{
        &rows::dynamic_broadcast_in_dim, &rows::dynamic_iota, &rows::dynamic_reshape,    &rows::dynamic_pad,
        &rows::dynamic_gather,           &rows::dynamic_conv, &rows::get_dimension_size, &rows::rng,
        &rows::rng_bit_generator};
    return ROWS;
}

}  // namespace podium
