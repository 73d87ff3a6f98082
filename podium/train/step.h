#pragma once

#include <array>
#include <functional>
#include <optional>

#include "podium/optim/gradient_transform.h"
#include "podium/optim/plateau.h"
#include "podium/train/model.h"

namespace podium::train {

/// All that a step changes.
struct State {
    Tree parameters, optimizer;
    Key key;
    Tree extra;  ///< what the step's options ask for: "average.…", "scaling.…", "guard.…", "plateau.…"
    static constexpr std::array names{"parameters", "optimizer", "key", "extra"};
};

/// What a model reads and should say: tokens and those that follow them, i32[batch, length]; or images f32[batch,
/// height, width, channels] and what they show, i32[batch].
struct Samples {
    Tensor inputs, targets;
    static constexpr std::array names{"inputs", "targets"};
};

/// What a step does beside one update.
struct StepOptions {
    std::int64_t micro_batches = 1;  ///< pieces of the batch, one after another; their mean gradient is the batch's
    bool guard = false;              ///< a step whose loss or gradient is no number changes nothing but the key
    double spike = 0;                ///< nor does one whose loss is above so many times the mean before; 0: any loss
    bool scale_loss = false;         ///< for f16
    double average_decay = 0;        ///< of the parameters' average; 0: there is none
    bool log_norms = false;
    std::optional<optim::PlateauOptions> plateau = {};  ///< what lowers the updates when the loss stays
    std::function<Tree(const Tree&)> place_gradients;   ///< over a mesh; null leaves that to the compiler
};

/// Returns the state before the first step.
struct InitFunction {
    Model model;
    optim::GradientTransform optimizer;
    StepOptions options;
    State operator()(const Key& key) const;
};

/// A loss and its gradient.
struct Backward {
    Tensor loss;
    Tree gradient;
    static constexpr std::array names{"loss", "gradient"};
};

/// Returns the next state, and scalars: "loss" of the present one (f32, or f64), "gradient_norm" and "update_ratio"
/// (of the update's norm to the parameters') where norms are logged, "refused" (bool: the guard kept the state),
/// "loss_scale" and "skipped_steps" where the loss is scaled, "rate_scale" where there is a plateau.
struct StepFunction {
    Model model;
    optim::GradientTransform optimizer;
    StepOptions options;
    std::pair<State, Tree> operator()(const State& state, const Samples& batch) const;
    /// Its two halves, of which the first does without the optimizer's state, and the second without the batch: so not
    /// for optimizers that take gradients of their own.
    Backward backward(const Tree& parameters, const Key& key, const Tree& extra, const Samples& batch) const;
    std::pair<State, Tree> update(const State& state, const Backward& found) const;

private:
    Tensor loss(const Tree& parameters, const Samples& samples, const Key& dropout) const;
    std::pair<State, Tree> updated(const State& state, const Backward& found, const optim::StepLoss& loss) const;
};

/// How good a model is on some samples.
struct Quality {
    Tensor loss, accuracy;  ///< the share of targets that have the largest logit: f32[]
    static constexpr std::array names{"loss", "accuracy"};
};

/// Returns the quality without dropout.
struct QualityFunction {
    Model model;
    Quality operator()(const Tree& parameters, const Samples& batch) const;
};

}  // namespace podium::train
