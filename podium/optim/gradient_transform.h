#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "podium/ir/ops.h"

/// Gradient transforms and the optimizers made of them, as optax defines them: pure functions whose state is a tree of
/// tensors that the caller holds.
namespace podium::optim {

/// What some methods need of a step beside its gradient. Source: optax, GradientTransformationExtraArgs.
struct StepLoss {
    Tensor value;                                            ///< the loss at the parameters: a scalar
    std::function<Tensor(const Tree& parameters)> function;  ///< the loss of the same samples at other parameters
};

/// Returns the updates and the next state, which has the paths, types and shapes of the one given. `updates` and
/// `parameters` have the same paths in the same order; throws SHAPE_MISMATCH. A method that needs the loss throws
/// INVALID_ARGUMENT where it is not given.
class UpdateFunction {
public:
    using Function = std::function<std::pair<Tree, Tree>(const Tree& updates, const Tree& state, const Tree& parameters,
                                                         const StepLoss& loss)>;
    template <class F>
        requires std::is_invocable_r_v<std::pair<Tree, Tree>, F, const Tree&, const Tree&, const Tree&>
    UpdateFunction(F f)
        : function_([f = std::move(f)](const Tree& updates, const Tree& state, const Tree& parameters,
                                       const StepLoss&) { return f(updates, state, parameters); }) {}
    template <class F>
        requires std::is_invocable_r_v<std::pair<Tree, Tree>, F, const Tree&, const Tree&, const Tree&, const StepLoss&>
    UpdateFunction(F f) : function_(std::move(f)) {}

    std::pair<Tree, Tree> operator()(const Tree& updates, const Tree& state, const Tree& parameters,
                                     const StepLoss& loss = {}) const {
        return function_(updates, state, parameters, loss);
    }

private:
    Function function_;
};

/// One step from gradients towards updates.
///
///     Tree state = optimizer.init(parameters);
///     const auto [updates, next] = optimizer.update(gradients, state, parameters, {.value = loss});
///     parameters = apply_updates(parameters, updates);
struct GradientTransform {
    std::string name;  ///< what a chain calls this transform's state
    /// Returns the state before the first step.
    std::function<Tree(const Tree& parameters)> init;
    UpdateFunction update;
};

/// Returns the transforms one after another. State paths begin with the transform's name ("scale_by_adam.count"), the
/// second of one name with "name_2", so that a transform without state can be put in or left out.
GradientTransform chain(std::vector<GradientTransform> parts);
template <std::same_as<GradientTransform>... Rest>
GradientTransform chain(GradientTransform first, Rest... rest) {
    return chain(std::vector<GradientTransform>{std::move(first), std::move(rest)...});
}
/// Returns the transform under another name.
GradientTransform named(std::string name, GradientTransform transform);

/// A tensor that a transform keeps for each parameter.
struct Slot {
    std::string name;
    std::function<Tensor(const Tensor& parameter)> initial;
};
/// Returns the slot; its state's paths are "name.PARAMETER".
Slot slot(std::string name, std::function<Tensor(const Tensor& parameter)> initial);

/// One parameter's part of a step.
struct Leaf {
    std::string_view path;
    Tensor update, parameter;
    Tensors slots;    ///< in the order they were declared
    Tensors scalars;  ///< what the step computed once for all leaves, in the update's type

    /// Returns the dimensions of one layer: all, but the first one of a stack of layers ("h.*.weight").
    Dims layer_axes() const;
    /// Returns the leaf with another update and other slots.
    Leaf with(Tensor new_update, Tensors new_slots = {}) const;
};
using LeafFunction = std::function<Leaf(const Leaf&)>;
/// Numbers that a step computes once from its count (i32[]: the updates before this one), in `type`.
using StepScalars = std::function<Tensors(const Tensor& count, DataType type)>;

/// Returns the transform that applies `f` to each leaf. With `scalars`, the state also holds "count": i32[].
GradientTransform per_leaf(std::string name, const std::vector<Slot>& slots, const LeafFunction& f,
                           const StepScalars& scalars = nullptr);

/// Returns count + 1, or the greatest i32 once that is reached. Source: optax, numerics.safe_increment.
Tensor safe_increment(const Tensor& count);
/// Returns the type in which numbers for all of a tree are computed: f64 where a leaf is f64, else f32.
DataType scalar_type(const Tree& tree);
/// Throws SHAPE_MISMATCH unless updates and parameters have the same paths.
void expect_same_paths(std::string_view transform, const Tree& updates, const Tree& parameters);

/// Returns parameters + updates, leaf by leaf, in the parameter's type.
Tree apply_updates(const Tree& parameters, const Tree& updates);
/// Returns the Euclidean norm of all leaves together: f32[], or f64[] where a leaf is f64.
Tensor global_norm(const Tree& tree);

}  // namespace podium::optim
