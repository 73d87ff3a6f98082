#pragma once

#include <array>

#include "podium/exec/jit.h"
#include "podium/models/gpt.h"
#include "podium/optim/gradient_transform.h"
#include "podium/train/train_config.h"

namespace podium::train {

/// All that a step changes.
struct State {
    Tree parameters, optimizer;
    Key key;
    static constexpr std::array names{"parameters", "optimizer", "key"};
};

/// Tokens and those that follow them: i32[batch, length].
struct Tokens {
    Tensor inputs, targets;
    static constexpr std::array names{"inputs", "targets"};
};

/// Returns the state before the first step.
struct InitFunction {
    models::Gpt model;
    optim::GradientTransform optimizer;
    State operator()(const Key& key) const;
};

/// Returns the next state and the loss of the present one: f32[], or f64[].
struct StepFunction {
    models::Gpt model;
    optim::GradientTransform optimizer;
    std::pair<State, Tensor> operator()(const State& state, const Tokens& batch) const;
};

/// Returns the loss without dropout.
struct LossFunction {
    models::Gpt model;
    Tensor operator()(const Tree& parameters, const Tokens& batch) const;
};

/// A run's compiled functions on its devices: the batch is split over the mesh's axis "data", all else is replicated.
class Programs {
public:
    explicit Programs(const TrainConfig& config);
    Programs(const Programs&) = delete;
    Programs& operator=(const Programs&) = delete;

    const Mesh mesh;
    Jitted<InitFunction> init;
    Jitted<StepFunction> step;  ///< takes the memory of a state given as an rvalue
    Jitted<LossFunction> loss;

    /// Starts copying a batch to the devices that want its pieces.
    Tokens put(const data::Batch& batch) const;
    /// Starts copying a tensor to every device.
    Tensor replicate(const HostArray& array) const { return podium::put(array, whole_); }
    /// Returns the shapes of "parameters.…" and "optimizer.…", without running anything.
    BasicTree<Shape> state_shapes() const;
    /// Throws OUT_OF_MEMORY where the devices cannot even hold the state and one set of gradients.
    void expect_memory() const;

private:
    InitFunction init_function_;
    PlacementPtr whole_, split_;
};

/// Returns the mean loss over the batches, put on the devices and run without waiting in between.
double mean_loss(const Programs& programs, const Tree& parameters, std::uint64_t batches,
                 const std::function<data::Batch(std::uint64_t index)>& batch);
/// Returns the mean loss of the first `batches` (0: all) of the held-out batches; nothing where none is held out.
std::optional<double> held_out_loss(const Programs& programs, const Tree& parameters, const data::TextCorpus& corpus,
                                    std::int64_t batches);

}  // namespace podium::train
