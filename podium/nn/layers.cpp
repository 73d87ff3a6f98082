#include "podium/nn/layers.h"

#include "podium/nn/located.h"
#include "podium/nn/precision.h"
#include "podium/nn/quantization.h"

namespace podium::nn {

void expect_width(std::string_view layer, const Operand& x, std::int64_t width) {
    const Shape& shape = x.tensor().shape();
    if (shape.dims.empty() || shape.dims.back() != width)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("{}: takes […,{}], got {}", layer, width, to_string(shape)));
}

Tree Linear::init(const Key& key) const {
    TreeBuilder<Tensor> tree;
    tree.add("weight", weight_initializer(key, {inputs, outputs}, type));
    if (bias) tree.add("bias", zeros({outputs}, type));
    return tree.build();
}

Tensor Linear::operator()(const Tree& parameters, const Operand& x) const {
    expect_width("linear", x, inputs);
    const Tensor product = weighted(parameters, x);
    return bias ? add(Operand(product, x.location()), parameters["bias"]) : product;
}

Tree Embedding::init(const Key& key) const {
    return TreeBuilder<Tensor>().add("weight", weight_initializer(key, {count, width}, type)).build();
}

Tensor Embedding::operator()(const Tree& parameters, const Operand& indices) const {
    return take(Operand(parameters["weight"], indices.location()), indices);
}

Tree LayerNorm::init(const Key&) const {
    return TreeBuilder<Tensor>().add("weight", ones({width}, type)).add("bias", zeros({width}, type)).build();
}

Tensor LayerNorm::operator()(const Tree& parameters, const Operand& x) const {
    expect_width("layer_norm", x, width);
    const Located at(x.location());
    const Tensor wide = at_least_f32(x);
    const Tensor centred = at(wide) - mean(at(wide), {-1}, true);
    const Tensor variance = mean(at(square(at(centred))), {-1}, true);
    const Tensor normalized = at(centred) * rsqrt(at(at(variance) + epsilon));
    const Tensor scaled = at(normalized) * at_least_f32(at(parameters["weight"]));
    return convert(at(at(scaled) + at_least_f32(at(parameters["bias"]))), x.tensor().type());
}

Tree RmsNorm::init(const Key&) const { return TreeBuilder<Tensor>().add("weight", ones({width}, type)).build(); }

Tensor RmsNorm::operator()(const Tree& parameters, const Operand& x) const {
    expect_width("rms_norm", x, width);
    const Located at(x.location());
    const Tensor wide = at_least_f32(x);
    const Tensor power = mean(at(square(at(wide))), {-1}, true);
    const Tensor normalized = at(wide) * rsqrt(at(at(power) + epsilon));
    return convert(at(at(normalized) * at_least_f32(at(parameters["weight"]))), x.tensor().type());
}

Tensor dropout(const Operand& x, double rate, const std::optional<Key>& key) {
    if (rate < 0.0 || rate >= 1.0)
        fail_at(Code::INVALID_ARGUMENT, x.location(), fmt::format("dropout: the rate is in [0, 1), got {}", rate));
    if (!key || rate == 0.0) return x.tensor();
    const Located at(x.location());
    const Tensor kept = bernoulli(*key, 1.0 - rate, x.tensor().dims());
    return select(at(kept), divide(x, 1.0 - rate), 0.0);
}

Tree Dropout::init(const Key&) const { return {}; }

Tensor Dropout::operator()(const Tree&, const Operand& x, const std::optional<Key>& key) const {
    return dropout(x, rate, key);
}

}  // namespace podium::nn
