#include "podium/models/blocks.h"

#include "podium/nn/layers.h"

namespace podium::models {

Tensor linear(const Tree& parameters, std::string_view path, const Tensor& x, std::int64_t outputs) {
    const Tree own = parameters.subtree(path);
    return nn::Linear{.inputs = x.dim(-1), .outputs = outputs, .bias = own.contains("bias")}(own, x);
}

Tensor layer_norm(const Tree& parameters, std::string_view path, const Tensor& x, double epsilon) {
    return nn::LayerNorm{.width = x.dim(-1), .epsilon = epsilon}(parameters.subtree(path), x);
}

Tensor into_heads(const Tensor& x, std::int64_t heads) {
    return reshape(x, {x.dim(0), x.dim(1), heads, x.dim(2) / heads});
}

Tensor out_of_heads(const Tensor& x) { return reshape(x, {x.dim(0), x.dim(1), x.dim(2) * x.dim(3)}); }

}  // namespace podium::models
