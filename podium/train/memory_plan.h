#pragma once

#include "podium/train/programs.h"

namespace podium::train {

/// Returns the bytes that the step's compiled program needs on a device, state and batch with it; on all devices
/// together where they share the machine's memory.
double step_bytes(const Programs& programs);
/// Returns the bytes that a run of the config may take: `train.memory_fraction` of a device's memory, or of the
/// machine's; infinite where the device does not say.
double allowed_bytes(const TrainConfig& config);

/// The greatest batch that `train.batch: auto` takes: larger ones seldom learn more from a sample. Source: McCandlish
/// et al. 2018, arXiv:1812.06162.
inline constexpr std::int64_t MAX_AUTO_BATCH = 1024;
/// Returns the greatest batch, a power of two for each device, whose step fits. Throws OUT_OF_MEMORY where one sample a
/// device does not.
std::int64_t batch_that_fits(const TrainConfig& config);

/// Returns the config, resolved, with a number where it says `train.batch: auto`. Throws what those two throw.
TrainConfig with_settled_batch(TrainConfig config);

/// A named start for a config.
struct Preset {
    std::string_view name, what;
    TrainConfig (*config)();
};

/// Configs by size, and what the device can hold of them.
class TpuConfigManager {
public:
    static std::span<const Preset> presets();
    /// Returns the preset's config; "auto" is what `detect` finds. Throws INVALID_CONFIG for another name.
    static TrainConfig preset(std::string_view name, const std::string& device = "cpu");
    /// Returns the name of the largest preset whose step fits on the device; throws OUT_OF_MEMORY where none does.
    static std::string_view detect(const std::string& device);
    /// Throws OUT_OF_MEMORY unless the step of the config fits on its device; compiles it.
    static void expect_fits(const TrainConfig& config);
};

}  // namespace podium::train
