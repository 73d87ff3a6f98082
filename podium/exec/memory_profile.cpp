#include "podium/exec/memory_profile.h"

#include <algorithm>

namespace podium {
namespace {

constexpr std::size_t LARGEST = 10;

/// The tags of a schedule's buffers.
class Tagger {
public:
    Tagger(const Schedule& schedule, std::span<const MemoryTag> arguments, std::size_t loss)
        : schedule_(schedule),
          arguments_(arguments),
          loss_(loss),
          makers_(schedule.buffers.size()),
          forward_(schedule.buffers.size()),
          to_update_(schedule.buffers.size()),
          to_backward_(schedule.buffers.size()),
          update_(schedule.instructions.size()) {
        for (std::size_t i = 0; i < schedule.instructions.size(); ++i)
            for (const auto made : schedule.instructions[i].buffers) makers_[made].push_back(i);
        find_forward();
        find_update();
        find_uses();
    }

    std::vector<MemoryTag> tags() const {
        std::vector<MemoryTag> result(schedule_.buffers.size());
        for (std::size_t buffer = 0; buffer < result.size(); ++buffer) result[buffer] = tag(buffer);
        for (std::size_t i = 0; i < schedule_.results.size(); ++i)
            if (const auto buffer = schedule_.results[i]; schedule_.buffers[buffer].argument < 0)
                result[buffer] = i > loss_ ? MemoryTag::GRADIENTS : MemoryTag::OTHER;
        return result;
    }

private:
    MemoryTag tag_of_argument(std::int64_t argument) const {
        const auto i = static_cast<std::size_t>(argument);
        return i < arguments_.size() ? arguments_[i] : MemoryTag::OTHER;
    }

    /// Calls `f(read, made)` for each buffer that the instruction reads and each that it makes of it.
    template <class F>
    void for_each_flow(const Schedule::Instruction& instruction, const F& f) const {
        if (instruction.makes_nothing && !instruction.is_loop) return;
        for (std::size_t i = 0; i < instruction.operands.size(); ++i)
            for (const auto read : schedule_.instructions[instruction.operands[i]].buffers)
                for (std::size_t k = 0; k < instruction.buffers.size(); ++k)
                    if (!instruction.is_elementwise_tuple || k == i) f(read, instruction.buffers[k]);
    }

    /// Marks what the loss is made of.
    void find_forward() {
        if (loss_ >= schedule_.results.size()) return;
        forward_[schedule_.results[loss_]] = true;
        for (std::size_t i = schedule_.instructions.size(); i-- > 0;)
            for_each_flow(schedule_.instructions[i], [&](std::size_t read, std::size_t made) {
                if (forward_[made]) forward_[read] = true;
            });
    }

    /// Marks the instructions that need the optimizer's state, or make new parameters in the old ones' memory.
    void find_update() {
        for (std::size_t i = 0; i < update_.size(); ++i) {
            const auto& instruction = schedule_.instructions[i];
            if (is_forward(instruction)) continue;
            for (const auto operand : instruction.operands) update_[i] = update_[i] || update_[operand];
            for (const auto buffer : instruction.buffers) {
                const auto argument = schedule_.buffers[buffer].argument;
                if (argument >= 0 && tag_of_argument(argument) == MemoryTag::OPTIMIZER_STATE) update_[i] = true;
            }
        }
        for (const auto result : schedule_.results)
            if (schedule_.buffers[result].bytes == 0)
                for (const auto maker : makers_[result])
                    if (!forward_[result] && !schedule_.instructions[maker].makes_nothing) update_[maker] = true;
    }

    bool is_forward(const Schedule::Instruction& instruction) const {
        return std::ranges::any_of(instruction.buffers, [&](std::size_t made) { return forward_[made]; });
    }

    void find_uses() {
        for (std::size_t i = schedule_.instructions.size(); i-- > 0;) {
            const auto& instruction = schedule_.instructions[i];
            for_each_flow(instruction, [&](std::size_t read, std::size_t made) {
                if (update_[i] || (instruction.is_elementwise_tuple && to_update_[made])) to_update_[read] = true;
                if (!forward_[made]) to_backward_[read] = true;
            });
        }
    }

    MemoryTag tag(std::size_t buffer) const {
        const auto argument = schedule_.buffers[buffer].argument;
        if (argument >= 0) return tag_of_argument(argument);
        if (makers_[buffer].empty()) return MemoryTag::TEMPORARIES;
        const bool in_loop = std::ranges::any_of(
            makers_[buffer], [&](std::size_t maker) { return schedule_.instructions[maker].is_loop; });
        const bool is_update = update_[makers_[buffer].front()];
        // Sums over pieces of the batch grow beside the loss, in one loop.
        if (to_update_[buffer] && !is_update && (!forward_[buffer] || in_loop)) return MemoryTag::GRADIENTS;
        if (forward_[buffer] && to_backward_[buffer]) return MemoryTag::ACTIVATIONS;
        return MemoryTag::TEMPORARIES;
    }

    const Schedule& schedule_;
    std::span<const MemoryTag> arguments_;
    std::size_t loss_;
    std::vector<std::vector<std::size_t>> makers_;         // of buffers: the instructions whose result lies there
    std::vector<bool> forward_, to_update_, to_backward_;  // of buffers: made for the loss; read by what is not
    std::vector<bool> update_;                             // of instructions
};

std::vector<TaggedBytes> timeline_of(const Schedule& schedule, const std::vector<LiveRange>& ranges,
                                     const std::vector<MemoryTag>& tags) {
    std::vector<TaggedBytes> change(schedule.instructions.size() + 1), result(schedule.instructions.size());
    for (std::size_t buffer = 0; buffer < ranges.size(); ++buffer) {
        if (!ranges[buffer].is_live) continue;
        change[ranges[buffer].first][tags[buffer]] += schedule.buffers[buffer].bytes;
        change[ranges[buffer].last + 1][tags[buffer]] -= schedule.buffers[buffer].bytes;
    }
    TaggedBytes now;
    for (std::size_t i = 0; i < result.size(); ++i) {
        for (std::size_t tag = 0; tag < MEMORY_TAG_NAMES.size(); ++tag)
            now[static_cast<MemoryTag>(tag)] += change[i][static_cast<MemoryTag>(tag)];
        result[i] = now;
        result[i][MemoryTag::TEMPORARIES] += schedule.instructions[i].inner_bytes;
    }
    return result;
}

bool is_temporary(MemoryTag tag) {
    return tag == MemoryTag::GRADIENTS || tag == MemoryTag::ACTIVATIONS || tag == MemoryTag::TEMPORARIES;
}

std::vector<HeldBytes> largest_at(const Schedule& schedule, const std::vector<LiveRange>& ranges,
                                  const std::vector<MemoryTag>& tags, std::size_t moment) {
    std::vector<HeldBytes> held;
    for (std::size_t i = 0; i <= moment; ++i)
        for (const auto buffer : schedule.instructions[i].buffers)
            if (ranges[buffer].is_live && ranges[buffer].first == i && ranges[buffer].last >= moment &&
                is_temporary(tags[buffer]) && schedule.buffers[buffer].bytes > 0)
                held.push_back({schedule.instructions[i].name, tags[buffer], schedule.buffers[buffer].bytes});
    if (const auto inner = schedule.instructions[moment].inner_bytes; inner > 0)
        held.push_back({"inside " + schedule.instructions[moment].name, MemoryTag::TEMPORARIES, inner});
    std::ranges::stable_sort(held, std::ranges::greater(), &HeldBytes::bytes);
    held.resize(std::min(held.size(), LARGEST));
    return held;
}

/// Returns the bytes of arguments and results that count as gradients: they lie beside the temporary things.
std::int64_t given_gradients(const Schedule& schedule, const std::vector<MemoryTag>& tags) {
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < tags.size(); ++i)
        if (tags[i] == MemoryTag::GRADIENTS &&
            (schedule.buffers[i].argument >= 0 || std::ranges::count(schedule.results, i) > 0))
            bytes += schedule.buffers[i].bytes;
    return bytes;
}

/// Makes the sum at the peak the compiler's; `gradients` are those among arguments and results.
void settle(const CompiledMemory& memory, std::int64_t gradients, MemoryProfile& profile) {
    auto& bytes = profile.at_peak;
    bytes[MemoryTag::CODE] = memory.code_bytes;
    const auto arguments =
        bytes[MemoryTag::PARAMETERS] + bytes[MemoryTag::OPTIMIZER_STATE] + bytes[MemoryTag::OTHER] + gradients;
    const auto given = memory.argument_bytes + memory.output_bytes - memory.alias_bytes;
    const auto used =
        bytes[MemoryTag::GRADIENTS] + bytes[MemoryTag::ACTIVATIONS] + bytes[MemoryTag::TEMPORARIES] - gradients;
    const auto unused = memory.temporary_bytes - used;
    bytes[MemoryTag::PADDING] = std::max<std::int64_t>(0, given - arguments) + std::max<std::int64_t>(0, unused);
    bytes[MemoryTag::TEMPORARIES] =
        std::max<std::int64_t>(0, bytes[MemoryTag::TEMPORARIES] + std::min<std::int64_t>(0, unused));
    if (memory.temporary_bytes > 0)
        profile.fragmentation =
            std::max(0.0, static_cast<double>(unused) / static_cast<double>(memory.temporary_bytes));
}

}  // namespace

MemoryProfile memory_profile(const Executable& program, std::span<const MemoryTag> arguments, std::size_t loss) {
    const Schedule schedule = program.schedule();
    if (schedule.empty()) return {};
    const auto tags = Tagger(schedule, arguments, loss).tags();
    const auto ranges = live_ranges(schedule);
    MemoryProfile profile{.timeline = timeline_of(schedule, ranges, tags)};
    const auto most = std::ranges::max_element(profile.timeline, {}, &TaggedBytes::sum);
    profile.peak = static_cast<std::size_t>(most - profile.timeline.begin());
    profile.peak_instruction = schedule.instructions[profile.peak].name;
    profile.largest = largest_at(schedule, ranges, tags, profile.peak);
    profile.at_peak = *most;
    settle(program.memory(), given_gradients(schedule, tags), profile);
    return profile;
}

}  // namespace podium
