#pragma once

#include "podium/train/programs.h"

namespace podium::train {

/// Returns the state before the first step, with the parameters of the config's pretrained checkpoint where it has one.
/// Throws INVALID_CONFIG where that is of other sizes than the config by now.
State first_state(const TrainConfig& config, const Programs& programs);

}  // namespace podium::train
