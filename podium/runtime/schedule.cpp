#include "podium/runtime/schedule.h"

#include <algorithm>

namespace podium {
namespace {

using Ranges = std::vector<LiveRange>;

void extend(LiveRange& range, std::size_t at) {
    if (!range.is_live) range = {at, at, true};
    range.last = std::max(range.last, at);
}

/// Lets operands end one instruction earlier where a result takes their memory.
void overwrite(const Schedule& schedule, const std::vector<bool>& stays, Ranges& ranges) {
    for (std::size_t i = 1; i < schedule.instructions.size(); ++i) {
        const auto& instruction = schedule.instructions[i];
        if (!instruction.may_overwrite) continue;
        for (const auto made : instruction.buffers) {
            const auto bytes = schedule.buffers[made].bytes;
            const auto is_free = [&](std::size_t held) {
                const auto& range = ranges[held];
                return !stays[held] && held != made && bytes > 0 && schedule.buffers[held].bytes == bytes &&
                       range.is_live && range.first < i && range.last == i;
            };
            const auto take = [&] {
                for (const auto operand : instruction.operands)
                    for (const auto held : schedule.instructions[operand].buffers)
                        if (is_free(held)) return void(--ranges[held].last);
            };
            take();
        }
    }
}

}  // namespace

Ranges live_ranges(const Schedule& schedule) {
    Ranges ranges(schedule.buffers.size());
    if (schedule.empty()) return ranges;
    for (std::size_t i = 0; i < schedule.instructions.size(); ++i) {
        const auto& instruction = schedule.instructions[i];
        for (const auto made : instruction.buffers) extend(ranges[made], i);
        if (instruction.makes_nothing) continue;
        for (const auto operand : instruction.operands)
            for (const auto held : schedule.instructions[operand].buffers) extend(ranges[held], i);
    }
    std::vector<bool> stays(schedule.buffers.size());
    for (const auto result : schedule.results) stays[result] = true;
    for (std::size_t buffer = 0; buffer < ranges.size(); ++buffer) {
        stays[buffer] = stays[buffer] || schedule.buffers[buffer].argument >= 0;
        if (stays[buffer]) ranges[buffer] = {0, schedule.instructions.size() - 1, true};
    }
    overwrite(schedule, stays, ranges);
    return ranges;
}

std::int64_t temporary_peak_bytes(const Schedule& schedule) {
    const auto ranges = live_ranges(schedule);
    std::vector<std::int64_t> change(schedule.instructions.size() + 1);
    for (std::size_t buffer = 0; buffer < ranges.size(); ++buffer) {
        const bool is_result = std::ranges::find(schedule.results, buffer) != schedule.results.end();
        if (!ranges[buffer].is_live || is_result || schedule.buffers[buffer].argument >= 0) continue;
        change[ranges[buffer].first] += schedule.buffers[buffer].bytes;
        change[ranges[buffer].last + 1] -= schedule.buffers[buffer].bytes;
    }
    std::int64_t now = 0, peak = 0;
    for (std::size_t i = 0; i < schedule.instructions.size(); ++i) {
        now += change[i];
        peak = std::max(peak, now + schedule.instructions[i].inner_bytes);
    }
    return peak;
}

}  // namespace podium
