#include "podium/optim/prodigy.h"

#include <cmath>

#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Mishchenko and Defazio 2023, arXiv:2306.06101, algorithm 4; optax, contrib.prodigy. d0 is first_distance.
///   l  = d * learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t)
///   m' = beta1 * m + (1 - beta1) * d * g,       v' = beta2 * v + (1 - beta2) * (d * g)^2
///   r' = beta3 * r + d / d0 * l * <g, p0 - p>,  s' = beta3 * s + l * d * g / d0
///   d' = max(d, distance_scale * r' / |s'|_1),  u = -l * m' / (sqrt(v') + d' * epsilon) - weight_decay * l * p
GradientTransform prodigy(const Schedule& learning_rate, const ProdigyOptions& options) {
    const auto init = [=](const Tree& parameters) {
        const DataType type = scalar_type(parameters);
        const Tree zero = parameters.map(zeros_like);
        return TreeBuilder<Tensor>()
            .add("first_moment", zero)
            .add("second_moment", zero)
            .add("sum", zero)
            .add("start", parameters)
            .add("distance", full({}, options.first_distance, type))
            .add("numerator", zeros({}, type))
            .add("count", zeros({}, DataType::INT32))
            .build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        const auto [beta1, beta2, first_distance] = std::array{options.beta1, options.beta2, options.first_distance};
        const double beta3 = options.beta3.value_or(std::sqrt(beta2));
        const Tensor &distance = state["distance"], &count = state["count"];
        const DataType type = distance.type();
        const Tensors lacking = corrections({beta1, beta2})(count, type);
        const Tensor rate = distance * learning_rate(count, type) * (sqrt(lacking[1]) / lacking[0]);
        const Tree start = state.subtree("start"), steps = scaled(distance, updates);
        const auto mixed = [&](double decay, const char* name, const auto& now) {
            return zipped([&](const Tensor& d, const Tensor& before) { return decay * before + now(d); }, steps,
                          state.subtree(name));
        };
        const Tree first = mixed(beta1, "first_moment", [&](const Tensor& d) { return (1.0 - options.beta1) * d; });
        const Tree second =
            mixed(beta2, "second_moment", [&](const Tensor& d) { return (1.0 - options.beta2) * d * d; });
        const Tensor weight = options.safeguard_warmup ? distance : rate;
        const Tree sum = mixed(beta3, "sum",
                               [&](const Tensor& d) { return convert(weight, d.type()) * d / options.first_distance; });
        const Tensor agreement =
            inner_product(updates, zipped([](const Tensor& p, const Tensor& p0) { return p0 - p; }, parameters, start));
        const Tensor numerator = beta3 * state["numerator"] + distance / first_distance * rate * agreement;
        const Tensor estimate = options.distance_scale * numerator / sum_of_magnitudes(sum);
        const Tensor next_distance = maximum(distance, estimate);
        const Tree changed = zipped(
            [&](const Tensor& p, const Tensor& m, const Tensor& v) {
                const Tensor by = convert(rate, p.type());
                const Tensor root = sqrt(v) + convert(next_distance, p.type()) * options.epsilon;
                return -options.weight_decay * by * p - by * m / root;
            },
            parameters, first, second);
        const Tree next = TreeBuilder<Tensor>()
                              .add("first_moment", first)
                              .add("second_moment", second)
                              .add("sum", sum)
                              .add("start", start)
                              .add("distance", next_distance)
                              .add("numerator", numerator)
                              .add("count", safe_increment(count))
                              .build();
        return std::pair{changed, next};
    };
    return {"prodigy", init, update};
}

}  // namespace podium::optim
