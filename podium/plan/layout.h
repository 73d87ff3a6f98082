#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podium/exec/jit.h"
#include "podium/train/layout.h"

namespace podium::plan {

/// How a training step's parameters and results are split over a mesh: Shardy's text of each, for EmitOptions.
struct StepLayout {
    std::vector<std::string> parameters, results;
};

/// Returns the split that training has. The batch goes first, then other axes, then "fsdp", so that what is split by
/// fsdp is gathered where it is used. Source: Shardy's manual on propagation priorities.
StepLayout step_layout(const LoweredFunction& step, const train::Layout& layout);

/// Returns the product of the axes' sizes.
std::int64_t device_count(const std::vector<Mesh::Axis>& axes);
/// Returns "data=4,model=2".
std::string mesh_text(const std::vector<Mesh::Axis>& axes);

}  // namespace podium::plan
