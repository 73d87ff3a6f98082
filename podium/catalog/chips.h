#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace podium::catalog {

/// What the suffix of an accelerator's name counts: v4-32 has 32 TensorCores, v5e-16 has 16 chips.
enum class SuffixCounts { CORES, CHIPS };

/// One generation of TPUs. Figures are those of a chip, without units of 1,024 but for memory.
struct Chip {
    std::string_view name;                  ///< "v5e"
    std::string_view alias;                 ///< Google's other name of it, "v5litepod"; or empty
    std::array<std::string_view, 2> kinds;  ///< what PJRT calls its devices
    std::string_view chip_config;           ///< libtpu's name of the way in which such chips are used; empty is its own
    SuffixCounts suffix;
    int cores;              ///< TensorCores
    int devices;            ///< that programs see of a chip
    double bf16_flops;      ///< floating-point operations a second, at best
    double hbm_bytes;       ///< of memory
    double hbm_bandwidth;   ///< bytes a second
    int links;              ///< to neighbours, in the torus
    double link_bandwidth;  ///< bytes a second, of one link in one direction
    std::string_view source, date;
};

/// Returns all generations, the oldest first.
std::span<const Chip> chips();
/// Returns the generation of that name or alias; throws INVALID_ARGUMENT with the nearest name and all of them.
const Chip& find_chip(std::string_view name);

}  // namespace podium::catalog
