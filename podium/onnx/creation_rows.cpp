#include <cmath>
#include <numbers>

#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// Returns the type that an attribute numbers, or `otherwise`.
DataType type_attribute(const Call& call, std::string_view name, DataType otherwise) {
    if (!call.has(name)) return otherwise;
    const auto type = data_type_numbered(call.integer(name, 1));
    if (!type) call.refuse(fmt::format("attribute {} is the number of no type of numbers", name));
    return *type;
}

Tensors constant_node(const Call& call) {
    if (call.has("value")) return {constant(call.array("value"))};
    if (call.has("sparse_value")) return {constant(call.array("sparse_value"))};
    const auto& attributes = call.node().attributes;
    if (call.has("value_float")) return {constant(HostArray::scalar(attributes.find("value_float")->second.real))};
    if (call.has("value_int")) return {constant(HostArray::scalar(call.integer("value_int", 0)))};
    if (call.has("value_ints")) {
        const Dims values = call.integers("value_ints");
        return {constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values))};
    }
    if (call.has("value_floats")) {
        const auto& values = attributes.find("value_floats")->second.reals;
        return {constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values))};
    }
    call.refuse("its value is no tensor of numbers");
}

Tensors constant_of_shape(const Call& call) {
    const Tensor one =
        call.has("value") ? constant(call.array("value")) : constant(HostArray::of<float>({1}, std::vector<float>{0}));
    if (one.shape().count() != 1) call.refuse("its value is not one element");
    return {broadcast_to(reshape(one, {}), call.integers(std::size_t{0}))};
}

Tensors eye_like(const Call& call) {
    const Tensor& x = call.in(0);
    if (x.rank() != 2) call.refuse("it takes a matrix");
    const Tensor rows = iota(x.dims(), 0), columns = iota(x.dims(), 1);
    return {convert(equal(columns - rows, call.integer("k", 0)), type_attribute(call, "dtype", x.type()))};
}

/// Returns from, from + step, … before `to`: their number is known, and all is computed as the reference computes it.
Tensors range(const Call& call) {
    const double from = call.reals(0)[0], to = call.reals(1)[0], step = call.reals(2)[0];
    if (step == 0.0) call.refuse("its step is 0");
    const double count = std::max(std::ceil((to - from) / step), 0.0);
    if (!(count < 1e9)) call.refuse(fmt::format("{} elements are too many", count));
    const Tensor& first = call.in(0);
    return {arange(static_cast<std::int64_t>(count), first.type()) * call.in(2) + first};
}

Key key_of(const Call& call) {
    const auto seed = call.node().attributes.find("seed");
    if (seed == call.node().attributes.end()) return key(static_cast<std::uint64_t>(call.import().calls));
    return key(std::bit_cast<std::uint32_t>(seed->second.real));
}

Tensor drawn_uniform(const Call& call, const Dims& dims, DataType type) {
    return convert(uniform(key_of(call), dims, call.real("low", 0.0), call.real("high", 1.0)), type);
}
Tensor drawn_normal(const Call& call, const Dims& dims, DataType type) {
    return convert(normal(key_of(call), dims) * call.real("scale", 1.0) + call.real("mean", 0.0), type);
}

template <Tensor (*DRAW)(const Call&, const Dims&, DataType)>
Tensors random(const Call& call) {
    return {DRAW(call, call.integers("shape"), type_attribute(call, "dtype", DataType::FLOAT32))};
}
template <Tensor (*DRAW)(const Call&, const Dims&, DataType)>
Tensors random_like(const Call& call) {
    return {DRAW(call, call.in(0).dims(), type_attribute(call, "dtype", call.in(0).type()))};
}

Tensors bernoulli_like(const Call& call) {
    const Tensor& x = call.in(0);
    const Tensor drawn = convert(uniform(key_of(call), x.dims()), x.type());
    return {cast(less(drawn, x), type_attribute(call, "dtype", x.type()))};
}

Tensors multinomial(const Call& call) {
    const Tensor& x = call.in(0);
    const auto samples = call.integer("sample_size", 1);
    const Tensor logits = broadcast_to(expand_dims(x, 1), {x.dim(0), samples, x.dim(1)});
    return {convert(categorical(key_of(call), logits), type_attribute(call, "dtype", DataType::INT32))};
}

/// A window of cosines: Σ (-1)^i weights[i] cos(2 π i n / size).
Tensor cosine_window(const Call& call, const std::vector<double>& weights) {
    const auto size = call.integers(std::size_t{0})[0];
    const bool periodic = call.flag("periodic", true);
    const auto type = type_attribute(call, "output_datatype", DataType::FLOAT32);
    const double period = static_cast<double>(periodic ? size : size - 1);
    std::vector<double> values;
    for (std::int64_t n = 0; n < size; ++n) {
        double value = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
            value += (i % 2 == 0 ? 1 : -1) * weights[i] *
                     std::cos(2 * std::numbers::pi * static_cast<double>(i) * static_cast<double>(n) / period);
        values.push_back(value);
    }
    return convert(constant(HostArray::of({size}, values)), type);
}

constexpr double HAMMING = 25.0 / 46.0;

constexpr NodeRow CREATION_ROWS[] = {
    {"", "Bernoulli", 1, bernoulli_like},
    {"", "BlackmanWindow", 1,
     [](const Call& call) -> Tensors {
         return {cosine_window(call, {0.42, 0.5, 0.08})};
     }},
    {"", "Constant", 1, constant_node},
    {"", "ConstantOfShape", 1, constant_of_shape},
    {"", "EyeLike", 1, eye_like},
    {"", "HammingWindow", 1,
     [](const Call& call) -> Tensors {
         return {cosine_window(call, {HAMMING, 1 - HAMMING})};
     }},
    {"", "HannWindow", 1,
     [](const Call& call) -> Tensors {
         return {cosine_window(call, {0.5, 0.5})};
     }},
    {"", "Multinomial", 1, multinomial},
    {"", "RandomNormal", 1, random<drawn_normal>},
    {"", "RandomNormalLike", 1, random_like<drawn_normal>},
    {"", "RandomUniform", 1, random<drawn_uniform>},
    {"", "RandomUniformLike", 1, random_like<drawn_uniform>},
    {"", "Range", 1, range},
};

}  // namespace

std::span<const NodeRow> creation_rows() { return CREATION_ROWS; }

}  // namespace podium::onnx
