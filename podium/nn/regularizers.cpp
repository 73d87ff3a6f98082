#include "podium/nn/regularizers.h"

#include <cmath>

#include "podium/nn/activations.h"
#include "podium/nn/loss_terms.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

/// Returns the sum of f over all elements that are floats.
template <class F>
Tensor summed(const Tree& parameters, F f) {
    Tensor total = zeros({});
    for (const auto& leaf : parameters.leaves()) {
        if (!is_float(leaf.type())) continue;
        const Tensor part = sum(f(at_least_f32(leaf)));
        total = part.type() == total.type() ? total + part
                                            : convert(total, DataType::FLOAT64) + convert(part, DataType::FLOAT64);
    }
    return total;
}

/// Returns the weight as [inputs, outputs].
Tensor as_matrix(std::string_view what, const Operand& weight) {
    expect_floats(what, weight);
    const Shape& shape = weight.tensor().shape();
    if (shape.rank() < 2)
        fail_at(Code::SHAPE_MISMATCH, weight.location(),
                fmt::format("{}: takes a weight of […,inputs,outputs], got {}", what, to_string(shape)));
    return reshape(at_least_f32(weight), {-1, shape.dims.back()});
}

Tensor scaled_to_one(const Tensor& vector, double epsilon) {
    return vector / maximum(sqrt(sum(square(vector))), epsilon);
}

}  // namespace

Tensor l1_penalty(const Tree& parameters) {
    return summed(parameters, [](const Tensor& leaf) { return abs(leaf); });
}

Tensor l2_penalty(const Tree& parameters) {
    return summed(parameters, [](const Tensor& leaf) { return square(leaf); });
}

Tensor elastic_net(const Tree& parameters, double l1, double l2) {
    return summed(parameters, [=](const Tensor& leaf) { return l1 * abs(leaf) + l2 * square(leaf); });
}

Tensor group_lasso(const Operand& weight, std::int64_t axis) {
    const LocationScope scope(weight.location());
    expect_floats("group_lasso", weight);
    const Tensor x = at_least_f32(weight);
    const auto kept = normalize_axis("group_lasso", axis, x.rank(), weight.location());
    Dims others;
    for (std::int64_t i = 0; i < x.rank(); ++i)
        if (i != kept) others.push_back(i);
    const Tensor squares = others.empty() ? square(x) : sum(square(x), others);
    const Tensor is_zero = equal(squares, 0.0);
    const Tensor norms = select(is_zero, 0.0, sqrt(select(is_zero, 1.0, squares)));
    return std::sqrt(static_cast<double>(x.shape().count()) / static_cast<double>(x.dim(kept))) * sum(norms);
}

Tensor orthogonal_penalty(const Operand& weight) {
    const LocationScope scope(weight.location());
    const Tensor matrix = as_matrix("orthogonal_penalty", weight);
    const auto inputs = matrix.dim(0), outputs = matrix.dim(1);
    const Tensor product = outputs > inputs ? matmul(matrix, transpose(matrix)) : matmul(transpose(matrix), matrix);
    return sum(square(product - eye(std::min(inputs, outputs), matrix.type())));
}

Tensor activity_penalty(const Operand& x, double l1, double l2) {
    const LocationScope scope(x.location());
    expect_floats("activity_penalty", x);
    const Tensor wide = at_least_f32(x);
    return sum(l1 * abs(wide) + l2 * square(wide)) / static_cast<double>(wide.dim(0));
}

Tensor entropy(const Operand& logits) {
    const LocationScope scope(logits.location());
    expect_floats("entropy", logits);
    const Tensor shares = log_softmax(at_least_f32(logits));
    return -mean(sum(exp(shares) * shares, {-1}));
}

Tensor manifold_penalty(const Operand& x, const Operand& similarities) {
    const LocationScope scope(x.location());
    expect_floats("manifold_penalty", x);
    const auto batch = x.tensor().dim(0);
    if (similarities.tensor().dims() != Dims{batch, batch})
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("manifold_penalty: similarities {} are not one for each pair of the {} examples",
                            to_string(similarities.tensor().shape()), batch));
    const Tensor rows = reshape(at_least_f32(x), {batch, -1}), weight = convert(similarities, rows.type());
    const Tensor alone = sum(sum(weight, {1}) * sum(square(rows), {1}));
    const Tensor together = sum(weight * matmul(rows, transpose(rows)));
    return 2.0 * (alone - together) / static_cast<double>(batch * batch);
}

Tensor weight_standardized(const Operand& weight, double epsilon) {
    const LocationScope scope(weight.location());
    const Tensor matrix = as_matrix("weight_standardized", weight), rest = matrix - mean(matrix, {0}, true);
    const Tensor standard = rest * rsqrt(mean(square(rest), {0}, true) + epsilon);
    return convert(reshape(standard, weight.tensor().dims()), weight.tensor().type());
}

Tensor spectral_direction(const Key& key, const Operand& weight) {
    const LocationScope scope(weight.location());
    const Tensor matrix = as_matrix("spectral_direction", weight);
    return scaled_to_one(normal(key, {matrix.dim(1)}, matrix.type()), 0.0);
}

SpectralResult spectral_normalized(const Operand& weight, const Tensor& direction, std::int64_t steps, double epsilon) {
    const LocationScope scope(weight.location());
    const Tensor matrix = as_matrix("spectral_normalized", weight), fixed = stop_gradient(matrix);
    if (direction.dims() != Dims{matrix.dim(1)})
        fail_at(Code::SHAPE_MISMATCH, weight.location(),
                fmt::format("spectral_normalized: the direction is {}; give [{}], one for each output",
                            to_string(direction.shape()), matrix.dim(1)));
    Tensor right = stop_gradient(direction), left = scaled_to_one(matmul(fixed, right), epsilon);
    for (std::int64_t i = 0; i < steps; ++i) {
        right = scaled_to_one(matmul(transpose(fixed), left), epsilon);
        left = scaled_to_one(matmul(fixed, right), epsilon);
    }
    const Tensor norm = sum(left * matmul(matrix, right));
    const Tensor normalized = reshape(matrix / norm, weight.tensor().dims());
    return {convert(normalized, weight.tensor().type()), norm, right};
}

}  // namespace podium::nn
