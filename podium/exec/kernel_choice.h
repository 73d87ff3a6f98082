#pragma once

#include "podium/runtime/backend.h"

namespace podium {

/// Whether optimizers' updates on one CPU device are podium's own loops or what XLA makes of them.
enum class KernelChoice {
    MEASURED,  ///< podium's where `keep_kernels` noted on this machine that they are faster, else XLA's
    XLA,
    PODIUM,
};

/// Returns the choice called "measured", "xla" or "podium"; throws INVALID_ARGUMENT.
KernelChoice kernel_choice_named(std::string_view name);
/// Chooses for the process; programs that exist stay as they are.
void choose_kernels(KernelChoice choice);
/// Notes for this processor and plugin, in the user's cache folder, whether podium's loops are faster.
void keep_kernels(bool are_faster);
/// Uses what was noted, where nothing else was chosen. Whoever makes the CPU's backend calls it.
void apply_kernel_choice(const Backend& cpu);

}  // namespace podium
