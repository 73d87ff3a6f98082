#pragma once

#include <optional>

#include "podium/nn/initializers.h"

/// Layers describe a computation and own no tensor: `init(key)` makes the parameters, the call takes them.
namespace podium::nn {

/// x @ weight + bias. Parameters: weight [inputs, outputs] (or what `quantize` put in its place), bias [outputs].
struct Linear {
    std::int64_t inputs = 1, outputs = 1;
    bool bias = true;
    Initializer weight_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns […, outputs]. x: […, inputs]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

/// One learned row for each index. Parameters: weight [count, width].
struct Embedding {
    std::int64_t count = 1, width = 1;
    Initializer weight_initializer = normal(1.0);
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns […, width]. indices: integers[…]; those outside are moved inside.
    Tensor operator()(const Tree& parameters, const Operand& indices) const;
};

/// (x − mean) / sqrt(variance + epsilon) · weight + bias over the last dimension, statistics in f32 at least.
/// Parameters: weight, bias [width]. Source: Ba et al. 2016, arXiv:1607.06450, equation 4.
struct LayerNorm {
    std::int64_t width = 1;
    double epsilon = 1e-5;
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns x's shape and type. x: […, width]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

/// x / sqrt(mean(x²) + epsilon) · weight over the last dimension, statistics in f32 at least. Parameters: weight
/// [width]. Source: Zhang and Sennrich 2019, arXiv:1910.07467, equation 4.
struct RmsNorm {
    std::int64_t width = 1;
    double epsilon = 1e-5;
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns x's shape and type. x: […, width]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

/// Returns `x` with each element zero with probability `rate` and the others divided by 1 − rate; `x` where there is no
/// key. Source: Srivastava et al. 2014, JMLR 15, section 4, scaled at training time.
Tensor dropout(const Operand& x, double rate, const std::optional<Key>& key);

/// `dropout` as a layer without parameters.
struct Dropout {
    double rate = 0.1;

    Tree init(const Key& key) const;
    Tensor operator()(const Tree& parameters, const Operand& x, const std::optional<Key>& key) const;
};

/// Throws SHAPE_MISMATCH, naming the layer, unless the last dimension of `x` is `width`.
void expect_width(std::string_view layer, const Operand& x, std::int64_t width);

}  // namespace podium::nn
