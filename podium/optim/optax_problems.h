#pragma once

#include <array>

#include "podium/optim/optim.h"

/// The four problems on which optimizers are compared with optax, over one tree of parameters. Each is the loss of the
/// parameters at step `t`: i32[].
namespace podium::optim::testing {

struct Problem {
    const char* name;
    Tensor (*loss)(const Tree& parameters, const Tensor& t);
};

/// Returns the sum of f(leaf as a vector, the places of its elements), in the type of the tree's numbers.
template <class F>
Tensor sum_over_leaves(const Tree& parameters, const F& f) {
    Tensor total = zeros({}, scalar_type(parameters));
    for (const auto& leaf : parameters.leaves()) {
        const Tensor flat = reshape(leaf, {leaf.shape().count()});
        total = total + convert(f(flat, arange(flat.dim(0), flat.type())), total.type());
    }
    return total;
}

/// Curvatures from 0.2 to 1.1.
inline Tensor quadratic(const Tree& parameters, const Tensor&) {
    return sum_over_leaves(parameters, [](const Tensor& x, const Tensor& i) {
        return 0.5 * sum((0.2 + 0.3 * remainder(i, 4.0)) * square(x - sin(1.7 * i + 1.0)));
    });
}

/// Rosenbrock 1960's valley through the elements of each leaf, a five hundredth as steep, so that no
/// method leaves it.
inline Tensor rosenbrock(const Tree& parameters, const Tensor&) {
    return sum_over_leaves(parameters, [](const Tensor& x, const Tensor&) {
        const std::int64_t count = x.dim(0);
        if (count < 2) return 0.002 * sum(square(1.0 - x));
        const Tensor here = slice(x, {0}, {count - 1}), next = slice(x, {1}, {count});
        return 0.2 * sum(square(next - square(here))) + 0.002 * sum(square(1.0 - here));
    });
}

/// A small network over five samples: three layers that share a matrix.
inline Tensor perceptron(const Tree& parameters, const Tensor&) {
    const Tensor& weight = parameters["h.0.attn.weight"];
    const auto type = weight.type();
    const Tensor inputs = reshape(1.5 * sin(0.9 * arange(15, type)), {5, 3});
    const Tensor targets = reshape(cos(0.7 * arange(20, type)), {5, 4});
    const auto layer = [&](std::int64_t i) {
        return squeeze(slice(parameters["h.*.mlp.weight"], {i, 0, 0}, {i + 1, 4, 3}), 0);
    };
    Tensor hidden = tanh(matmul(inputs, weight) + parameters["h.0.attn.bias"]);
    for (std::int64_t i = 0; i < 2; ++i) {
        const Tensor scale = reshape(slice(parameters["h.*.norm.scale"], {i, 0}, {i + 1, 5}), {5, 1});
        hidden = hidden * (1.0 + 0.1 * scale) + matmul(tanh(matmul(hidden, layer(i))), weight);
    }
    const Tensor kernel = reshape(transpose(parameters["kernel.weight"], {1, 0, 2}), {3, 4});
    Tensor out = matmul(tanh(matmul(hidden, layer(1))), kernel);
    if (parameters.contains("temperature")) out = out * parameters["temperature"];
    return mean(square(out - targets));
}

/// A step sees every fourth element only; the gradients of the others are zero.
inline Tensor sparse(const Tree& parameters, const Tensor& t) {
    return sum_over_leaves(parameters, [&](const Tensor& x, const Tensor& i) {
        const Tensor seen = equal(remainder(i, 4.0), convert(remainder(t, 4), x.type()));
        return 0.5 * sum(convert(seen, x.type()) * square(x - cos(1.3 * i)));
    });
}

inline constexpr std::array PROBLEMS{Problem{"quadratic", quadratic}, Problem{"rosenbrock", rosenbrock},
                                     Problem{"perceptron", perceptron}, Problem{"sparse", sparse}};

}  // namespace podium::optim::testing
