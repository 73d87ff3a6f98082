#include "podium/ir/creation.h"

#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"

namespace podium {
namespace rows {

constinit const Op parameter{.name = "parameter",
                             .spec = "StableHLO specification, function inputs",
                             .kind = Kind::PARAMETER,
                             .types = Types::ANY};
constinit const Op constant{.name = "constant",
                            .spec = "StableHLO specification, constant",
                            .stablehlo = "stablehlo.constant",
                            .kind = Kind::CONSTANT,
                            .types = Types::ANY,
                            .vjp = "a constant depends on nothing"};
constinit const Op evaluated{
    .name = "evaluated", .spec = "podium: bytes on a device", .kind = Kind::EVALUATED, .types = Types::ANY};
constinit const Op result{.name = "result",
                          .spec = "podium: one result of an op that has several",
                          .kind = Kind::RESULT,
                          .types = Types::ANY};
constinit const Op iota{
    .name = "iota",
    .spec = "StableHLO specification, iota",
    .stablehlo = "stablehlo.iota",
    .kind = Kind::STRUCTURAL,
    .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
        HostArray array(e.node.shape);
        const auto axis = static_cast<std::size_t>(e.node.integer(0));
        std::int64_t position = 0;
        for_each_index(e.node.shape.dims, [&](const Dims& index) { store(array, position++, index[axis]); });
        return {array};
    },
    .attributes = [](const Node& node) { return integer_attribute("iota_dimension", node.integer(0)); },
    .vjp = "an iota depends on nothing"};

}  // namespace rows

Tensor constant(const HostArray& array, Location location) {
    return record({.op = rows::constant,
                   .shape = array.shape(),
                   .operands = {},
                   .location = location,
                   .literal = std::make_shared<const HostArray>(array)});
}

Tensor full(Dims dims, const Operand& value, DataType type) {
    return broadcast_to(scalar_of(type, value), std::move(dims), value.location());
}
Tensor zeros(Dims dims, DataType type, Location location) {
    return broadcast_to(scalar_of(type, 0), std::move(dims), location);
}
Tensor ones(Dims dims, DataType type, Location location) {
    return broadcast_to(scalar_of(type, 1), std::move(dims), location);
}
Tensor zeros_like(const Operand& x) { return zeros(x.tensor().dims(), x.tensor().type(), x.location()); }
Tensor ones_like(const Operand& x) { return ones(x.tensor().dims(), x.tensor().type(), x.location()); }

Tensor iota(Dims dims, std::int64_t axis, DataType type, Location location) {
    axis = normalize_axis("iota", axis, static_cast<std::int64_t>(dims.size()), location);
    if (type == DataType::BOOL) fail_at(Code::DTYPE_MISMATCH, location, "iota: takes numbers, got bool");
    return record({.op = rows::iota,
                   .shape = Shape(type, std::move(dims)),
                   .operands = {},
                   .attributes = {{axis}},
                   .location = location});
}

Tensor arange(std::int64_t count, DataType type, Location location) { return iota({count}, 0, type, location); }

Tensor eye(std::int64_t size, DataType type, Location location) {
    const LocationScope scope(location);
    return convert(
        equal(iota({size, size}, 0, DataType::INT32, location), iota({size, size}, 1, DataType::INT32, location)),
        type);
}

std::span<const Op* const> creation_ops() {
    static constexpr std::array ROWS{&rows::parameter, &rows::constant, &rows::evaluated, &rows::result, &rows::iota};
    return ROWS;
}

}  // namespace podium
