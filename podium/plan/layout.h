#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podium/exec/jit.h"
#include "podium/runtime/mesh.h"

namespace podium::plan {

/// How a training step's parameters and results are split over a mesh: Shardy's text of each, for EmitOptions.
struct StepLayout {
    std::vector<std::string> parameters, results;
};

/// Returns the split of a step by the axes' names. "data" splits the batch; "fsdp" splits the batch, and the parameters
/// with their gradients and the optimizer's state (ZeRO 3); "model" splits each block's products over their hidden
/// width, and the embedding over its vocabulary; "expert" splits experts. The batch goes first, then model and expert,
/// then fsdp, so that what is split by fsdp is gathered where it is used. Dimensions that an axis does not divide stay
/// whole. Sources: Rajbhandari et al. 2020, arXiv:1910.02054; Shoeybi et al. 2019, arXiv:1909.08053; Shardy's manual on
/// propagation priorities. Throws INVALID_CONFIG for other axes, and where the batch does not divide.
StepLayout step_layout(const LoweredFunction& step, const std::vector<Mesh::Axis>& axes);

/// Returns the product of the axes' sizes.
std::int64_t device_count(const std::vector<Mesh::Axis>& axes);
/// Returns "data=4,model=2".
std::string mesh_text(const std::vector<Mesh::Axis>& axes);

}  // namespace podium::plan
