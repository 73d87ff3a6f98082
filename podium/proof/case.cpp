#include "podium/proof/case.h"

#include <algorithm>
#include <array>

#include "podium/ir/ops.h"
#include "podium/proof/makers.h"

namespace podium::proof {
namespace {

/// splitmix64: neighbouring seeds give unrelated ones.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

/// Returns the result as another operation that is exact makes it: what a compiler does with a value depends on who
/// uses it. Types that are for storage, and not for computing, stay as they are.
Tensor used(const Tensor& result) {
    const DataType type = result.type();
    if (type == DataType::FLOAT4_E2M1FN || type == DataType::FLOAT8_E8M0FNU) return result;
    if (takes(negate.types, type) && !is_unsigned(type)) return negate(result);
    return takes(logical_not.types, type) ? logical_not(result) : result;
}

}  // namespace

std::string to_string(const Case& sample) {
    return fmt::format("{} {} {} seed {}", sample.op->name, name(sample.type),
                       sample.folded ? "constants" : "arguments", sample.seed);
}

Program program_of(std::span<const Case> cases, Denormals denormals) {
    constexpr std::int64_t HOW_OFTEN = 4;  // what a compiler computes itself it may hand on in ways of its own
    const TraceScope scope;
    Program program;
    program.graph.name = cases.size() == 1 ? to_string(cases[0]) : std::string(cases[0].op->name);
    for (const Case& each : cases) {
        Draw draw(*each.op, each.type, each.folded, each.seed, scope, denormals);
        Tensors results = maker_of(*each.op)(draw);
        if (draw.below(HOW_OFTEN) < (each.folded ? 3 : 1)) std::ranges::transform(results, results.begin(), used);
        auto& graph = program.graph;
        graph.results.insert(graph.results.end(), results.begin(), results.end());
        graph.parameters.insert(graph.parameters.end(), draw.parameters().begin(), draw.parameters().end());
        program.arguments.insert(program.arguments.end(), draw.arguments().begin(), draw.arguments().end());
        program.ends.push_back(graph.results.size());
    }
    return program;
}

std::vector<Case> sample_cases(std::span<const Op* const> ops, std::uint64_t seed, int repeats) {
    std::vector<Case> cases;
    for (const Op* op : ops) {
        if (maker_of(*op) == nullptr) continue;
        std::uint64_t own = seed;  // a row's cases do not depend on what else is asked for
        for (const char letter : op->name) own = mixed(own + static_cast<unsigned char>(letter));
        std::vector<DataType> types;
        for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i)
            if (const auto type = static_cast<DataType>(i); takes(op->types, type)) types.push_back(type);
        if (types.empty()) types.push_back(DataType::UINT32);  // what a device's number is
        const auto coin = [&](DataType type) { return mixed(own + static_cast<std::uint64_t>(type)) % 2 == 0; };
        std::uint64_t next = own;
        for (const bool folded : {false, true})
            for (const auto type : types)
                for (int i = 0; i < repeats; ++i, ++next)
                    if ((i % 2 == 0) == (coin(type) == folded)) cases.push_back({op, type, folded, mixed(next)});
    }
    return cases;
}

std::span<const Excused> rows_without_cases() {
    static constexpr const char *TRANSFER = "PJRT has no transfers between a running program and its host",
                                *DRAWN = "the numbers are the implementation's own",
                                *LIES = "says where a tensor lies, and cases are programs of one device";
    static constexpr std::array ROWS{
        Excused{&rows::parameter, "every case with arguments has one"},
        Excused{&rows::constant, "every case with constants has one"},
        Excused{&rows::evaluated, "becomes an argument before a plugin sees it"},
        Excused{&rows::result, "every row of several results has one"},
        Excused{&rows::custom_call, "computes what a foreign function does"},
        Excused{&rows::custom_operator, "computes what a C++ function does"},
        Excused{&rows::check, "the value of its first operand, whatever the condition is"},
        Excused{&rows::infeed, TRANSFER},
        Excused{&rows::outfeed, TRANSFER},
        Excused{&rows::send, TRANSFER},
        Excused{&rows::recv, TRANSFER},
        Excused{&rows::after_all, "orders transfers, and has no value"},
        Excused{&rows::sharding_constraint, LIES},
        Excused{&rows::to_shards, LIES},
        Excused{&rows::from_shards, LIES},
        Excused{&rows::rng, DRAWN},
        Excused{&rows::rng_bit_generator, DRAWN},
        Excused{&rows::stored, "made by gradients of remat only"},
    };
    return ROWS;
}

}  // namespace podium::proof
