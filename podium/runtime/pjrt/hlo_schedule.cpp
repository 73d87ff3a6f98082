#include "podium/runtime/pjrt/hlo_schedule.h"

#include <algorithm>
#include <array>

#include "podium/base/error.h"
#include "podium/base/wire.h"
#include "podium/runtime/pjrt/hlo_module.h"
#include "podium/runtime/pjrt/types.h"

namespace podium {
namespace {

constexpr int MOST_NESTED = 64;  // computations that call each other without end are damage

constexpr std::array<std::string_view, 8> NAMES_ONLY{
    "parameter", "tuple",          "get-tuple-element",    "bitcast",
    "while",     "add-dependency", "optimization-barrier", "after-all"};
constexpr std::array<std::string_view, 4> RUNS_COMPUTATIONS{"while", "conditional", "call", "async-start"};
/// Which may do their work for several arrays at once.
constexpr std::array<std::string_view, 4> COLLECTIVES{"all-reduce", "all-gather", "reduce-scatter",
                                                      "collective-permute"};
/// Whose result may lie where an operand lay. Source: xla::HloDataflowAnalysis::CanShareOperandBufferWithUser.
constexpr std::array<std::string_view, 27> MAY_OVERWRITE{
    "fusion",  "add",     "subtract", "multiply",    "divide",
    "maximum", "minimum", "negate",   "exponential", "log",
    "tanh",    "sqrt",    "rsqrt",    "power",       "select",
    "compare", "and",     "or",       "convert",     "abs",
    "clamp",   "sine",    "cosine",   "logistic",    "dynamic-update-slice",
    "scatter", "sort"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// Adds the bytes of each array; 0 for what is no array, or whose type podium lacks.
void add_bytes(std::string_view proto, std::vector<std::int64_t>& bytes) {
    const HloShape shape = read_shape(proto);
    if (shape.is_tuple()) {
        for (const auto element : shape.elements) add_bytes(element, bytes);
        return;
    }
    const auto known = find_xla_type(shape.type);
    bytes.push_back(known ? static_cast<std::int64_t>(Shape(*known, shape.dims).size_bytes()) : 0);
}

std::vector<std::int64_t> bytes_of(std::string_view shape) {
    std::vector<std::int64_t> bytes;
    add_bytes(shape, bytes);
    return bytes;
}

/// Returns how many arrays stand in a tuple's shape before element `index`.
std::size_t arrays_before(std::string_view shape, std::int64_t index) {
    std::vector<std::int64_t> bytes;
    for (const auto element : read_shape(shape).elements)
        if (index-- > 0) add_bytes(element, bytes);
    return bytes.size();
}

class Scheduler {
public:
    explicit Scheduler(const HloModule& hlo) : hlo_(hlo) {}

    Schedule schedule(std::int64_t computation, int nested = 0) const {
        const HloComputation* const found = find(computation);
        if (found == nullptr || nested > MOST_NESTED) fail(Code::INVALID_DATA, "a compiled program is damaged");
        std::map<std::int64_t, const HloInstruction*> by_id;
        for (const auto& instruction : found->instructions) by_id[instruction.id] = &instruction;
        Schedule result;
        std::map<std::int64_t, std::size_t> places;
        const auto add = [&](const HloInstruction& instruction) {
            if (places.contains(instruction.id)) return;
            places[instruction.id] = result.instructions.size();
            result.instructions.push_back(scheduled(instruction, by_id, places, result, nested));
        };
        if (const auto order = hlo_.order.find(computation); order != hlo_.order.end())
            for (const auto id : order->second)
                if (const auto at = by_id.find(id); at != by_id.end()) add(*at->second);
        for (const auto& instruction : found->instructions) add(instruction);
        if (const auto root = places.find(found->root); root != places.end())
            result.results = result.instructions[root->second].buffers;
        return result;
    }

private:
    const HloComputation* find(std::int64_t id) const {
        const auto at = std::ranges::find(hlo_.computations, id, &HloComputation::id);
        return at == hlo_.computations.end() ? nullptr : &*at;
    }

    Schedule::Instruction scheduled(const HloInstruction& hlo,
                                    const std::map<std::int64_t, const HloInstruction*>& by_id,
                                    const std::map<std::int64_t, std::size_t>& places, Schedule& result,
                                    int nested) const {
        Schedule::Instruction instruction{.name = std::string(hlo.name),
                                          .may_overwrite = is_one_of(MAY_OVERWRITE, hlo.opcode),
                                          .makes_nothing = is_one_of(NAMES_ONLY, hlo.opcode),
                                          .is_loop = hlo.opcode == "while",
                                          .is_elementwise_tuple = is_one_of(COLLECTIVES, hlo.opcode)};
        for (const auto id : hlo.operands) {
            const auto at = places.find(id);
            if (at == places.end())
                fail(Code::INVALID_DATA, "a compiled program is damaged: {} reads what comes later", hlo.name);
            instruction.operands.push_back(at->second);
        }
        const auto operand = [&](std::size_t i) -> const std::vector<std::size_t>& {
            return result.instructions[instruction.operands[i]].buffers;
        };
        const auto bytes = bytes_of(hlo.shape);
        if (hlo.opcode == "parameter" || !instruction.makes_nothing || hlo.operands.empty()) {
            for (const auto size : bytes) {
                instruction.buffers.push_back(result.buffers.size());
                result.buffers.push_back({.bytes = hlo.opcode == "constant" ? 0 : size,
                                          .argument = hlo.opcode == "parameter" ? hlo.parameter : -1});
            }
        } else if (hlo.opcode == "get-tuple-element") {
            const auto& all = operand(0);
            const auto first = arrays_before(by_id.at(hlo.operands[0])->shape, hlo.tuple_index);
            for (std::size_t i = 0; i < bytes.size() && first + i < all.size(); ++i)
                instruction.buffers.push_back(all[first + i]);
        } else {
            const std::size_t count = hlo.opcode == "tuple" ? hlo.operands.size() : 1;
            for (std::size_t i = 0; i < count; ++i)
                instruction.buffers.insert(instruction.buffers.end(), operand(i).begin(), operand(i).end());
        }
        if (is_one_of(RUNS_COMPUTATIONS, hlo.opcode))
            for (const auto called : hlo.called)
                instruction.inner_bytes =
                    std::max(instruction.inner_bytes, temporary_peak_bytes(schedule(called, nested + 1)));
        return instruction;
    }

    const HloModule& hlo_;
};

/// HloModuleProto {8 input_output_alias {1 entries}}, AliasEntryProto {1 output_shape_index, 2 parameter_number}: such
/// a result is made in its argument's memory.
void alias_results(std::string_view module, Schedule& schedule) {
    read_fields(module, [&](const WireField& field) {
        if (field.field != 8) return;
        read_fields(field.bytes, [&](const WireField& entry) {
            std::size_t result = 0;
            read_fields(entry.bytes, [&](const WireField& part) {
                if (part.field == 1) read_numbers(part, [&](std::int64_t i) { result = static_cast<std::size_t>(i); });
            });
            if (result >= schedule.results.size()) return;
            auto& buffer = schedule.buffers[schedule.results[result]];
            if (buffer.argument < 0) buffer.bytes = 0;
        });
    });
}

}  // namespace

Schedule hlo_schedule(std::string_view program) {
    const auto module_bytes = module_of(program);
    const HloModule hlo = read_module(module_bytes);
    if (hlo.computations.empty()) return {};
    Schedule schedule = Scheduler(hlo).schedule(hlo.entry);
    alias_results(module_bytes, schedule);
    return schedule;
}

}  // namespace podium
