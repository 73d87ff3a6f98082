#pragma once

#include "podium/nn/layers.h"
#include "podium/nn/located.h"

namespace podium::nn {

/// Multi-head attention in which a position sees itself and those before it. Parameters: qkv.weight [width, 3 width],
/// qkv.bias, out.weight [width, width], out.bias; a head's columns lie together, queries before keys before values.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, sections 3.2.1 to 3.2.3.
struct CausalSelfAttention {
    std::int64_t width = 1, heads = 1;
    bool bias = true;
    double dropout = 0.0;  ///< of the attention weights
    Initializer weight_initializer = xavier_uniform();
    Initializer out_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns x's shape. x: float[batch, length, width]; documents: i32[batch, length], a position sees only those
    /// that have its number. Throws SHAPE_MISMATCH. Weights are computed in f32 at least.
    Tensor operator()(const Tree& parameters, const Operand& x, const std::optional<Key>& key = {},
                      const std::optional<Tensor>& documents = {}) const;

private:
    Tensor dropped(const Tensors& parts, const Key& key, const std::optional<Tensor>& documents,
                   const Located& at) const;
    Linear qkv() const { return {width, 3 * width, bias, weight_initializer, type}; }
    Linear out() const { return {width, width, bias, out_initializer, type}; }
};

/// down(gelu(up(x))). Parameters: up.weight [width, hidden], up.bias, down.weight [hidden, width], down.bias.
/// Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 4.1.
struct Mlp {
    std::int64_t width = 1, hidden = 4;
    bool bias = true;
    Initializer weight_initializer = xavier_uniform();
    Initializer down_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns x's shape. x: […, width]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;

private:
    Linear up() const { return {width, hidden, bias, weight_initializer, type}; }
    Linear down() const { return {hidden, width, bias, down_initializer, type}; }
};

}  // namespace podium::nn
