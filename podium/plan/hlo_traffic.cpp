#include "podium/plan/hlo_traffic.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "podium/base/error.h"
#include "podium/base/wire.h"
#include "podium/plan/hlo_groups.h"
#include "podium/runtime/pjrt/hlo_module.h"
#include "podium/runtime/pjrt/types.h"

namespace podium::plan {
namespace {

constexpr int DEEPEST = 64;  // computations that call each other without end are damage

constexpr std::array<std::string_view, 5> KINDS{"all-gather", "all-reduce", "reduce-scatter", "all-to-all",
                                                "collective-permute"};
/// Which move nothing themselves.
constexpr std::array<std::string_view, 11> MOVES_NOTHING{
    "parameter", "tuple", "get-tuple-element", "bitcast",   "constant",   "while",
    "call",      "iota",  "add-dependency",    "after-all", "conditional"};

/// Returns a value's bytes; of a tuple, those of all its arrays.
double shape_bytes(std::string_view proto) {
    const HloShape shape = read_shape(proto);
    double sum = 0;
    for (const auto element : shape.elements) sum += shape_bytes(element);
    if (shape.is_tuple()) return sum;
    const auto known = find_xla_type(shape.type);
    return known ? static_cast<double>(Shape(*known, shape.dims).size_bytes()) : 0;
}

std::optional<std::string> collective_kind(std::string_view opcode) {
    if (opcode.ends_with("-done")) return std::nullopt;
    if (opcode.ends_with("-start")) opcode.remove_suffix(std::string_view("-start").size());
    return std::ranges::find(KINDS, opcode) == KINDS.end() ? std::nullopt : std::optional(std::string(opcode));
}

/// Returns the greatest integer constant: LiteralProto {4 s32s, 5 s64s, 6 u32s}.
std::optional<std::int64_t> integer_of(std::string_view literal) {
    std::optional<std::int64_t> value;
    read_fields(literal, [&](const WireField& field) {
        if (field.field >= 4 && field.field <= 6)
            read_numbers(field, [&](std::int64_t each) { value = std::max(value.value_or(each), each); });
    });
    return value;
}

class Counter {
public:
    explicit Counter(const HloModule& hlo) {
        for (const auto& computation : hlo.computations) computations_[computation.id] = &computation;
        run(hlo.entry, 1, 0);
        for (const auto& [channel, piece] : pieces_) count_collectives(*piece.collective, piece.map, piece.times);
        for (auto& [key, each] : collectives_) result.collectives.push_back(std::move(each));
    }
    HloTraffic result;

private:
    using ById = std::map<std::int64_t, const HloInstruction*>;
    struct Piece {
        const HloInstruction* collective;
        ById map;  ///< of its computation
        double times;
    };

    const HloComputation& find(std::int64_t id) const {
        const auto found = computations_.find(id);
        if (found == computations_.end()) fail(Code::INVALID_DATA, "a compiled program is damaged");
        return *found->second;
    }
    static ById by_id(const HloComputation& computation) {
        ById map;
        for (const auto& instruction : computation.instructions) map[instruction.id] = &instruction;
        return map;
    }

    void run(std::int64_t id, double times, int depth) {
        if (depth > DEEPEST) fail(Code::INVALID_DATA, "a compiled program is damaged");
        const HloComputation& computation = find(id);
        const ById map = by_id(computation);
        for (const auto& hlo : computation.instructions) {
            if (count_collectives(hlo, map, times)) continue;
            if (hlo.opcode == "while") {
                if (hlo.called.size() < 2) fail(Code::INVALID_DATA, "a compiled program is damaged");
                run(hlo.called[0], times * turns(hlo, depth), depth + 1);
            } else if (hlo.opcode == "fusion" || hlo.opcode == "async-start" || hlo.opcode == "call" ||
                       hlo.opcode == "conditional") {
                if (hlo.opcode == "fusion") result.memory_bytes += times * fusion_bytes(hlo, map);
                for (const auto called : hlo.called)
                    hlo.opcode == "fusion" ? collectives_within(called, times, depth + 1)
                                           : run(called, times, depth + 1);
            } else if (std::ranges::find(MOVES_NOTHING, hlo.opcode) == MOVES_NOTHING.end() &&
                       !hlo.opcode.ends_with("-done")) {
                result.memory_bytes += times * moved_bytes(hlo, map);
            }
        }
    }

    void collectives_within(std::int64_t id, double times, int depth) {
        if (depth > DEEPEST) fail(Code::INVALID_DATA, "a compiled program is damaged");
        const HloComputation& computation = find(id);
        const ById map = by_id(computation);
        for (const auto& hlo : computation.instructions) {
            if (count_piece(hlo, map, times)) continue;
            if (hlo.opcode == "fusion" || hlo.opcode == "call")
                for (const auto called : hlo.called) collectives_within(called, times, depth + 1);
        }
    }

    /// A collective that the compiler runs beside products stands in several fusions, which begin it, go on with it,
    /// also in loops, and end it: all of one channel, and it runs as often as the rarest of them.
    bool count_piece(const HloInstruction& hlo, const ById& map, double times) {
        if (!collective_kind(hlo.opcode)) return false;
        if (hlo.channel <= 0) return count_collectives(hlo, map, times);
        auto& piece = pieces_.try_emplace(hlo.channel, Piece{&hlo, map, times}).first->second;
        piece.times = std::min(piece.times, times);
        return true;
    }

    bool count_collectives(const HloInstruction& hlo, const ById& map, double times) {
        const auto kind = collective_kind(hlo.opcode);
        if (!kind) return false;
        auto group = hlo_first_group(hlo);
        double bytes = 0;
        const std::size_t data = hlo.operands.size();
        for (std::size_t i = 0; i < data; ++i)
            if (const auto at = map.find(hlo.operands[i]); at != map.end()) bytes += shape_bytes(at->second->shape);
        if (*kind == "all-gather") bytes *= static_cast<double>(std::max<std::size_t>(1, group.size()));
        auto& row = collectives_[{*kind, group}];
        row.kind = *kind;
        row.group = std::move(group);
        row.bytes += static_cast<std::int64_t>(times * bytes);
        row.count += static_cast<std::int64_t>(times);
        return true;
    }

    /// Returns how often a loop's body runs: as the compiler noted it, or as its condition's constant says.
    double turns(const HloInstruction& loop, int depth) {
        constexpr std::string_view NOTE = "known_trip_count";
        if (const auto at = loop.backend_config.find(NOTE); at != loop.backend_config.npos) {
            const auto digits = loop.backend_config.find_first_of("0123456789", at);
            std::int64_t count = 0;
            if (digits != loop.backend_config.npos &&
                std::from_chars(loop.backend_config.data() + digits,
                                loop.backend_config.data() + loop.backend_config.size(), count)
                        .ec == std::errc())
                return static_cast<double>(count);
        }
        if (const auto bound = greatest_constant(loop.called[1], depth + 1)) return static_cast<double>(*bound);
        ++result.unknown_loops;
        return 1;
    }

    std::optional<std::int64_t> greatest_constant(std::int64_t id, int depth) const {
        if (depth > DEEPEST) fail(Code::INVALID_DATA, "a compiled program is damaged");
        std::optional<std::int64_t> greatest;
        const auto take = [&](std::optional<std::int64_t> value) {
            if (value) greatest = std::max(greatest.value_or(*value), *value);
        };
        for (const auto& hlo : find(id).instructions) {
            if (hlo.opcode == "constant") take(integer_of(hlo.literal));
            for (const auto called : hlo.called) take(greatest_constant(called, depth + 1));
        }
        return greatest;
    }

    /// An instruction outside of fusions reads its operands and writes its result; slices only what they cut out.
    static double moved_bytes(const HloInstruction& hlo, const ById& map) {
        const auto operand = [&](std::size_t i) {
            const auto at = i < hlo.operands.size() ? map.find(hlo.operands[i]) : map.end();
            return at == map.end() ? 0.0 : shape_bytes(at->second->shape);
        };
        const double made = shape_bytes(hlo.shape);
        if (hlo.opcode == "dynamic-slice" || hlo.opcode == "slice" || hlo.opcode == "gather") return 2 * made;
        if (hlo.opcode == "dynamic-update-slice") return 2 * operand(1);
        if (hlo.opcode.ends_with("-start")) return 2 * operand(0);
        double read = 0;
        for (std::size_t i = 0; i < hlo.operands.size(); ++i) read += operand(i);
        return read + made;
    }

    double fusion_bytes(const HloInstruction& fusion, const ById& map) const {
        if (fusion.called.empty()) return moved_bytes(fusion, map);
        const HloComputation& inside = find(fusion.called.front());
        const ById own = by_id(inside);
        std::map<std::int64_t, double> sliced;  // of parameters that are only sliced: the bytes of the slices
        std::map<std::int64_t, bool> whole;
        for (const auto& hlo : inside.instructions)
            for (std::size_t i = 0; i < hlo.operands.size(); ++i) {
                const auto id = hlo.operands[i];
                if (hlo.opcode == "dynamic-slice" && i == 0)
                    sliced[id] += shape_bytes(hlo.shape);
                else if (hlo.opcode == "dynamic-update-slice" && i == 0)
                    sliced[id] += 0;
                else
                    whole[id] = true;
            }
        double bytes = 0;
        for (const auto& hlo : inside.instructions) {
            if (hlo.opcode != "parameter") continue;
            const auto slice = sliced.find(hlo.id);
            bytes += slice != sliced.end() && !whole.contains(hlo.id) ? slice->second : shape_bytes(hlo.shape);
        }
        return bytes + written_bytes(inside, own);
    }

    /// What a fusion writes: of an update in place, the update.
    static double written_bytes(const HloComputation& inside, const ById& own) {
        const auto root = own.find(inside.root);
        if (root == own.end()) return 0;
        const auto of = [&](const HloInstruction& hlo) {
            if (hlo.opcode != "dynamic-update-slice" || hlo.operands.size() < 2) return shape_bytes(hlo.shape);
            const auto update = own.find(hlo.operands[1]);
            return update == own.end() ? 0.0 : shape_bytes(update->second->shape);
        };
        if (root->second->opcode != "tuple") return of(*root->second);
        double bytes = 0;
        for (const auto id : root->second->operands)
            if (const auto element = own.find(id); element != own.end()) bytes += of(*element->second);
        return bytes;
    }

    std::map<std::int64_t, const HloComputation*> computations_;
    std::map<std::pair<std::string, std::vector<std::int64_t>>, HloCollective> collectives_;
    std::map<std::int64_t, Piece> pieces_;  ///< by channel
};

}  // namespace

HloTraffic hlo_traffic(std::string_view program) {
    const HloModule hlo = read_module(module_of(program));
    if (hlo.computations.empty()) return {};
    return std::move(Counter(hlo).result);
}

}  // namespace podium::plan
