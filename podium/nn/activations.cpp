#include "podium/nn/activations.h"

#include <cmath>
#include <numbers>

#include "podium/nn/located.h"

namespace podium::nn {

// Not max(x, 0): the comparison is false for NaN, which therefore goes through.
Tensor relu(const Operand& x) { return select(Operand(less_equal(x, 0.0), x.location()), 0.0, x); }

Tensor gelu(const Operand& x) {
    const Located at(x.location());
    const Tensor cube = at(multiply(x, x)) * x;
    const Tensor inner = at(add(x, at(cube) * 0.044715)) * std::sqrt(2.0 / std::numbers::pi);
    return multiply(x, at(at(tanh(at(inner))) + 1.0) * 0.5);
}

Tensor silu(const Operand& x) { return multiply(x, logistic(x)); }

Tensor softmax(const Operand& x, std::int64_t axis) {
    const Located at(x.location());
    const Tensor largest = stop_gradient(at(max(x, {axis}, true)));
    const Tensor powers = exp(at(subtract(x, largest)));
    return at(powers) / sum(at(powers), {axis}, true);
}

Tensor log_softmax(const Operand& x, std::int64_t axis) {
    const Located at(x.location());
    const Tensor shifted = subtract(x, stop_gradient(at(max(x, {axis}, true))));
    const Tensor total = sum(at(exp(at(shifted))), {axis}, true);
    return at(shifted) - log(at(total));
}

}  // namespace podium::nn
