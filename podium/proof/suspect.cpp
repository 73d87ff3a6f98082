#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <unordered_set>

#include "podium/emit/literal_text.h"
#include "podium/emit/lower.h"
#include "podium/emit/stablehlo.h"
#include "podium/ir/ops.h"
#include "podium/proof/bisect.h"
#include "podium/runtime/interp/interp.h"
#include "podium/runtime/pjrt/constant_inputs.h"

namespace podium::proof {
namespace {

constexpr std::uint64_t UNKNOWN_SEED = 1;  ///< of values that stand for unknown ones

/// Returns the case's lowered graph, which gives every tensor on the way after its own results, and the arguments.
Program whole_graph(const Case& sample, bool raw, Denormals denormals) {
    Program program = program_of(std::array{sample}, denormals);
    auto& graph = program.graph;
    graph = lower(graph, !raw);
    std::unordered_set<const Node*> seen;
    for (const auto& result : graph.results) seen.insert(result.node().get());
    for (const auto& tensor : topological_tensors(Tensors(graph.results))) {
        const bool is_tensor =
            tensor->results.empty() && !(tensor.shape() == TOKEN_SHAPE) && tensor->op->kind != Kind::PARAMETER;
        if (is_tensor && seen.insert(tensor.node().get()).second) graph.results.push_back(tensor);
    }
    return program;
}

std::vector<HostArray> interpreted(const Program& program) {
    return Interpreter(program.graph).run_together(std::array{program.arguments})[0];
}

const Op* find_op(std::string_view wanted) {
    for (const Op* op : all_ops())
        if (op->name == wanted) return op;
    return nullptr;
}

std::optional<DataType> find_type(std::string_view wanted) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i)
        if (const auto type = static_cast<DataType>(i); podium::name(type) == wanted) return type;
    return std::nullopt;
}

}  // namespace

Suspect suspect_of(const Case& sample, bool raw) {
    const TraceScope scope;
    const std::size_t results = program_of(std::array{sample}).graph.results.size();
    const Program all = whole_graph(sample, raw, Denormals::KEPT);
    const auto values = interpreted(all), flushed_values = interpreted(whole_graph(sample, raw, Denormals::FLUSHED));
    const auto text = stablehlo(all.graph, Mesh{Device(DeviceType::CPU)}, {.locations = false, .cpu_forms = false});
    Suspect suspect{.name = to_string(sample),
                    .program = parse_program(text, to_string(sample)),
                    .compiled = {.options = {.safe_defaults = !raw},
                                 .constant_inputs = raw || has_constant_inputs(program_of(std::array{sample}).graph)},
                    .tolerance = tolerance_of(*sample.op),
                    .operands = sample.type};
    auto& program = suspect.program;
    for (std::size_t i = 0; i < values.size(); ++i)
        suspect.values[program.results[i].name] = {values[i],
                                                   i < flushed_values.size() ? flushed_values[i] : values[i]};
    for (std::size_t i = 0; i < program.parameters.size(); ++i)
        suspect.values[program.parameters[i].name] = {all.arguments[i], flushed(all.arguments[i])};
    std::vector<std::string> own;
    for (std::size_t i = 0; i < results; ++i) own.push_back(program.results[i].name);
    program = part_of(program, own, {});
    return suspect;
}

std::optional<Case> case_of(std::string_view line) {
    std::string op, type, operands;
    std::uint64_t seed = 0;
    std::istringstream words{std::string(line)};
    std::string word;
    if (!(words >> op >> type >> operands >> word >> seed) || word != "seed") return std::nullopt;
    const Op* const row = find_op(op);
    const auto data_type = find_type(type);
    if (row == nullptr) fail(Code::NOT_FOUND, "bisect: there is no operation \"{}\"; podium ops lists them", op);
    if (!data_type) fail(Code::NOT_FOUND, "bisect: there is no type \"{}\"; conformance prints f32, i64, ...", type);
    if (operands != "constants" && operands != "arguments")
        fail(Code::NOT_FOUND, "bisect: operands are \"constants\" or \"arguments\", not \"{}\"", operands);
    return Case{row, *data_type, operands == "constants", seed};
}

Tolerance loose_tolerance(double ulps) {
    constexpr double NARROWER = 64;  // bf16 has 16 bits less than f32, which errors would fill
    return {.allowance = {.op = &rows::custom_call,
                          .wide = ulps,
                          .single = ulps,
                          .narrow = std::max(ulps / NARROWER, std::min(ulps, 1.0)),
                          .complex = ulps,
                          .scale = Scale::GREATEST,
                          .why = "any operations, in any order"},
            .zeros_are_equal = true};
}

Trial trial_of(const Suspect& suspect, const ProgramText& part) {
    Trial trial{
        .program = part, .compiled = suspect.compiled, .tolerance = suspect.tolerance, .operands = suspect.operands};
    const auto known = [&](const TextValue& value) -> Reference {
        if (const auto found = suspect.values.find(value.name); found != suspect.values.end()) return found->second;
        const auto shape = shape_of_type(value.type);
        if (!shape)
            fail(Code::UNIMPLEMENTED, "bisect: {} is of type {}, which cannot be given", value.name, value.type);
        const TraceScope scope;
        const auto drawn = Draw(add, shape->type, false, UNKNOWN_SEED, scope).array(*shape, Values::DOMAIN);
        return {drawn, drawn};
    };
    for (const auto& parameter : part.parameters) trial.inputs.push_back(known(parameter).value);
    for (const auto& result : part.results)
        if (suspect.values.contains(result.name)) trial.expected.push_back(known(result));
    if (trial.expected.size() != part.results.size()) trial.expected.clear();
    return trial;
}

}  // namespace podium::proof
