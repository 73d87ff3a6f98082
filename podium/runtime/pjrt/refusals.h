#pragma once

#include <span>
#include <string_view>

#include "podium/runtime/device.h"

namespace podium {

/// Something that the plugins of a kind of device are known not to do: they would refuse it in their own words at best,
/// and wait for ever, or crash, at worst.
struct Refusal {
    std::string_view operation;               ///< without "stablehlo."
    std::span<const DeviceType> devices;      ///< empty: all
    std::span<const std::string_view> types;  ///< any of these element types in its signature; empty: all
    std::string_view reason, instead;
};

/// Returns all that is known.
std::span<const Refusal> refusals();

/// Throws UNIMPLEMENTED where StableHLO `text` has an operation that the plugins of `type` are known not to do, naming
/// the operation, its line, the reason and what to do instead. `name` is the program's.
void expect_possible(std::string_view text, std::string_view name, DeviceType type);

}  // namespace podium
