#pragma once

#include <string_view>

#include "podium/runtime/schedule.h"

namespace podium {

/// Returns the schedule of a serialized HloModuleProtoWithConfig, in the order that its compiler gave it, else in that
/// of its text. What the proto does not tell is taken as XLA's buffer assignment does it: loops work in their operands'
/// memory, and a result that is an argument's alias is made there. Throws INVALID_DATA.
Schedule hlo_schedule(std::string_view program);

}  // namespace podium
