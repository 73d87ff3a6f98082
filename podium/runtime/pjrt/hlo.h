#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/base/shape.h"

namespace podium {

/// A compiled program's signature on one device.
struct HloInterface {
    std::vector<Shape> parameters, results;
    std::vector<std::int64_t> reused;  ///< parameters whose memory a result takes
};

/// Returns the signature of a serialized HloModuleProtoWithConfig; throws INVALID_DATA, or UNIMPLEMENTED for element
/// types that podium lacks. Source: xla/service/hlo.proto, xla/xla_data.proto.
HloInterface hlo_interface(std::string_view program);

/// Returns the program for reading, one instruction a line: `%name = f32[2,3] opcode(%operand, …)`.
std::string hlo_listing(std::string_view program);

}  // namespace podium
