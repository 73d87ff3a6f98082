#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "podium/optim/gradient_transform.h"
#include "podium/optim/schedules.h"

namespace podium::optim {

/// Whose form of a method is meant, where libraries differ: where epsilon is added, how weights decay, whether momentum
/// holds gradients or steps.
enum class Like { OPTAX, TORCH, TENSORFLOW, ONNX };
constexpr auto enum_names(Like) {
    using Row = std::pair<Like, std::string_view>;
    return std::array{Row{Like::OPTAX, "optax"}, Row{Like::TORCH, "torch"}, Row{Like::TENSORFLOW, "tensorflow"},
                      Row{Like::ONNX, "onnx"}};
}

/// What a config says about an optimizer. Each optimizer takes what it knows and leaves the rest; numbers that are not
/// given are its own.
struct OptimizerOptions {
    std::string name = "adamw";
    Like like = Like::OPTAX;
    double learning_rate = 1e-3;
    ScheduleKind schedule = ScheduleKind::CONSTANT;
    std::int64_t warmup_steps = 0, total_steps = 0;
    double end_learning_rate = 0.0;
    CurveOptions curve = {};
    std::optional<double> beta1 = {}, beta2 = {}, beta3 = {}, decay = {}, epsilon = {}, weight_decay = {};
    bool decay_vectors = true;
    std::optional<double> momentum = {};
    std::optional<bool> nesterov = {};
    double clip_global_norm = 0.0;
    std::int64_t accumulate = 1;
};
template <class V>
void visit_fields(V& v, OptimizerOptions& options) {
    v("name", options.name, "the method; docs/reference/optimizers.md lists them");
    v("like", options.like, "whose form and defaults, where libraries differ; podium optimizers lists the choices");
    v("learning_rate", options.learning_rate,
      "the peak, where a schedule varies it; methods that find their own step sizes multiply them by it: give 1");
    v("schedule", options.schedule, "how the learning rate goes on; docs/reference/schedules.md says what each reads");
    v("warmup_steps", options.warmup_steps, "updates from curve.start to the peak, of the schedules that warm up");
    v("total_steps", options.total_steps, "updates until the end, with the warmup");
    v("end_learning_rate", options.end_learning_rate, "where schedules end");
    v("curve", options.curve, "");
    v("beta1", options.beta1, "decay of the first moment; null is the method's own, here and below");
    v("beta2", options.beta2, "decay of the second moment");
    v("beta3", options.beta3, "decay of a third moment, where there is one");
    v("decay", options.decay, "of the squares that rmsprop and adadelta keep");
    v("epsilon", options.epsilon, "added to the denominator");
    v("weight_decay", options.weight_decay, "decoupled, times the learning rate");
    v("decay_vectors", options.decay_vectors, "whether biases and norms' scales decay too");
    v("momentum", options.momentum, "of sgd, rmsprop, lars and others; 0 keeps no state");
    v("nesterov", options.nesterov, "Nesterov's form of momentum; null is the method's own");
    v("clip_global_norm", options.clip_global_norm, "greatest norm of all gradients together; 0 does not clip");
    v("accumulate", options.accumulate, "steps whose gradients make one update");
}

/// What a method needs of a step's loss.
enum class LossNeed { NOTHING, VALUE, FUNCTION };

inline constexpr std::array ONLY_OPTAX{Like::OPTAX};

/// An optimizer by name.
struct OptimizerRow {
    std::string_view name;
    std::string_view source;
    GradientTransform (*make)(const Schedule& learning_rate, const OptimizerOptions& options);
    LossNeed need = LossNeed::NOTHING;
    std::span<const Like> likes = ONLY_OPTAX;  ///< what `like` may be
};
/// Returns all optimizers.
std::span<const OptimizerRow> optimizers();
/// Returns the name that a config gives it.
std::string_view to_string(Like like);
/// What an optimizer keeps of a matrix of 1024 x 1024 f32 parameters.
struct StateSize {
    int slots = 0;                     ///< tensors beside single numbers
    double bytes_per_parameter = 0.0;  ///< with all numbers
};
StateSize state_size(const OptimizerRow& row);
/// Returns the optimizer of that name; throws NOT_FOUND.
const OptimizerRow& find_optimizer(std::string_view name);

/// Returns the optimizer with its schedule, clipping and accumulation. Throws NOT_FOUND for a name that is no row's
/// and INVALID_ARGUMENT for numbers that make no optimizer.
GradientTransform make(const OptimizerOptions& options);

}  // namespace podium::optim
