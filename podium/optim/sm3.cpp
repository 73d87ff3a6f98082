#include "podium/optim/sm3.h"

#include "podium/optim/moments.h"

namespace podium::optim {
namespace {

std::string sum_path(std::string_view path, std::int64_t axis) { return fmt::format("sums.{}.{}", path, axis); }

/// A scalar is a vector of one element.
Dims at_least_vector(const Tensor& x) { return x.rank() == 0 ? Dims{1} : x.dims(); }

/// Returns the greatest element along each axis but one; 0 where there are no elements.
Tensor greatest_along(const Tensor& squares, std::int64_t axis) {
    Dims others;
    for (std::int64_t i = 0; i < squares.rank(); ++i)
        if (i != axis) others.push_back(i);
    return others.empty() ? squares : maximum(max(squares, others), 0.0);
}

}  // namespace

/// Source: Anil et al. 2019, arXiv:1901.11150, algorithm SM3-II; optax, scale_by_sm3.
///   v  = g^2 + the least over axes of the sums there
///   u  = (1 - momentum) * g / sqrt(v + epsilon) + momentum * u before
///   sum of an axis' = the greatest v along all the others
GradientTransform scale_by_sm3(const Sm3Options& options) {
    const auto init = [](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const Dims dims = at_least_vector(parameters.leaves()[i]);
            for (std::size_t axis = 0; axis < dims.size(); ++axis)
                state.add(sum_path(parameters.path(i), static_cast<std::int64_t>(axis)),
                          zeros({dims[axis]}, parameters.leaves()[i].type()));
        }
        return state.add("first_moment", parameters.map(zeros_like)).build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree&) {
        TreeBuilder<Tensor> next;
        Tree moments = updates;
        for (std::size_t i = 0; i < updates.size(); ++i) {
            const Dims dims = at_least_vector(updates.leaves()[i]);
            const Tensor gradient = reshape(updates.leaves()[i], dims);
            const auto rank = static_cast<std::int64_t>(dims.size());
            Tensor least;
            for (std::int64_t axis = 0; axis < rank; ++axis) {
                const Tensor sums = broadcast_in_dim(state[sum_path(updates.path(i), axis)], dims, {axis});
                least = least.defined() ? minimum(least, sums) : sums;
            }
            const double share = options.beta2 == 1.0 ? 1.0 : 1.0 - options.beta2;
            const Tensor squares = share * square(gradient) + options.beta2 * least;
            const Tensor step = gradient * select(squares > 0.0, rsqrt(squares + options.epsilon), 0.0);
            moments.leaves()[i] = moved(state[join_path("first_moment", updates.path(i))], options.momentum,
                                        reshape(step, updates.leaves()[i].dims()));
            for (std::int64_t axis = 0; axis < rank; ++axis)
                next.add(sum_path(updates.path(i), axis), greatest_along(squares, axis));
        }
        return std::pair{moments, next.add("first_moment", moments).build()};
    };
    return {"scale_by_sm3", init, update};
}

GradientTransform sm3(const Schedule& learning_rate, const Sm3Options& options) {
    return named("sm3", chain(scale_by_sm3(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
