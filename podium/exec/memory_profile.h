#pragma once

#include <span>
#include <string>
#include <vector>

#include "podium/base/memory_tag.h"
#include "podium/runtime/backend.h"

namespace podium {

/// One thing that lies in memory at the peak.
struct HeldBytes {
    std::string name;  ///< the compiled instruction that made it
    MemoryTag tag;
    std::int64_t bytes;
};

/// What one device's memory holds while a compiled step runs.
struct MemoryProfile {
    TaggedBytes at_peak;                ///< the compiler's total, by tag
    std::vector<TaggedBytes> timeline;  ///< during each instruction, in their order; without CODE and PADDING
    std::size_t peak = 0;               ///< the instruction that needs most
    std::string peak_instruction;
    std::vector<HeldBytes> largest;  ///< temporary things at the peak, the greatest first
    double fragmentation = 0;        ///< share of the temporary memory that nothing uses, even at the peak
};

/// Returns the profile of a training step whose arguments have these tags and whose result `loss` is the loss: what
/// the loss needs is the forward pass, what needs the optimizer's state is the update, and the rest lies between.
/// Results after the loss count as gradients. Totals are the compiler's, the order is its schedule; who shares memory
/// with whom it does not tell, so what lies there at a moment is computed by live ranges. Empty where the backend gives
/// no schedule.
MemoryProfile memory_profile(const Executable& program, std::span<const MemoryTag> arguments, std::size_t loss);

}  // namespace podium
