#pragma once

#include <vector>

#include "podium/nn/layers.h"
#include "podium/nn/precision.h"

namespace podium::models {

/// The sizes of a multilayer perceptron, and how it computes.
struct MlpOptions {
    std::vector<std::int64_t> widths{784, 1024, 1024, 10};  ///< inputs, hidden layers, outputs
    nn::Precision precision;
};

template <class V>
void visit_fields(V& v, MlpOptions& options) {
    v("widths", options.widths, "widths of inputs, hidden layers and outputs");
    v("precision", options.precision, "");
}

/// Linear layers with a ReLU between them. Parameters: layers.N.weight, layers.N.bias.
class Mlp {
public:
    /// Throws INVALID_ARGUMENT for fewer than two widths, or one that is not positive.
    explicit Mlp(MlpOptions options = {});

    const MlpOptions& options() const { return options_; }
    /// Returns first parameters: weights by Kaiming's normal rule, biases 0.
    Tree init(const Key& key) const;
    /// Returns f32[…, outputs] (f64 where that is computed in). x: float[…, inputs]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;

private:
    MlpOptions options_;
    std::vector<nn::Linear> layers_;
};

}  // namespace podium::models
