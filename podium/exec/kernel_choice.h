#pragma once

#include "podium/emit/kernel.h"
#include "podium/runtime/backend.h"

namespace podium {

/// Whether programs for one CPU device are what XLA makes of them alone, or call podium's kernels: loops that update
/// parameters, and products and convolutions by oneDNN where that is there.
enum class KernelChoice {
    MEASURED,  ///< those that `keep_kernels` noted on this machine, which are faster
    XLA,       ///< none
    PODIUM,    ///< all
};

/// Returns the choice called "measured", "xla" or "podium"; throws INVALID_ARGUMENT.
KernelChoice kernel_choice_named(std::string_view name);
/// Chooses for the process; programs that exist stay as they are.
void choose_kernels(KernelChoice choice);
/// Notes for this processor and plugin, in the user's cache folder, which kernels are faster.
void keep_kernels(KernelUse faster);
/// Uses what was noted, where nothing else was chosen. Whoever makes the CPU's backend calls it.
void apply_kernel_choice(const Backend& cpu);

}  // namespace podium
