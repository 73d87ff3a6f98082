#include "podium/optim/optimizers.h"

#include "podium/base/nearest.h"
#include "podium/optim/adamw.h"
#include "podium/optim/clipping.h"
#include "podium/optim/multi_steps.h"
#include "podium/optim/sgd.h"

namespace podium::optim {
namespace {

Mask decay_mask(const OptimizerOptions& options) { return options.decay_vectors ? Mask() : Mask(is_matrix); }

constexpr std::array ROWS{
    OptimizerRow{"sgd", "Sutskever et al. 2013; optax, sgd",
                 [](const Schedule& learning_rate, const OptimizerOptions& options) {
                     return sgd(learning_rate, {.momentum = options.momentum, .nesterov = options.nesterov});
                 }},
    OptimizerRow{"adam", "Kingma and Ba 2015, arXiv:1412.6980; optax, adam",
                 [](const Schedule& learning_rate, const OptimizerOptions& options) {
                     return adam(learning_rate,
                                 {.beta1 = options.beta1, .beta2 = options.beta2, .epsilon = options.epsilon});
                 }},
    OptimizerRow{"adamw", "Loshchilov and Hutter 2019, arXiv:1711.05101; optax, adamw",
                 [](const Schedule& learning_rate, const OptimizerOptions& options) {
                     return adamw(learning_rate, {.beta1 = options.beta1,
                                                  .beta2 = options.beta2,
                                                  .epsilon = options.epsilon,
                                                  .weight_decay = options.weight_decay,
                                                  .mask = decay_mask(options)});
                 }},
};

const OptimizerRow& find_row(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& row : ROWS) {
        if (row.name == name) return row;
        names.emplace_back(row.name);
    }
    const auto near = nearest(name, names);
    fail(Code::NOT_FOUND, "optimizer: there is no \"{}\"; there are {}{}", name, fmt::join(names, ", "),
         near.empty() ? std::string{} : fmt::format("; did you mean \"{}\"?", near));
}

}  // namespace

std::span<const OptimizerRow> optimizers() { return ROWS; }

Schedule make_schedule(const OptimizerOptions& options) {
    switch (options.schedule) {
        case ScheduleKind::CONSTANT: return options.learning_rate;
        case ScheduleKind::LINEAR: return linear(options.learning_rate, options.end_learning_rate, options.total_steps);
        case ScheduleKind::COSINE: return cosine(options.learning_rate, options.total_steps, options.end_learning_rate);
        case ScheduleKind::WARMUP_COSINE:
            return warmup_cosine({.peak = options.learning_rate,
                                  .warmup_steps = options.warmup_steps,
                                  .total_steps = options.total_steps,
                                  .end = options.end_learning_rate});
    }
    fail(Code::INVALID_ARGUMENT, "optimizer: {} is no schedule", static_cast<int>(options.schedule));
}

GradientTransform make(const OptimizerOptions& options) {
    if (options.clip_global_norm < 0.0)
        fail(Code::INVALID_ARGUMENT, "optimizer: clip_global_norm is {}; it must be above 0, or 0 for no clipping",
             options.clip_global_norm);
    std::vector<GradientTransform> parts;
    if (options.clip_global_norm > 0.0) parts.push_back(clip_by_global_norm(options.clip_global_norm));
    parts.push_back(find_row(options.name).make(make_schedule(options), options));
    GradientTransform optimizer = chain(std::move(parts));
    return options.accumulate == 1 ? optimizer : multi_steps(std::move(optimizer), options.accumulate);
}

}  // namespace podium::optim
