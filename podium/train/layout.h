#pragma once

#include "podium/mesh/strategy.h"
#include "podium/train/step.h"
#include "podium/train/train_config.h"

namespace podium::train {

/// Where a run's tensors lie on its mesh.
struct Layout {
    std::vector<Rule> rules;                           ///< by the paths of jit's arguments and results
    std::function<Tree(const Tree&)> place_gradients;  ///< null where they lie as the compiler likes
    PlacementPtr batch;                                ///< of inputs and targets

    /// Returns how "parameters.…", "optimizer.…", or what else a state has, is split.
    std::vector<std::string> axes_of(std::string_view path) const;
};

/// Returns the layout by the meaning of the mesh's axes and the config's own rules. Throws INVALID_CONFIG where an axis
/// does not divide what it splits.
Layout layout_of(const TrainConfig& config, const Mesh& mesh, const InitFunction& init);

}  // namespace podium::train
