#include "podium/catalog/slices.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <ranges>
#include <utility>

#include "podium/base/error.h"

namespace podium::catalog {
namespace {

using Torus = std::array<std::int64_t, 3>;

/// Source: Google Cloud's TPU documentation, the configurations of each version, read 2026-11-22.
const std::vector<std::pair<std::string_view, std::vector<Torus>>>& published() {
    static const std::vector<Torus> lite{{1, 1, 1}, {2, 2, 1}, {2, 4, 1},  {4, 4, 1},
                                         {4, 8, 1}, {8, 8, 1}, {8, 16, 1}, {16, 16, 1}};
    static const std::vector<std::pair<std::string_view, std::vector<Torus>>> rows{
        {"v2", {{2, 2, 1}, {4, 4, 1}, {8, 8, 1}, {8, 16, 1}, {16, 16, 1}}},
        {"v3", {{2, 2, 1}, {4, 4, 1}, {4, 8, 1}, {8, 8, 1}, {8, 16, 1}, {16, 16, 1}, {16, 32, 1}, {32, 32, 1}}},
        {"v4",
         {{2, 2, 1},
          {2, 2, 2},
          {2, 2, 4},
          {2, 4, 4},
          {4, 4, 4},
          {4, 4, 8},
          {4, 8, 8},
          {8, 8, 8},
          {8, 8, 12},
          {8, 8, 16},
          {8, 16, 16}}},
        {"v5e", lite},
        {"v5p",
         {{2, 2, 1},
          {2, 2, 2},
          {2, 2, 4},
          {2, 4, 4},
          {4, 4, 4},
          {4, 4, 8},
          {4, 4, 12},
          {4, 8, 8},
          {4, 8, 12},
          {8, 8, 8},
          {8, 8, 12},
          {8, 8, 16},
          {8, 12, 16},
          {8, 16, 16},
          {12, 16, 16},
          {16, 16, 16},
          {12, 16, 24},
          {16, 16, 24}}},
        {"v6e", lite},
        {"tpu7x",
         {{2, 2, 1},
          {2, 2, 2},
          {2, 2, 4},
          {2, 4, 4},
          {4, 4, 4},
          {4, 4, 8},
          {4, 8, 8},
          {8, 8, 8},
          {8, 8, 16},
          {8, 16, 16},
          {16, 16, 16}}},
    };
    return rows;
}

std::string shape_text(const Slice& slice) {
    const auto& [x, y, z] = slice.shape;
    const bool flat = slice.chip->links == 4;
    return flat ? fmt::format("{}x{}", x, y) : fmt::format("{}x{}x{}", x, y, z);
}

std::int64_t suffix_of(const Slice& slice) {
    return slice.chip_count() * (slice.chip->suffix == SuffixCounts::CORES ? slice.chip->cores : 1);
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0 ? std::optional(number)
                                                                                  : std::nullopt;
}

/// Returns the two or three slices whose number of chips is nearest, as text.
std::string nearest_slices(const std::vector<Slice>& slices, double suffix) {
    auto sorted = slices;
    const auto distance = [&](const Slice& slice) {
        return std::abs(std::log(static_cast<double>(suffix_of(slice)) / std::max(suffix, 1.0)));
    };
    std::ranges::stable_sort(sorted, {}, distance);
    sorted.resize(std::min<std::size_t>(3, sorted.size()));
    std::ranges::sort(sorted, {}, &Slice::chip_count);
    std::vector<std::string> texts;
    texts.reserve(sorted.size());
    for (const auto& slice : sorted) texts.push_back(fmt::format("{} ({})", slice.name(), slice.topology()));
    return fmt::format("{}", fmt::join(texts, ", "));
}

[[noreturn]] void refuse(std::string_view name, const Chip& chip, double suffix) {
    const auto slices = slices_of(chip);
    std::vector<std::string> names;
    names.reserve(slices.size());
    for (const auto& slice : slices) names.push_back(slice.name());
    fail(Code::INVALID_ARGUMENT, "there is no slice \"{}\" ({}-N counts {}); the nearest are {}; {} comes as {}", name,
         chip.name, chip.suffix == SuffixCounts::CORES ? "TensorCores, two a chip" : "chips",
         nearest_slices(slices, suffix), chip.name, fmt::join(names, ", "));
}

/// Returns the chips of "2x2x4"; nothing for what is no shape.
std::optional<Torus> torus_of(std::string_view text) {
    Torus torus{1, 1, 1};
    std::size_t at = 0;
    for (const auto part : text | std::views::split('x')) {
        const auto number = number_of(std::string_view(part.begin(), part.end()));
        if (!number || at == torus.size()) return std::nullopt;
        torus[at++] = *number;
    }
    return at < 2 ? std::nullopt : std::optional(torus);
}

}  // namespace

std::string Slice::name() const { return fmt::format("{}-{}", chip->name, suffix_of(*this)); }

std::string Slice::topology() const { return fmt::format("{}:{}", chip->name, shape_text(*this)); }

std::vector<Slice> slices_of(const Chip& chip) {
    std::vector<Slice> slices;
    for (const auto& [name, shapes] : published())
        if (name == chip.name)
            for (const auto& shape : shapes) slices.push_back({&chip, shape});
    return slices;
}

Slice find_slice(std::string_view name) {
    const auto mark = name.find_first_of(":-");
    if (mark == name.npos)
        fail(Code::INVALID_ARGUMENT, "\"{}\" names no slice; give a generation and a size, v5e-16 or v5p:2x2x4", name);
    const Chip& chip = find_chip(name.substr(0, mark));
    const auto rest = name.substr(mark + 1);
    if (name[mark] == ':') {
        const auto torus = torus_of(rest);
        double asked = torus ? static_cast<double>((*torus)[0] * (*torus)[1] * (*torus)[2]) : 1;
        if (chip.suffix == SuffixCounts::CORES) asked *= chip.cores;
        for (const auto& slice : slices_of(chip))
            if (torus && slice.shape == *torus) return slice;
        refuse(name, chip, asked);
    }
    const auto suffix = number_of(rest);
    for (const auto& slice : slices_of(chip))
        if (suffix && suffix_of(slice) == *suffix) return slice;
    refuse(name, chip, suffix ? static_cast<double>(*suffix) : 1);
}

std::vector<Slice> find_slices(std::string_view list) {
    std::vector<Slice> found;
    for (const auto part : list | std::views::split(','))
        if (const std::string_view name(part.begin(), part.end()); !name.empty()) found.push_back(find_slice(name));
    if (found.empty()) fail(Code::INVALID_ARGUMENT, "no slice was named; give a list: v5e-16,v6e-8");
    return found;
}

}  // namespace podium::catalog
