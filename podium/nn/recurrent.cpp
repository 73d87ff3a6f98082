#include "podium/nn/recurrent.h"

#include "podium/nn/layers.h"
#include "podium/transform/transform.h"

namespace podium::nn {
namespace {

Tree recurrent_parameters(const Initializer& initializer, const Key& key, std::int64_t inputs, std::int64_t width,
                          std::int64_t parts, DataType type) {
    const auto [first, second] = split(key);
    return TreeBuilder<Tensor>()
        .add("weight", initializer(first, {inputs, parts * width}, type))
        .add("recurrent_weight", initializer(second, {width, parts * width}, type))
        .add("bias", zeros({parts * width}, type))
        .build();
}

/// Returns x · weight + bias with the positions first, as a loop goes over them.
Tensor positions_first(std::string_view layer, const Tree& parameters, const Operand& x, std::int64_t inputs) {
    expect_width(layer, x, inputs);
    if (x.tensor().rank() != 3)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("{}: takes [batch,length,{}], got {}", layer, inputs, to_string(x.tensor().shape())));
    return transpose(matmul(x, parameters["weight"]) + parameters["bias"], {1, 0, 2});
}

Tensor part_of(const Tensor& x, std::int64_t part, std::int64_t width) {
    return slice_axis(x, 1, part * width, (part + 1) * width);
}

}  // namespace

Tree Lstm::init(const Key& key) const { return recurrent_parameters(weight_initializer, key, inputs, width, 4, type); }

LstmState Lstm::start(std::int64_t batch) const { return {zeros({batch, width}, type), zeros({batch, width}, type)}; }

std::pair<Tensor, LstmState> Lstm::run(const Tree& parameters, const Operand& x, const LstmState& state,
                                       bool reversed) const {
    const LocationScope scope(x.location());
    const Tensor& recurrent_weight = parameters["recurrent_weight"];
    const auto [last, hidden] = scan(
        [&](const LstmState& before, const Tensor& given) {
            const Tensor parts = given + matmul(before.hidden, recurrent_weight);
            const auto part = [&](std::int64_t i) { return part_of(parts, i, width); };
            const Tensor cell = logistic(part(1)) * before.cell + logistic(part(0)) * tanh(part(2));
            const LstmState after{logistic(part(3)) * tanh(cell), cell};
            return std::pair{after, after.hidden};
        },
        state, positions_first("lstm", parameters, x, inputs), reversed, x.location());
    return {transpose(hidden, {1, 0, 2}), last};
}

Tensor Lstm::operator()(const Tree& parameters, const Operand& x) const {
    expect_width("lstm", x, inputs);
    return run(parameters, x, start(x.tensor().dim(0))).first;
}

Tree Gru::init(const Key& key) const {
    Tree tree = recurrent_parameters(weight_initializer, key, inputs, width, 3, type);
    tree.set("recurrent_bias", zeros({width}, type));
    return tree;
}

std::pair<Tensor, Tensor> Gru::run(const Tree& parameters, const Operand& x, const Tensor& hidden,
                                   bool reversed) const {
    const LocationScope scope(x.location());
    const Tensor &recurrent_weight = parameters["recurrent_weight"], &recurrent_bias = parameters["recurrent_bias"];
    const auto [last, all] = scan(
        [&](const Tensor& before, const Tensor& given) {
            const Tensor own = matmul(before, recurrent_weight);
            const auto gate = [&](std::int64_t i) {
                return logistic(part_of(given, i, width) + part_of(own, i, width));
            };
            const Tensor update = gate(1);
            const Tensor candidate =
                tanh(part_of(given, 2, width) + gate(0) * (part_of(own, 2, width) + recurrent_bias));
            const Tensor after = (1.0 - update) * candidate + update * before;
            return std::pair{after, after};
        },
        hidden, positions_first("gru", parameters, x, inputs), reversed, x.location());
    return {transpose(all, {1, 0, 2}), last};
}

Tensor Gru::operator()(const Tree& parameters, const Operand& x) const {
    expect_width("gru", x, inputs);
    return run(parameters, x, zeros({x.tensor().dim(0), width}, type)).first;
}

}  // namespace podium::nn
