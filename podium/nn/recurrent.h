#pragma once

#include "podium/nn/initializers.h"

/// Layers that go over a sequence with a state. Each is one loop, whatever the length.
namespace podium::nn {

/// What an LSTM hands from one position to the next: float[batch, width] each.
struct LstmState {
    Tensor hidden, cell;
    static constexpr std::array names{"hidden", "cell"};
};

/// For each position, with i, f, g, o the four parts of x · weight + h · recurrent_weight + bias:
///   c' = sigmoid(f) c + sigmoid(i) tanh(g),  h' = sigmoid(o) tanh(c').
/// Parameters: weight [inputs, 4 width], recurrent_weight [width, 4 width], bias [4 width]; the parts in that order.
/// Source: Hochreiter and Schmidhuber 1997 with Gers et al. 2000; PyTorch, LSTM.
struct Lstm {
    std::int64_t inputs = 1, width = 1;
    Initializer weight_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns the state of zeros that sequences begin with.
    LstmState start(std::int64_t batch) const;
    /// Returns {h of every position, [batch, length, width]; the state after the last}. x: [batch, length, inputs],
    /// from its end where reversed; throws SHAPE_MISMATCH.
    std::pair<Tensor, LstmState> run(const Tree& parameters, const Operand& x, const LstmState& state,
                                     bool reversed = false) const;
    /// Returns h of every position, from a state of zeros.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

/// For each position, with r, z, n the three parts of x · weight + bias, and of h · recurrent_weight:
///   r' = sigmoid(r + r_h),  z' = sigmoid(z + z_h),  n' = tanh(n + r' (n_h + recurrent_bias)),  h' = (1 − z') n' + z'
///   h.
/// Parameters: weight [inputs, 3 width], recurrent_weight [width, 3 width], bias [3 width], recurrent_bias [width].
/// Source: Cho et al. 2014, arXiv:1406.1078; PyTorch, GRU.
struct Gru {
    std::int64_t inputs = 1, width = 1;
    Initializer weight_initializer = xavier_uniform();
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns {h of every position, [batch, length, width]; h after the last}. x: [batch, length, inputs], from its
    /// end where reversed; hidden: [batch, width]. Throws SHAPE_MISMATCH.
    std::pair<Tensor, Tensor> run(const Tree& parameters, const Operand& x, const Tensor& hidden,
                                  bool reversed = false) const;
    /// Returns h of every position, from zeros.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

}  // namespace podium::nn
