#include "podium/ir/neural.h"

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/expansion.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"

namespace podium {
namespace {

enum : std::size_t { FEATURE_AXIS };

/// The feature dimension of a node's first operand, the others, and epsilon (kept as a literal).
struct Normalization {
    explicit Normalization(const Node& node)
        : dims(node.operands[0].dims()),
          feature(node.integer(FEATURE_AXIS)),
          others(complement({feature}, node.operands[0].rank())),
          epsilon(node.literal->as_double(0)) {}
    Tensor spread(const Tensor& per_feature) const { return broadcast_in_dim(per_feature, dims, {feature}); }

    const Dims& dims;
    std::int64_t feature;
    Dims others;
    double epsilon;
};

std::string norm_text(const Node& node) {
    return fmt::format("epsilon = {:.8e} : f32, feature_index = {} : i64",
                       static_cast<float>(node.literal->as_double(0)), node.integer(FEATURE_AXIS));
}

Tensors expand_training(const Node& node) {
    const LocationScope scope(node.location);
    const Normalization n(node);
    const Tensor &x = node.operands[0], average = mean(x, n.others);
    const Tensor centered = x - n.spread(average), variance = mean(square(centered), n.others);
    const Tensor normal = centered * n.spread(rsqrt(variance + n.epsilon));
    return {normal * n.spread(node.operands[1]) + n.spread(node.operands[2]), average, variance};
}

Tensors expand_inference(const Node& node) {
    const LocationScope scope(node.location);
    const Normalization n(node);
    const auto& in = node.operands;
    const Tensor normal = (in[0] - n.spread(in[3])) * n.spread(rsqrt(in[4] + n.epsilon));
    return {normal * n.spread(in[1]) + n.spread(in[2])};
}

/// Source: StableHLO specification, batch_norm_grad.
Tensors expand_grad(const Node& node) {
    const LocationScope scope(node.location);
    const Normalization n(node);
    const auto& in = node.operands;  // x, scale, mean, variance, cotangent
    const Tensor &x = in[0], &g = in[4], inverse = n.spread(rsqrt(in[3] + n.epsilon));
    const Tensor centered = x - n.spread(in[2]), normal = centered * inverse;
    const double count =
        static_cast<double>(x.shape().count()) / static_cast<double>(std::max<std::int64_t>(x.dim(n.feature), 1));
    const Tensor sums = n.spread(sum(g, n.others)), moments = n.spread(sum(g * normal, n.others));
    return {(g - (sums + normal * moments) / count) * n.spread(in[1]) * inverse, sum(g * normal, n.others),
            sum(g, n.others)};
}

/// Throws unless x is floating-point and the others have one number of its type a feature.
std::int64_t checked_feature_axis(std::string_view op, const Operand& x,
                                  std::initializer_list<const Operand*> per_feature, std::int64_t axis) {
    const Tensor& tensor = x.tensor();
    if (!is_float(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("{}: takes floating-point numbers, got {}", op, to_string(tensor.shape())));
    axis = normalize_axis(op, axis, tensor.rank(), x.location());
    for (const auto* other : per_feature)
        if (!(other->tensor().shape() == Shape(tensor.type(), {tensor.dim(axis)})))
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("{}: {} is not one number for each of the {} features of {}", op,
                                to_string(other->tensor().shape()), tensor.dim(axis), to_string(tensor.shape())));
    return axis;
}

Recipe norm_recipe(const Op& op, Tensors operands, double epsilon, std::int64_t axis, const Location& location) {
    return {.op = op,
            .operands = std::move(operands),
            .attributes = {{axis}},
            .location = location,
            .literal = std::make_shared<const HostArray>(
                HostArray::scalar(static_cast<float>(epsilon)))};  // (I4): f32, whatever x is
}

}  // namespace

namespace rows {

constinit const Op batch_norm_training{.name = "batch_norm_training",
                                       .spec = "StableHLO specification, batch_norm_training",
                                       .stablehlo = "stablehlo.batch_norm_training",
                                       .kind = Kind::STRUCTURAL,
                                       .types = Types::FLOAT,
                                       .attributes = norm_text,
                                       .expand = expand_training,
                                       .vjp = vjp_by_expansion};
constinit const Op batch_norm_inference{.name = "batch_norm_inference",
                                        .spec = "StableHLO specification, batch_norm_inference",
                                        .stablehlo = "stablehlo.batch_norm_inference",
                                        .kind = Kind::STRUCTURAL,
                                        .types = Types::FLOAT,
                                        .attributes = norm_text,
                                        .expand = expand_inference,
                                        .vjp = vjp_by_expansion};
constinit const Op batch_norm_grad{.name = "batch_norm_grad",
                                   .spec = "StableHLO specification, batch_norm_grad",
                                   .stablehlo = "stablehlo.batch_norm_grad",
                                   .kind = Kind::STRUCTURAL,
                                   .types = Types::FLOAT,
                                   .attributes = norm_text,
                                   .expand = expand_grad,
                                   .vjp = vjp_by_expansion};

}  // namespace rows

BatchNormTraining batch_norm_training(const Operand& x, const Operand& scale, const Operand& offset, double epsilon,
                                      std::int64_t feature_axis) {
    const auto axis = checked_feature_axis("batch_norm_training", x, {&scale, &offset}, feature_axis);
    const Tensor& tensor = x.tensor();
    Recipe recipe =
        norm_recipe(rows::batch_norm_training, {tensor, scale.tensor(), offset.tensor()}, epsilon, axis, x.location());
    const Shape per_feature(tensor.type(), {tensor.dim(axis)});
    recipe.results = {Shape(tensor.type(), tensor.dims()), per_feature, per_feature};
    const Tensors all = record_all(std::move(recipe));
    return {all[0], all[1], all[2]};
}

Tensor batch_norm_inference(const Operand& x, const Operand& scale, const Operand& offset, const Operand& mean,
                            const Operand& variance, double epsilon, std::int64_t feature_axis) {
    const auto axis =
        checked_feature_axis("batch_norm_inference", x, {&scale, &offset, &mean, &variance}, feature_axis);
    const Tensor& tensor = x.tensor();
    Recipe recipe = norm_recipe(rows::batch_norm_inference,
                                {tensor, scale.tensor(), offset.tensor(), mean.tensor(), variance.tensor()}, epsilon,
                                axis, x.location());
    recipe.shape = Shape(tensor.type(), tensor.dims());
    return record(std::move(recipe));
}

BatchNormGradients batch_norm_grad(const Operand& x, const Operand& scale, const Operand& mean, const Operand& variance,
                                   const Operand& cotangent, double epsilon, std::int64_t feature_axis) {
    const auto axis = checked_feature_axis("batch_norm_grad", x, {&scale, &mean, &variance}, feature_axis);
    const Tensor& tensor = x.tensor();
    if (!(cotangent.tensor().shape() == tensor.shape()))
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("batch_norm_grad: the cotangent {} is not like {}", to_string(cotangent.tensor().shape()),
                            to_string(tensor.shape())));
    Recipe recipe = norm_recipe(rows::batch_norm_grad,
                                {tensor, scale.tensor(), mean.tensor(), variance.tensor(), cotangent.tensor()}, epsilon,
                                axis, x.location());
    const Shape per_feature(tensor.type(), {tensor.dim(axis)});
    recipe.results = {Shape(tensor.type(), tensor.dims()), per_feature, per_feature};
    const Tensors all = record_all(std::move(recipe));
    return {all[0], all[1], all[2]};
}

std::span<const Op* const> neural_ops() {
    static constexpr std::array ROWS{&rows::batch_norm_training, &rows::batch_norm_inference, &rows::batch_norm_grad};
    return ROWS;
}

}  // namespace podium
