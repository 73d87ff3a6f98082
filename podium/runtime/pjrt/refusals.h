#pragma once

#include <string_view>

#include "podium/runtime/device.h"

namespace podium {

/// Throws UNIMPLEMENTED where StableHLO `text` has an operation that the plugins of `type` are known not to do, naming
/// the operation, its line, the reason and what to do instead: they would refuse it in their own words at best, and
/// crash, wait for ever or compute wrongly at worst. `name` is the program's.
void expect_possible(std::string_view text, std::string_view name, DeviceType type);

}  // namespace podium
