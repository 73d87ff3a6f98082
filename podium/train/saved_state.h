#pragma once

#include "podium/checkpoint/checkpoint.h"
#include "podium/train/programs.h"

namespace podium::train {

/// Returns the state copied to the host as a checkpoint's tensors ("parameters.…", "optimizer.…", what the state has
/// beside them) and key; waits for it. Throws NOT_FINITE, naming the tensor, where a parameter is no longer a number.
checkpoint::Snapshot snapshot_of(const State& state);

/// Returns the snapshot's parameters (their average where the run keeps one), on the devices. Throws CHECKPOINT_CORRUPT
/// where they are not the model's.
Tree parameters_of(const checkpoint::Loaded& loaded, const Programs& programs);

/// A checkpoint, its state on the devices.
struct Resumed {
    checkpoint::Loaded loaded;
    State state;
};
/// Returns the checkpoint with its state. Throws CHECKPOINT_CORRUPT where its tensors are not those of the config.
Resumed resume_state(checkpoint::Loaded loaded, const Programs& programs);

}  // namespace podium::train
