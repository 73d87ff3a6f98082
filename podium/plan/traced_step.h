#pragma once

#include <string>
#include <vector>

#include "podium/base/memory_tag.h"
#include "podium/plan/layout.h"
#include "podium/train/train_config.h"

namespace podium::plan {

/// A config's whole training step as a graph: shapes and no values, so any size fits on any machine.
struct TracedStep {
    LoweredFunction step;
    std::vector<Mesh::Axis> mesh;
    StepLayout layout;
    std::vector<MemoryTag> tags;  ///< of the step's arguments that are state
    std::size_t loss = 0;         ///< its place among the results
    double flops = 0;             ///< of products, with what remat computes again; loops count as often as they run
    double model_flops = 0;       ///< three times the forward pass's
    double tokens = 0;            ///< a step; samples where the model reads images
    double state_bytes = 0;       ///< parameters, optimizer's state and one set of gradients, on one device whole
};

/// Returns the step of a config whose batch and sizes are settled, split over a mesh of those axes as training splits
/// it; the config's own device and mesh do not count. Throws INVALID_CONFIG where the axes do not fit the model.
TracedStep trace_step(train::TrainConfig config, const std::vector<Mesh::Axis>& mesh = {});

/// Returns the step's StableHLO text for TPUs; without `locations` equal steps give equal texts.
std::string step_text(const TracedStep& traced, bool locations);

}  // namespace podium::plan
