#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/optim/gradient_transform.h"
#include "podium/optim/own_options.h"
#include "podium/optim/plateau.h"
#include "podium/optim/schedules.h"
#include "podium/optim/state_type.h"

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
    OwnOptions options = {};
    double clip_global_norm = 0.0, clip_elements = 0.0, clip_adaptive = 0.0;
    bool centralize = false;
    std::int64_t accumulate = 1;
    std::vector<std::string> freeze = {}, only = {};
    std::vector<std::pair<std::string, std::string>> partition = {};
    std::vector<std::pair<std::string, double>> rate_factors = {};
    std::int64_t lookahead = 0;
    double lookahead_step = 0.5;
    bool mechanize = false;
    PlateauOptions plateau = {};
    StateType state_type = StateType::PARAMETER;
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
    v("options", options.options,
      "the method's own by name, as {rank: 64, every: 100} of galore; 0 and 1 for no and yes; a wrong name lists them");
    v("clip_global_norm", options.clip_global_norm, "greatest norm of all gradients together; 0 does not clip");
    v("clip_elements", options.clip_elements, "greatest magnitude of each gradient; 0 does not clip");
    v("clip_adaptive", options.clip_adaptive,
      "greatest norm of a unit's gradients, as a share of its parameters' norm; 0 does not clip");
    v("centralize", options.centralize, "take the mean over all but the first dimension from gradients");
    v("accumulate", options.accumulate, "steps whose gradients make one update");
    v("freeze", options.freeze, "patterns of parameters that stay as they are, like **.bias or wte.**");
    v("only", options.only, "patterns of parameters that are trained, all others staying; none: all are");
    v("partition", options.partition, "other methods for the parameters that a pattern matches first");
    v("rate_factors", options.rate_factors, "of the learning rate, for the parameters that a pattern matches first");
    v("lookahead", options.lookahead, "updates of the fast parameters between two of the slow ones; 0 is without");
    v("lookahead_step", options.lookahead_step, "share of the way to the fast parameters that the slow ones go");
    v("mechanize", options.mechanize,
      "learn the scale of the updates; learning_rate is then a schedule's shape, like 1");
    v("plateau", options.plateau, "");
    v("state_type", options.state_type,
      "in what moments are kept: the parameter's own type, bf16, or 8bit, codes of blocks of 2,048 elements");
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
/// Prints the row's name.
std::ostream& operator<<(std::ostream& out, const OptimizerRow& row);
/// Returns all optimizers.
std::span<const OptimizerRow> optimizers();
/// Returns the names of what the row's `like` may be.
std::vector<std::string_view> like_names(const OptimizerRow& row);
/// What an optimizer keeps of some parameters.
struct StateSize {
    int slots = 0;       ///< tensors beside single numbers and keys
    double bytes = 0.0;  ///< of all
    double bytes_per_parameter = 0.0;
};
/// Returns the state of a matrix of 1024 x 1024 f32 parameters with its moments kept in `type`; a method that has none
/// keeps what it has in the parameters' type.
StateSize state_size(const OptimizerRow& row, StateType type = StateType::PARAMETER);
/// Returns the state of parameters of these shapes.
StateSize state_size(const OptimizerRow& row, StateType type, const BasicTree<Shape>& parameters);
/// Returns the optimizer of that name; throws NOT_FOUND.
const OptimizerRow& find_optimizer(std::string_view name);

/// Returns the optimizer with its schedule, clipping, accumulation and wrappers, but for the plateau, which needs
/// losses. Throws NOT_FOUND for a name that is no row's and INVALID_ARGUMENT for numbers that make no optimizer.
GradientTransform make(const OptimizerOptions& options);

}  // namespace podium::optim
