#include "podium/catalog/chips.h"

#include <algorithm>
#include <array>
#include <vector>

#include "podium/base/error.h"
#include "podium/base/nearest.h"

namespace podium::catalog {
namespace {

constexpr double GIB = 1024.0 * 1024 * 1024;
constexpr std::string_view GOOGLE = "Google Cloud's TPU documentation, system architecture of each version";
constexpr std::string_view READ = "2026-11-22";

constexpr SuffixCounts CORES = SuffixCounts::CORES, ONES = SuffixCounts::CHIPS;

constexpr std::array CHIPS{
    Chip{"v2", "", {"TPU v2"}, "", CORES, 2, 2, 45e12, 16 * GIB, 700e9, 4, 62e9, GOOGLE, READ},
    Chip{"v3", "", {"TPU v3"}, "", CORES, 2, 2, 123e12, 32 * GIB, 900e9, 4, 82e9, GOOGLE, READ},
    Chip{"v4", "", {"TPU v4"}, "megacore", CORES, 2, 1, 275e12, 32 * GIB, 1200e9, 6, 45e9, GOOGLE, READ},
    Chip{
        "v5e", "v5litepod", {"TPU v5 lite", "TPU v5e"}, "", ONES, 1, 1, 197e12, 16 * GIB, 819e9, 4, 45e9, GOOGLE, READ},
    Chip{"v5p", "", {"TPU v5", "TPU v5p"}, "", CORES, 2, 1, 459e12, 95 * GIB, 2765e9, 6, 90e9, GOOGLE, READ},
    Chip{"v6e", "", {"TPU v6 lite", "TPU v6e"}, "", ONES, 1, 1, 918e12, 32 * GIB, 1600e9, 4, 90e9, GOOGLE, READ},
    Chip{"tpu7x", "v7x", {"TPU7x"}, "", CORES, 2, 2, 2307e12, 192 * GIB, 7380e9, 6, 100e9, GOOGLE, READ},
};

}  // namespace

std::span<const Chip> chips() { return CHIPS; }

const Chip& find_chip(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& chip : CHIPS) {
        if (chip.name == name || (!chip.alias.empty() && chip.alias == name)) return chip;
        names.emplace_back(chip.name);
    }
    const auto near = nearest(name, names);
    fail(Code::INVALID_ARGUMENT, "there is no TPU generation \"{}\"{}; there are {}", name,
         near.empty() ? "" : fmt::format("; did you mean {}?", near), fmt::join(names, ", "));
}

}  // namespace podium::catalog
