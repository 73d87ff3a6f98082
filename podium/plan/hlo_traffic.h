#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podium::plan {

/// Collectives of one kind over one group of devices.
struct HloCollective {
    std::string kind;  ///< "all-gather", "all-reduce", "reduce-scatter", "all-to-all", "collective-permute"
    std::vector<std::int64_t> group;  ///< the first group's devices, as places in the program's device assignment
    std::int64_t bytes = 0;           ///< of a device's operands; of all-gather its results'; of all executions
    std::int64_t count = 0;           ///< executions

    bool operator==(const HloCollective&) const = default;
};

/// What a compiled program moves on one device in one execution, loops counted as often as they run.
struct HloTraffic {
    double memory_bytes = 0;  ///< read and written in the device's memory by the program's instructions
    std::vector<HloCollective> collectives;
    int unknown_loops = 0;  ///< loops whose number of turns the program does not tell, counted once
};

/// Returns the traffic of a serialized HloModuleProtoWithConfig; throws INVALID_DATA. An operand of which a fusion
/// reads a slice counts as that slice.
HloTraffic hlo_traffic(std::string_view program);

}  // namespace podium::plan
