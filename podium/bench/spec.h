#pragma once

#include <functional>
#include <string>

#include "podium/podium.h"

/// The work of the benchmark cases: the same shapes, hyperparameters and initial values as the peers' (NumPy)
/// definition, so that first losses agree and show that the same work is done.
namespace podium::bench::spec {

inline constexpr double LEARNING_RATE = 3e-4, WEIGHT_DECAY = 0.01, CLIP = 1.0;
inline constexpr std::int64_t BATCH = 16;
inline constexpr std::int64_t ALLREDUCE_ELEMENTS = std::int64_t{4} * 1024 * 1024;  ///< 16 MiB of f32 a device
inline constexpr std::int64_t CHECKPOINT_TENSORS = 32, CHECKPOINT_ELEMENTS = std::int64_t{1024} * 1024;  ///< of f32
inline constexpr std::int64_t ADAM_ROWS = 8192, ADAM_COLUMNS = 4096;

/// Returns uniform numbers in [-scale, scale) from an integer hash of the position and the seed.
HostArray uniform(Dims dims, double scale, std::uint64_t seed);
/// Returns integers below `modulus` from the same hash.
HostArray integers(Dims dims, std::uint32_t modulus, std::uint64_t seed);

BasicTree<HostArray> gpt_parameters();
/// Returns learnable bytes: x[t+1] = 5 x[t] + 17 mod 256, with one in eight replaced by noise.
struct Batch {
    HostArray inputs, targets;
};
Batch gpt_batch();
BasicTree<HostArray> mlp_parameters();
Batch mlp_batch();
BasicTree<HostArray> cnn_parameters();
Batch cnn_batch();

optim::GradientTransform adamw();

}  // namespace podium::bench::spec
