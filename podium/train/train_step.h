#pragma once

#include <functional>

#include "podium/exec/jit.h"
#include "podium/train/step.h"

namespace podium::train {

/// A run's compiled step: one program; or one for the gradient and one for the update, where the optimizer's state lies
/// on the host while the first of them needs the devices' memory.
class TrainStep {
public:
    /// `options` name the program, its devices, and the rules for "batch.…".
    TrainStep(const StepFunction& function, const JitOptions& options, bool offload_optimizer);

    /// Takes the memory of `state`.
    std::pair<State, Tree> operator()(State&& state, const Samples& batch) const;
    /// Returns the programs for such arguments, which need no values, compiled but not run.
    std::vector<std::shared_ptr<Executable>> compile(const State& state, const Samples& batch) const;
    /// Returns the whole step for such arguments as a graph, which no backend has seen.
    LoweredFunction lower(const State& state, const Samples& batch) const { return whole_.lower(State(state), batch); }
    bool offloads_optimizer() const { return offload_; }
    /// Returns how many programs were made.
    std::int64_t traces() const;

private:
    StepFunction function_;
    bool offload_;
    Jitted<StepFunction> whole_;
    Jitted<std::function<Backward(const Tree& parameters, const Key&, const Tree& extra, const Samples&)>> gradient_;
    Jitted<std::function<std::pair<State, Tree>(const State&, const Backward&)>> update_;
    PlacementPtr host_;
};

}  // namespace podium::train
