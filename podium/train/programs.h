#pragma once

#include "podium/exec/memory_profile.h"
#include "podium/train/layout.h"
#include "podium/train/train_config.h"
#include "podium/train/train_step.h"

namespace podium::train {

/// A run's compiled functions on its devices, over which the layout splits batch and state.
class Programs {
public:
    explicit Programs(const TrainConfig& config);
    Programs(const Programs&) = delete;
    Programs& operator=(const Programs&) = delete;

    const Mesh mesh;
    const Layout layout;
    Jitted<InitFunction> init;
    TrainStep step;
    Jitted<QualityFunction> quality;

    /// Starts copying a batch to the devices that want its pieces.
    Samples put(const data::Batch& batch) const;
    /// Starts copying a tensor of the state ("parameters.…", "optimizer.…", …) to the devices that want its pieces.
    Tensor place(std::string_view path, const HostArray& array) const;
    /// Starts copying a tensor to every device.
    Tensor replicate(const HostArray& array) const { return podium::put(array, whole_); }
    /// Returns the shapes of "parameters.…", "optimizer.…" and what else the state has, without running anything.
    BasicTree<Shape> state_shapes() const;
    /// Returns the step's programs, compiled for such batches but not run.
    std::vector<std::shared_ptr<Executable>> compile_step() const;
    /// Returns the whole step as a graph: no backend is asked, so its devices need not be here.
    LoweredFunction lowered_step() const;
    /// Returns what a device's memory holds while that step runs, the program that needs more where there are two;
    /// empty where the backend does not tell.
    MemoryProfile step_memory() const;
    /// Returns the bytes of the state that lies on the host between steps.
    std::int64_t host_bytes() const;
    /// Returns the floating-point operations of a step: three times those of the forward pass's matrix products,
    /// without what is computed again. Source: Chowdhery et al. 2022, arXiv:2204.02311, appendix B (model FLOPs).
    double step_flops() const;
    /// Throws OUT_OF_MEMORY where the devices cannot even hold the state and one set of gradients.
    void expect_memory() const;

private:
    InitFunction init_function_;
    std::pair<Shape, Shape> batch_shapes_;
    double least_weight_bytes_;
    PlacementPtr whole_;
};

/// Returns the parameters that a model is judged by: their average where there is one.
Tree judged_parameters(const State& state);
/// A model's quality over many batches.
struct MeanQuality {
    double loss = 0, accuracy = 0;
};
/// Returns the mean over the batches, put on the devices and run without waiting in between.
MeanQuality mean_quality(const Programs& programs, const Tree& parameters, std::uint64_t batches,
                         const std::function<data::Batch(std::uint64_t index)>& batch);
/// Returns the mean over the first `batches` (0: all) of the held-out batches; nothing where none is held out.
std::optional<MeanQuality> held_out_quality(const Programs& programs, const Tree& parameters,
                                            const data::Corpus& corpus, std::int64_t batches);

}  // namespace podium::train
