#pragma once

#include <map>

#include "podium/optim/optim.h"

namespace podium::optim::testing {

/// A transform, and how optax spells it. `f` is the element type; `matrices` maps parameters to what `is_matrix` says;
/// `linear`, `cosine` and `warmup_cosine` are optax's schedules, which run in f32 even for f64 unless the count is f64.
struct OptaxCase {
    const char* name;
    GradientTransform transform;
    const char* optax;
    /// Updates are differences whose terms cancel, and are compared as exactly as the parameters: differences of
    /// parameters, of a gradient and a decay that balance each other, or steps as long as a difference of losses
    /// (momo's terms are up to a hundred times as large as what they leave).
    bool updates_cancel = false;
    /// Of one step: where sums cancel (a single number's path may pass zero; cocob adds bets to where it began),
    /// gradients are taken again, or rounding is multiplied five times by matrices, more than 1e-6.
    double f32_tolerance = 1e-6;
};

/// How a case is compared where it is not as the others are: f64 to 1e-9 of the tensor's maximum after each of a
/// hundred steps with gradients of one's own, bf16 to one unit in the last place of the tensor's maximum after a step.
struct Exception {
    const char* reason;
    double bf16_units = 1.0;
    bool given_gradients = false;  ///< in f64 optax's gradients, where a rounding of the path grows to all of it
};

/// Returns the loss of which sam and sophia take gradients of their own: half the squared sum of 2 + sin(x) of all
/// elements.
inline Tensor sines_loss(const Tree& parameters) {
    Tensor total = zeros({}, scalar_type(parameters));
    for (const auto& leaf : parameters.leaves()) total = total + convert(sum(sin(leaf) + 2.0), total.type());
    return 0.5 * square(total);
}

/// Returns how the case is compared.
inline Exception exception_of(std::string_view name) {
    constexpr auto NORMS = "norms of bf16 tensors are added up in f32 here, in bf16 there";
    constexpr auto NUMBERS = "optax computes numbers for all of a tree in the parameters' type, bf16";
    constexpr auto CHAOS = "its steps keep their length near the minimum, where they turn at any rounding";
    constexpr auto ROUNDINGS = "rounds several times on the way";
    constexpr auto QUOTIENTS = "divides by squares of earlier gradients, which may be tiny";
    static const std::map<std::string_view, Exception> EXCEPTIONS{
        {"acprop", {QUOTIENTS, 1.0, true}},
        {"adafactor", {NORMS, 3.0}},
        {"adafactor_whole", {NORMS, 3.0}},
        {"adopt", {"optax's decay is an array, which bf16 rounds to 1", 128.0}},
        {"adopt_nesterov", {"optax's decay is an array, which bf16 rounds to 1; divides as acprop", 128.0, true}},
        {"clip", {"adds gradients: it climbs, ever steeper", 1.0, true}},
        {"clipped_adamw", {NORMS, 3.0}},
        {"dadapt_adamw", {NUMBERS, 3.0}},
        {"dowg", {NORMS, 3.0}},
        {"from_options", {NORMS, 3.0}},
        {"fromage", {CHAOS, 1.0, true}},
        {"fromage_schedule", {CHAOS, 3.0, true}},
        {"lars", {NORMS, 3.0}},
        {"madgrad_schedule", {ROUNDINGS, 3.0}},
        {"momo", {NUMBERS, 64.0}},
        {"momo_adam", {NUMBERS, 64.0}},
        {"momo_adam_bound", {NUMBERS, 64.0}},
        {"momo_bound", {NUMBERS, 64.0}},
        {"muon", {"rounding is multiplied five times by matrices", 3.0, true}},
        {"muon_rms", {"rounding is multiplied five times by matrices", 3.0, true}},
        {"noisy_sgd", {"JAX draws normal numbers of bf16 from 16 bits, podium from f32", 128.0}},
        {"novograd", {NORMS, 3.0, true}},
        {"polyak_sgd", {CHAOS, 1.0, true}},
        {"rmsprop", {CHAOS, 1.0, true}},
        {"sam", {"takes its second gradient in bf16", 32.0}},
        {"schedule_free_schedule", {ROUNDINGS, 3.0}},
        {"schedule_free_sgd", {ROUNDINGS, 3.0}},
        {"simplified_ademamix",
         {"optax writes its mean as x + b (m - x), which cancels in bf16; oscillates", 16.0, true}},
        {"sophia", {"takes products with the Hessian in bf16", 4.0}},
        {"two_traces", {"diverges in the valley", 1.0, true}},
    };
    const auto found = EXCEPTIONS.find(name);
    return found == EXCEPTIONS.end() ? Exception{""} : found->second;
}

/// Returns what optax itself has.
inline std::vector<OptaxCase> core_cases() {
    const Schedule varied = warmup_cosine({.peak = 0.1, .warmup_steps = 10, .total_steps = 80, .end = 0.01});
    return {
        {"sgd", sgd(0.1), "optax.sgd(0.1)"},
        {"sgd_momentum", sgd(0.1, {.momentum = 0.9}), "optax.sgd(0.1, 0.9)"},
        {"sgd_nesterov", sgd(linear(0.1, 0.01, 70), {.momentum = 0.9, .nesterov = true}),
         "optax.sgd(linear(0.1, 0.01, 70), 0.9, True)", false, 2e-6},
        {"adam", adam(0.01), "optax.adam(0.01)"},
        {"adam_root", adam(cosine(0.01, 60, 0.002), {.beta1 = 0.8, .epsilon = 1e-6, .epsilon_root = 1e-5}),
         "optax.adam(cosine(0.01, 60, 0.2), 0.8, eps=1e-6, eps_root=1e-5)"},
        {"adamw", adamw(0.01), "optax.adamw(0.01)"},
        {"adamw_schedule", adamw(varied, {.beta2 = 0.95, .weight_decay = 0.1, .mask = is_matrix}),
         "optax.adamw(warmup_cosine(0., 0.1, 10, 80, 0.01), b2=0.95, weight_decay=0.1, "
         "mask=matrices)"},
        {"adamw_by_path",
         adamw(0.01, {.weight_decay = 0.3, .mask = [](std::string_view path) { return path.ends_with("weight"); }}),
         "optax.adamw(0.01, weight_decay=0.3, mask=lambda tree: {k: k.endswith('weight') for k in tree})"},
        {"adabelief", adabelief(0.01), "optax.adabelief(0.01)"},
        {"adadelta", adadelta(0.5), "optax.adadelta(0.5)"},
        {"adagrad", adagrad(varied), "optax.adagrad(warmup_cosine(0., 0.1, 10, 80, 0.01))"},
        {"adamax", adamax(0.01), "optax.adamax(0.01)"},
        {"adamaxw", adamax(0.01, {.weight_decay = 0.1, .mask = is_matrix}),
         "optax.adamaxw(0.01, weight_decay=0.1, mask=matrices)"},
        {"adan", adan(0.01, {.weight_decay = 0.02}), "optax.adan(0.01, weight_decay=0.02)"},
        {"amsgrad", amsgrad(0.01), "optax.amsgrad(0.01)"},
        {"lamb", lamb(0.01, {.weight_decay = 0.1, .mask = is_matrix}),
         "optax.lamb(0.01, weight_decay=0.1, mask=matrices)"},
        {"lars", lars(0.1, {.weight_decay = 0.01}), "optax.lars(0.1, weight_decay=0.01)"},
        {"lion", lion(0.01), "optax.lion(0.01)"},
        {"nadam", nadam(0.01), "optax.nadam(0.01)"},
        {"nadamw", nadam(0.01, {.weight_decay = 0.1}), "optax.nadamw(0.01, weight_decay=0.1)"},
        {"radam", radam(0.01), "optax.radam(0.01)"},
        {"rmsprop", rmsprop(0.01), "optax.rmsprop(0.01)"},
        {"rmsprop_centered", rmsprop(0.01, {.epsilon_in_root = false, .centered = true, .momentum = 0.9}),
         "optax.rmsprop(0.01, eps_in_sqrt=False, centered=True, momentum=0.9)"},
        {"sign_sgd", sign_sgd(0.01), "optax.sign_sgd(0.01)"},
        {"yogi", yogi(0.01), "optax.yogi(0.01)"},
        {"adafactor", adafactor(varied, {.least_factored = 2}),
         "optax.adafactor(warmup_cosine(0., 0.1, 10, 80, 0.01), min_dim_size_to_factor=2)"},
        {"adafactor_whole", adafactor(0.01, {.momentum = 0.9, .weight_decay = 0.01}),
         "optax.adafactor(0.01, momentum=0.9, weight_decay_rate=0.01, dtype_momentum=f)"},
        {"fromage", fromage(0.1), "optax.fromage(0.1)"},
        {"fromage_schedule", fromage(linear(0.9, 0.5, 70)), "optax.fromage(linear(0.9, 0.5, 70))", false, 3e-6},
        {"noisy_sgd", noisy_sgd(0.1, {.seed = 3}), "optax.noisy_sgd(0.1, key=3)", false, 3e-6},
        {"novograd", novograd(0.01, {.weight_decay = 0.1}), "optax.novograd(0.01, weight_decay=0.1)", false, 3e-6},
        {"optimistic_adam", optimistic_adam(0.01), "optax.optimistic_adam_v2(0.01)"},
        {"optimistic_gradient_descent", optimistic_gradient_descent(0.1, {.alpha = 0.8, .beta = 0.5}),
         "optax.optimistic_gradient_descent(0.1, 0.8, 0.5)"},
        {"polyak_sgd", polyak_sgd(1.0), "optax.polyak_sgd()"},
        {"polyak_sgd_plus", polyak_sgd(0.5, {.lower_bound = 1.0, .epsilon = 0.1, .clip_gap = true}),
         "optax.polyak_sgd(0.5, f_min=1.0, eps=0.1, variant='sps+')"},
        {"rprop", rprop(0.01), "optax.rprop(0.01)"},
        {"signum", signum(0.01), "optax.signum(0.01)"},
        {"sm3", sm3(0.1), "optax.sm3(0.1)"},
        {"clip", clip(0.5), "optax.clip(0.5)"},
        {"clip_by_global_norm", clip_by_global_norm(1.0), "optax.clip_by_global_norm(1.0)"},
        {"clipped_adamw", chain(clip_by_global_norm(1.0), adamw(varied)),
         "optax.named_chain(('clip', optax.clip_by_global_norm(1.0)),"
         "('adamw', optax.adamw(warmup_cosine(0., 0.1, 10, 80, 0.01))))"},
        {"two_traces", chain(trace(0.9), trace(0.5), scale(-0.1)),
         "optax.named_chain(('trace', optax.trace(0.9)), ('trace_2', optax.trace(0.5)), ('scale', optax.scale(-0.1)))"},
        {"multi_steps", multi_steps(adamw(varied), 4),
         "optax.MultiSteps(optax.adamw(warmup_cosine(0., 0.1, 10, 80, 0.01)), 4, "
         "accumulator_dtype=f)"},
        {"multi_steps_polyak", multi_steps(polyak_sgd(1.0), 4),
         "optax.MultiSteps(optax.polyak_sgd(), 4, accumulator_dtype=f)"},
        {"from_options",
         make({.learning_rate = 0.05,
               .schedule = ScheduleKind::WARMUP_COSINE,
               .warmup_steps = 5,
               .total_steps = 30,
               .end_learning_rate = 0.005,
               .beta1 = 0.85,
               .beta2 = 0.97,
               .epsilon = 1e-7,
               .weight_decay = 0.2,
               .decay_vectors = false,
               .clip_global_norm = 1.5,
               .accumulate = 3}),
         "optax.MultiSteps(optax.named_chain(('clip', optax.clip_by_global_norm(1.5)), ('adamw', optax.adamw("
         "warmup_cosine(0., 0.05, 5, 30, 0.005), 0.85, 0.97, 1e-7, weight_decay=0.2, "
         "mask=matrices))), 3, accumulator_dtype=f)"},
    };
}

/// Returns what optax.contrib has.
inline std::vector<OptaxCase> contrib_cases() {
    const Schedule varied = warmup_cosine({.peak = 0.1, .warmup_steps = 10, .total_steps = 80, .end = 0.01});
    const Mask orthogonal = [](std::string_view, const Shape& shape) { return shape.rank() == 2 && shape.count() > 0; };
    return {
        {"acprop", acprop(0.01, {.weight_decay = 0.1}), "contrib.acprop(0.01, weight_decay=0.1)"},
        {"ademamix", ademamix(varied), "contrib.ademamix(warmup_cosine(0., 0.1, 10, 80, 0.01))"},
        {"ademamix_decay", ademamix(0.01, {.beta3 = 0.99, .alpha = 2.0, .weight_decay = 0.1, .mask = is_matrix}),
         "contrib.ademamix(0.01, b3=0.99, alpha=2., weight_decay=0.1, mask=matrices)"},
        {"adopt", adopt(0.01), "contrib.adopt(0.01)"},
        {"adopt_nesterov", adopt(0.01, {.nesterov = true, .clip = false}),
         "contrib.adopt(0.01, nesterov=True, use_clipping=False)"},
        {"cocob", cocob(1.0), "contrib.cocob()", true},
        {"cocob_decay", cocob(linear(1.0, 0.1, 70), {.weight_decay = 0.1}),
         "contrib.cocob(linear(1.0, 0.1, 70), weight_decay=0.1)", true, 2e-5},
        {"dadapt_adamw", dadapt_adamw(1.0, {.weight_decay = 0.1}), "contrib.dadapt_adamw(weight_decay=0.1)", true},
        {"dog", dog(1.0), "contrib.dog(weight_decay=0.)"},
        {"dowg", dowg(linear(1.0, 0.1, 70), {.weight_decay = 0.1}),
         "contrib.dowg(linear(1.0, 0.1, 70), weight_decay=0.1)", true},
        {"galore",
         galore(varied, {.rank = 2,
                         .every = 19,
                         .scale = 0.5,
                         .weight_decay = 0.1,
                         .matrices = [](std::string_view path) { return path.ends_with("attn.weight"); }}),
         "contrib.galore(warmup_cosine(0., 0.1, 10, 80, 0.01), rank=2, update_proj_gap=19, scale=0.5, "
         "weight_decay=0.1, weight_dimension_numbers=GALORE)",
         false, 2e-5},
        {"madgrad", madgrad(0.01), "contrib.madgrad(0.01)", true},
        {"madgrad_schedule", madgrad(varied, {.weight_decay = 0.1}),
         "contrib.madgrad(warmup_cosine(0., 0.1, 10, 80, 0.01), weight_decay=0.1)", true},
        {"momo", momo(1.0, {.weight_decay = 0.1}), "contrib.momo(weight_decay=0.1)", true, 1e-5},
        {"momo_bound", momo(0.1, {.lower_bound = 0.2, .adapt_lower_bound = true}),
         "contrib.momo(0.1, lower_bound=0.2, adapt_lower_bound=True)", true, 1e-5},
        {"momo_adam", momo_adam(varied), "contrib.momo_adam(warmup_cosine(0., 0.1, 10, 80, 0.01))", true, 3e-6},
        {"momo_adam_bound", momo_adam(0.01, {.lower_bound = 0.2, .adapt_lower_bound = true, .weight_decay = 0.1}),
         "contrib.momo_adam(0.01, lower_bound=0.2, adapt_lower_bound=True, weight_decay=0.1)", true},
        {"muon", muon(varied, {.weight_decay = 0.1, .matrices = orthogonal}),
         "contrib.muon(warmup_cosine(0., 0.1, 10, 80, 0.01), weight_decay=0.1, muon_weight_dimension_numbers=MUON)",
         false, 2e-5},
        {"muon_rms", muon(0.01, {.nesterov = false, .consistent_rms = 0.2, .matrices = orthogonal}),
         "contrib.muon(0.01, nesterov=False, consistent_rms=0.2, muon_weight_dimension_numbers=MUON)", false, 1e-5},
        {"prodigy", prodigy(1.0, {.weight_decay = 0.1}), "contrib.prodigy(weight_decay=0.1)"},
        {"prodigy_safeguard", prodigy(varied, {.distance_scale = 0.5, .safeguard_warmup = true}),
         "contrib.prodigy(warmup_cosine(0., 0.1, 10, 80, 0.01), estim_lr_coef=0.5, safeguard_warmup=True)"},
        {"sam", sharpness_aware(adam(0.01), 0.1),
         "contrib.sam(optax.adam(0.01), optax.chain(contrib.normalize(), optax.sgd(0.1)), opaque_mode=True)", false,
         1e-5},
        {"schedule_free_adamw", schedule_free_adamw(0.01, {.weight_decay = 0.1}),
         "contrib.schedule_free_adamw(0.01, weight_decay=0.1)", true},
        {"schedule_free_sgd", schedule_free_sgd(0.1, {.weight_decay = 0.1}),
         "contrib.schedule_free_sgd(0.1, weight_decay=0.1)", true, 2e-5},
        {"schedule_free_schedule", schedule_free(sgd(varied), varied),
         "contrib.schedule_free(optax.sgd(warmup_cosine(0., 0.1, 10, 80, 0.01)), "
         "warmup_cosine(0., 0.1, 10, 80, 0.01))",
         true},
        {"simplified_ademamix", simplified_ademamix(0.01, {.alpha = 0.5, .weight_decay = 0.1, .mask = is_matrix}),
         "contrib.simplified_ademamix(0.01, alpha=0.5, weight_decay=0.1, mask=matrices)", false, 2e-6},
        {"sophia", sophia(0.01, {.weight_decay = 0.1}), "contrib.sophia(0.01, weight_decay=0.1)", false, 5e-6},
    };
}

inline std::vector<OptaxCase> optax_cases() {
    auto all = core_cases();
    for (auto& each : contrib_cases()) all.push_back(std::move(each));
    return all;
}

}  // namespace podium::optim::testing
