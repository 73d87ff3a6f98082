#pragma once

#include "podium/nn/initializers.h"
#include "podium/nn/padding.h"

namespace podium::nn {

/// A convolution over as many dimensions as the window has. What is empty is 1 for each of them. Parameters: weight
/// [window…, inputs / groups, outputs], wherever the channels are, and bias [outputs].
struct Conv {
    std::int64_t inputs = 1, outputs = 1;
    Dims window = {3, 3};
    Dims strides = {};
    Padding padding = Padding::SAME;
    Dims dilations = {};      ///< distances between the elements that one window sees
    std::int64_t groups = 1;  ///< each sees its own inputs and makes its own outputs
    bool bias = true;
    Channels channels = Channels::LAST;
    Initializer weight_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    /// Throws INVALID_ARGUMENT where the groups do not divide inputs and outputs.
    Tree init(const Key& key) const;
    /// Returns [batch, …, outputs] or [batch, outputs, …]. x: the same of inputs; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

/// The same the other way: strides give so many times more elements. Padding is that of the convolution that would make
/// `x` out of the result: SAME gives size · stride elements, EDGES take elements away. Parameters: weight
/// [window…, inputs, outputs] and bias [outputs]. Source: jax.lax.conv_transpose.
struct ConvTranspose {
    std::int64_t inputs = 1, outputs = 1;
    Dims window = {3, 3};
    Dims strides = {};
    Padding padding = Padding::SAME;
    Dims dilations = {};
    bool bias = true;
    Channels channels = Channels::LAST;
    Initializer weight_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns [batch, …, outputs] or [batch, outputs, …]. x: the same of inputs; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

}  // namespace podium::nn
