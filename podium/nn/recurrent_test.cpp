#include "podium/nn/recurrent.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

constexpr DataType F64 = DataType::FLOAT64;

const Lstm LSTM{.inputs = 3, .width = 4, .type = F64};
const Gru GRU{.inputs = 3, .width = 4, .type = F64};

/// Returns the layer's parameters with other numbers, a state, and x: [2, 5, 3].
template <class L>
Tree sampled(const L& layer) {
    Tree tree = test::sampled(layer.init(key(0)), 1);
    int seed = 1 + static_cast<int>(tree.leaves().size());
    tree.set("hidden", test::sample({2, 4}, seed++));
    tree.set("cell", test::sample({2, 4}, seed++));
    tree.set("x", test::sample({2, 5, 3}, seed));
    return tree;
}

// jax.experimental.rnn has PyTorch's LSTM: weights transposed, two biases.
constexpr const char* JAX_LSTM =
    "(lambda rnn, t: (lambda f: jnp.concatenate([f[0], f[1][0][:, None], f[2][0][:, None]], 1))"
    "(rnn.lstm_ref(t, p['hidden'][None], p['cell'][None], {0: p['weight'].T}, {0: p['recurrent_weight'].T}, "
    "{0: p['bias']}, {0: jnp.zeros(16)}, seq_lengths=jnp.full(2, 5, jnp.int32), input_size=3, hidden_size=4, "
    "num_layers=1, "
    "dropout=0.0, bidirectional=False)))(__import__('jax.experimental.rnn', fromlist=['rnn']), p['x'])";

// PyTorch's manual, GRU.
constexpr const char* NUMPY_GRU =
    "(lambda step: jnp.stack(jax.lax.scan(step, p['hidden'], jnp.swapaxes(p['x'], 0, 1))[1], 1))"
    "(lambda h, x: (lambda a, b: (lambda r, z: (lambda n: ((1 - z) * n + z * h,) * 2)"
    "(jnp.tanh(a[:, 8:] + r * (b[:, 8:] + p['recurrent_bias']))))"
    "(jax.nn.sigmoid(a[:, :4] + b[:, :4]), jax.nn.sigmoid(a[:, 4:8] + b[:, 4:8])))"
    "(x @ p['weight'] + p['bias'], h @ p['recurrent_weight']))";

TEST(Recurrent, ValuesAndGradientsAreJaxs) {
    test::expect_as_jax({
        {"lstm", sampled(LSTM),
         [](const Tree& p) {
             const auto [all, last] = LSTM.run(p, p["x"], {p["hidden"], p["cell"]});
             const Dims row{2, 1, 4};
             return concatenate({all, reshape(last.hidden, row), reshape(last.cell, row)}, 1);
         },
         JAX_LSTM},
        {"gru", sampled(GRU), [](const Tree& p) { return GRU.run(p, p["x"], p["hidden"]).first; }, NUMPY_GRU},
    });
}

TEST(Recurrent, FromTheEndIsTheTurnedSequence) {
    const auto turned = [](const Tensor& x) { return reverse(x, {1}); };
    Tree p = sampled(LSTM);
    const auto back = LSTM.run(p, p["x"], LSTM.start(2), true).first;
    test::expect_near(back.to_host(), turned(LSTM(p, turned(p["x"]))).to_host(), 1e-12, "lstm");
    p = sampled(GRU);
    const auto zeroed = zeros({2, 4}, F64);
    test::expect_near(GRU.run(p, p["x"], zeroed, true).first.to_host(), turned(GRU(p, turned(p["x"]))).to_host(), 1e-12,
                      "gru");
}

TEST(Recurrent, SayWhichShapesTheyTake) {
    expect_error(Code::SHAPE_MISMATCH, "lstm: takes […,3], got f64[2,5,4]", [] {
        LSTM(LSTM.init(key(0)), zeros({2, 5, 4}, F64));
    });
    expect_error(Code::SHAPE_MISMATCH, "gru: takes [batch,length,3], got f64[5,3]", [] {
        GRU(GRU.init(key(0)), zeros({5, 3}, F64));
    });
}

}  // namespace
}  // namespace podium::nn
