#include "podium/optim/dog.h"

#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

Tensor squared_distance(const Tree& parameters, const Tree& start) {
    return squared_norm(zipped([](const Tensor& p, const Tensor& p0) { return p0 - p; }, parameters, start));
}

/// Returns the state of both methods: a distance, a sum over steps, and where the parameters began.
Tree distance_state(const Tensor& distance, const Tensor& sum, const Tree& start) {
    return TreeBuilder<Tensor>().add("distance", distance).add("sum", sum).add("start", start).build();
}

GradientTransform with_decay(std::string name, const GradientTransform& method, const Schedule& learning_rate,
                             double weight_decay, const Mask& mask) {
    return named(std::move(name),
                 chain(add_decayed_weights(weight_decay, mask), method, scale_by_learning_rate(learning_rate)));
}

}  // namespace

/// Source: Ivgi, Hinder and Carmon 2023, arXiv:2302.12022; optax, contrib.scale_by_dog.
///   d' = max(d, |p - p0|), s' = s + |g|^2, u = g * d' / sqrt(s' + epsilon)
GradientTransform scale_by_dog(const DogOptions& options) {
    const auto init = [=](const Tree& parameters) {
        const Tensor norm = global_norm(parameters);
        return distance_state(options.first_distance * (1.0 + norm), zeros_like(norm), parameters);
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        const Tree start = state.subtree("start");
        const Tensor distance = maximum(state["distance"], sqrt(squared_distance(parameters, start)));
        const Tensor sum = state["sum"] + squared_norm(updates);
        return std::pair{scaled(distance / sqrt(sum + options.epsilon), updates), distance_state(distance, sum, start)};
    };
    return {"scale_by_dog", init, update};
}

GradientTransform dog(const Schedule& learning_rate, const DogOptions& options) {
    return with_decay("dog", scale_by_dog(options), learning_rate, options.weight_decay, options.mask);
}

/// Source: Khaled, Mishchenko and Jin 2023, arXiv:2305.16284, algorithm 1; optax, contrib.scale_by_dowg.
///   d' = max(d, |p - p0|^2), s' = s + d' * |g|^2, u = g * d' / (sqrt(s') + epsilon)
GradientTransform scale_by_dowg(const DowgOptions& options) {
    const auto init = [=](const Tree& parameters) {
        const DataType type = scalar_type(parameters);
        return distance_state(full({}, options.epsilon, type), zeros({}, type), parameters);
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        const Tree start = state.subtree("start");
        const Tensor distance = maximum(state["distance"], squared_distance(parameters, start));
        const Tensor sum = distance * squared_norm(updates) + state["sum"];
        return std::pair{scaled(distance / (sqrt(sum) + options.epsilon), updates),
                         distance_state(distance, sum, start)};
    };
    return {"scale_by_dowg", init, update};
}

GradientTransform dowg(const Schedule& learning_rate, const DowgOptions& options) {
    return with_decay("dowg", scale_by_dowg(options), learning_rate, options.weight_decay, options.mask);
}

}  // namespace podium::optim
