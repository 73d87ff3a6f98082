#pragma once

#include <concepts>

#include "podium/optim/gradient_transform.h"
#include "podium/optim/schedule.h"

namespace podium::optim {

/// Returns step_size * updates.
GradientTransform scale(double step_size);
/// Returns schedule(count) * updates.
GradientTransform scale_by_schedule(Schedule schedule);
/// Returns -learning_rate * updates: the last link of an optimizer.
GradientTransform scale_by_learning_rate(const Schedule& learning_rate);
/// Returns the learning rate; throws INVALID_ARGUMENT, naming the method, where it varies.
double constant_rate(std::string_view method, const Schedule& learning_rate);

/// Which parameters a transform acts on: a predicate of the path, or of the path and the shape. For a stack of layers
/// ("h.*.norm.scale: f32[48,768]") the shape is one layer's. Without a predicate, all of them.
class Mask {
public:
    Mask() = default;
    template <class F>
        requires std::predicate<F, std::string_view, const Shape&>
    Mask(F f) : predicate_(std::move(f)) {}
    template <class F>
        requires std::predicate<F, std::string_view>
    Mask(F f) : predicate_([f = std::move(f)](std::string_view path, const Shape&) { return f(path); }) {}

    bool operator()(std::string_view path, const Shape& shape) const;

private:
    std::function<bool(std::string_view, const Shape&)> predicate_;
};
/// True for tensors of two dimensions or more: weights, but neither biases nor norms' scales.
bool is_matrix(std::string_view path, const Shape& shape);

/// Returns updates + weight_decay * parameters where the mask says so. Source: optax, add_decayed_weights.
GradientTransform add_decayed_weights(const Schedule& weight_decay, Mask mask = {});

/// Momentum: trace' = update + decay * trace; returns trace', or with Nesterov's form update + decay * trace'.
/// Source: optax, trace.
GradientTransform trace(double decay, bool nesterov = false);

}  // namespace podium::optim
