#include "podium/cli/plan_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace podium {
namespace {

constexpr double GB = 1e9;
constexpr std::size_t SHOWN_COLLECTIVES = 6, SHOWN_ALLOCATIONS = 8;
constexpr double LONG_S = 1.0;

std::string seconds_text(double seconds) {
    return seconds >= LONG_S ? fmt::format("{:.2f} s", seconds) : fmt::format("{:.1f} ms", seconds * 1e3);
}

std::string count_text(double value) {
    for (const auto& [unit, size] : {std::pair{"T", 1e12}, {"B", 1e9}, {"M", 1e6}, {"K", 1e3}})
        if (value >= size) return fmt::format("{:.3g} {}", value / size, unit);
    return fmt::format("{:.0f}", value);
}

std::string verdict(const plan::CompileAnswer& answer) {
    using Status = plan::CompileAnswer::Status;
    const auto memory = fmt::format("{:.2f} of {:.2f} GB a device", static_cast<double>(answer.peak_bytes) / GB,
                                    static_cast<double>(answer.limit_bytes) / GB);
    switch (answer.status) {
        case Status::COMPILED: return fmt::format("fits, {}", memory);
        case Status::OUT_OF_MEMORY: return fmt::format("does not fit, {}", memory);
        case Status::TIMED_OUT: return "timed out";
        case Status::REFUSED: return "refused by the compiler";
        case Status::CRASHED: break;
    }
    return "the compiler crashed";
}

void print_row(const plan::Candidate& each) {
    const auto& answer = each.answer;
    const auto memory = answer.peak_bytes > 0
                            ? fmt::format("{:.2f} / {:.2f}", static_cast<double>(answer.peak_bytes) / GB,
                                          static_cast<double>(answer.limit_bytes) / GB)
                            : "unknown";
    const auto tokens = each.tokens_per_s();
    fmt::print("{:<11}{:>6}  {:<20}{:<5}{:>16}{:>11}{:>12}{:>8}{:>12}\n", each.slice.name(), each.slice.chip_count(),
               plan::mesh_text(each.mesh), each.fits() ? "yes" : "no", memory,
               each.time ? seconds_text(each.time->total()) : "-", tokens ? count_text(*tokens) : "-",
               each.mfu ? fmt::format("{:.1f} %", 100 * *each.mfu) : "-",
               each.usd_per_step ? fmt::format("{:.4g}", *each.usd_per_step)
               : each.time       ? "unknown"
                                 : "-");
}

void print_details(const plan::Candidate& each, const plan::PlanOptions& options) {
    fmt::print("\n{} ({}), {}:\n", each.slice.name(), each.slice.topology(), plan::mesh_text(each.mesh));
    if (!each.fits()) {
        fmt::print("  {}\n", each.why_not());
        for (std::size_t i = 0; i < std::min(SHOWN_ALLOCATIONS, each.answer.largest.size()); ++i)
            fmt::print("    {}\n", each.answer.largest[i]);
        return;
    }
    fmt::print("  memory of a device, GB:");
    for (std::size_t i = 0; i < MEMORY_TAG_NAMES.size(); ++i)
        if (const auto bytes = each.answer.memory[static_cast<MemoryTag>(i)]; bytes > 0)
            fmt::print(" {} {:.2f}", MEMORY_TAG_NAMES[i], static_cast<double>(bytes) / GB);
    fmt::print("\n");
    if (each.time)
        fmt::print("  a step: products {}, memory {}, links {}; bound by {}; {} floating-point operations\n",
                   seconds_text(each.time->compute), seconds_text(each.time->memory), seconds_text(each.time->links),
                   each.time->bound(), count_text(*each.flops));
    for (std::size_t i = 0; i < std::min(SHOWN_COLLECTIVES, each.collectives.size()); ++i) {
        const auto& row = each.collectives[i];
        fmt::print("  {:<20} {:<12} {:>10.3f} GB a device {:>10}\n", row.kind, row.axis.empty() ? "-" : row.axis,
                   row.bytes / GB, seconds_text(row.seconds));
    }
    if (each.answer.traffic.unknown_loops > 0)
        fmt::print("  {} loops do not say how often they run, and count once\n", each.answer.traffic.unknown_loops);
    if (each.usd_total) fmt::print("  the whole run: {:.0f} US dollars\n", *each.usd_total);
    if (const auto price = options.prices.find(each.slice.chip->name))
        fmt::print("  price: {} US dollars a chip-hour ({}, {})\n", price->usd_per_chip_hour, price->source,
                   price->date);
    else
        fmt::print("  price of {}: unknown; give --price {}=...\n", each.slice.chip->name, each.slice.chip->name);
}

}  // namespace

PlanProgress::PlanProgress(const std::vector<catalog::Slice>& targets) {
    for (const auto& slice : targets) names_.push_back(slice.name());
}

void PlanProgress::tell(std::size_t candidate, const plan::CompileAnswer* answer) {
    if (answer == nullptr) return fmt::print(stderr, "{}: compiling\n", names_[candidate]);
    ++done_;
    const auto elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    const auto left = elapsed / static_cast<double>(done_) * static_cast<double>(names_.size() - done_);
    const auto took = answer->from_cache ? "known from before" : fmt::format("compiled in {:.1f} s", answer->seconds);
    fmt::print(stderr, "{}: {}; {}; {} of {} done{}\n", names_[candidate], verdict(*answer), took, done_, names_.size(),
               left > 0 ? fmt::format(", about {:.0f} s to go", left) : "");
}

void print_plan(const std::vector<plan::Candidate>& candidates, const plan::PlanOptions& options) {
    fmt::print("{:<11}{:>6}  {:<20}{:<5}{:>16}{:>11}{:>12}{:>8}{:>12}\n", "target", "chips", "mesh", "fits",
               "GB a device", "step", "tokens/s", "MFU", "USD a step");
    for (const auto& each : candidates) print_row(each);
    for (const auto& each : candidates) print_details(each, options);
    const plan::Efficiency share;
    fmt::print(
        "\nTimes are the longest of products, memory and links, taken to reach {:.0f}, {:.0f} and {:.0f} % of the "
        "vendor's figures.\n",
        100 * share.compute, 100 * share.memory, 100 * share.links);
}

}  // namespace podium
