#include "podium/ir/custom_operator.h"

#include <algorithm>
#include <bit>
#include <mutex>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/movement.h"
#include "podium/ir/pullback.h"

namespace podium {
namespace {

/// The operators of the process; never destroyed: programs may run until its end.
struct Operators {
    std::mutex mutex;
    std::map<std::string, OperatorRules, std::less<>> rules;
};
Operators& operators() {
    static auto& all = *new Operators;
    return all;
}

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.'; };
    return !text.empty() && letter(text[0]) && std::ranges::all_of(text, other);
}

/// A node's label is the operator's name and its settings' names, by spaces; its attributes are their values, each
/// behind the number of its type.
Dims encoded_setting(const CallSetting& setting) {
    Dims code{static_cast<std::int64_t>(setting.index())};
    if (const auto* flag = std::get_if<bool>(&setting)) code.push_back(*flag ? 1 : 0);
    if (const auto* integer = std::get_if<std::int64_t>(&setting)) code.push_back(*integer);
    if (const auto* real = std::get_if<double>(&setting)) code.push_back(std::bit_cast<std::int64_t>(*real));
    if (const auto* word = std::get_if<std::string>(&setting)) code.insert(code.end(), word->begin(), word->end());
    return code;
}

CallSetting decoded_setting(const Dims& code) {
    switch (code[0]) {
        case 0: return code[1] != 0;
        case 1: return code[1];
        case 2: return std::bit_cast<double>(code[1]);
        default: break;
    }
    std::string word;
    for (const auto c : std::span(code).subspan(1)) word += static_cast<char>(c);
    return word;
}

CallSettings operator_settings(const Node& node) {
    CallSettings settings;
    std::string_view names = node.label;
    for (const auto& code : node.attributes) {
        names.remove_prefix(names.find(' ') + 1);
        settings.emplace(names.substr(0, names.find(' ')), decoded_setting(code));
    }
    return settings;
}

/// Row-major layouts of operands or results: [dense<[1, 0]> : tensor<2xindex>, …].
template <class Shapes>
std::string layouts_text(const Shapes& shapes) {
    std::string text;
    for (const std::int64_t rank : shapes) {
        std::string order;
        for (auto axis = rank; axis-- > 0;) order += fmt::format("{}{}", order.empty() ? "" : ", ", axis);
        text += fmt::format("{}dense<{}> : tensor<{}xindex>", text.empty() ? "" : ", ",
                            rank == 0 ? "" : "[" + order + "]", rank);
    }
    return "[" + text + "]";
}

std::string aliases_text(const OperatorRules& rules, std::size_t results) {
    std::string text;
    for (const auto& [result, operand] : rules.in_place)
        text += fmt::format(
            "{}#stablehlo.output_operand_alias<output_tuple_indices = [{}], operand_index = {}, operand_tuple_indices "
            "= "
            "[]>",
            text.empty() ? "" : ", ", results > 1 ? std::to_string(result) : "", operand);
    return text.empty() ? "" : ", output_operand_aliases = [" + text + "]";
}

std::string operator_attributes(const Node& node) {
    const OperatorRules& rules = operator_rules(node);
    CallSettings settings = operator_settings(node);
    settings.emplace(OPERATOR_SETTING, rules.name);
    Dims operands, results;
    for (const auto& operand : node.operands) operands.push_back(operand.rank());
    for (const auto& shape : node.results) results.push_back(shape.rank());
    return call_attributes(OPERATOR_TARGET, settings) +
           fmt::format(", operand_layouts = {}, result_layouts = {}", layouts_text(operands), layouts_text(results)) +
           aliases_text(rules, results.size());
}

std::vector<HostArray> evaluate_operator(const Evaluation& e) {
    std::vector<HostArray> results(e.node.results.begin(), e.node.results.end());
    const CallSettings settings = operator_settings(e.node);
    run_operator(operator_rules(e.node), {e.operands, results, settings, [](std::int64_t count, const auto& f) {
                                              for (std::int64_t i = 0; i < count; ++i) f(i);
                                          }});
    return results;
}

Tensors operator_vjp(const VjpArguments& v) {
    const OperatorRules& rules = operator_rules(v.node);
    if (!rules.vjp)
        fail_at(Code::UNIMPLEMENTED, v.node.location,
                fmt::format("operator {} has no gradient: give it a vjp, or stop_gradient its operands", rules.name));
    const CallSettings settings = operator_settings(v.node);
    OperatorVjp arguments{v.operands, {}, {}, settings};
    for (std::size_t i = 0; i < v.node.results.size(); ++i) {
        arguments.results.push_back(record({.op = rows::result,
                                            .shape = v.node.results[i],
                                            .operands = {v.result},
                                            .attributes = {{static_cast<std::int64_t>(i)}},
                                            .location = v.node.location}));
        arguments.cotangents.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
    }
    Tensors gradients = rules.vjp(arguments);
    if (gradients.size() != v.operands.size())
        fail_at(Code::SHAPE_MISMATCH, v.node.location,
                fmt::format("operator {}: its vjp returned {} tensors for {} operands", rules.name, gradients.size(),
                            v.operands.size()));
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (gradients[i].defined() && gradients[i].shape() != v.operands[i].shape())
            fail_at(Code::SHAPE_MISMATCH, v.node.location,
                    fmt::format("operator {}: its vjp returned {} for operand {}, which is {}", rules.name,
                                to_string(gradients[i].shape()), i, to_string(v.operands[i].shape())));
    return gradients;
}

Tensors call_operator(const OperatorRules& rules, const Tensors& operands, const CallSettings& settings,
                      const Location& location) {
    std::vector<Shape> shapes;
    for (const auto& operand : operands) {
        if (size_bits(operand.type()) < 8)
            fail_at(Code::DTYPE_MISMATCH, location,
                    fmt::format("operator {}: {} has elements of less than a byte; convert it", rules.name,
                                to_string(operand.shape())));
        shapes.emplace_back(operand.type(), operand.dims());
    }
    std::string label = rules.name;
    std::vector<Dims> codes;
    for (const auto& [name, setting] : settings) {
        if (!is_name(name) || name == OPERATOR_SETTING)
            fail_at(Code::INVALID_ARGUMENT, location,
                    fmt::format("operator {}: a setting cannot be named \"{}\"", rules.name, name));
        label += " " + name;
        codes.push_back(encoded_setting(setting));
    }
    std::vector<Shape> results;
    try {
        results = rules.shapes(shapes, settings);
    } catch (const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        fail_at(known == nullptr ? Code::INVALID_ARGUMENT : known->code(), location,
                fmt::format("operator {}: {}", rules.name, known == nullptr ? error.what() : known->message()));
    }
    if (results.empty())
        fail_at(Code::SHAPE_MISMATCH, location, fmt::format("operator {}: its shapes are none", rules.name));
    for (const auto i : rules.batched)
        if (i >= shapes.size() || shapes[i].rank() == 0 || !std::ranges::all_of(results, [&](const Shape& result) {
                return result.rank() > 0 && result.dims[0] == shapes[i].dims[0];
            }))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("operator {}: the first dimension of its batched operands and of all results must "
                                "count the same examples",
                                rules.name));
    for (const auto& [result, operand] : rules.in_place)
        if (result >= results.size() || operand >= shapes.size() || results[result] != shapes[operand])
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("operator {}: result {} is not shaped like operand {}, in whose place it is to be",
                                rules.name, result, operand));
    return record_all({.op = rows::custom_operator,
                       .operands = operands,
                       .attributes = std::move(codes),
                       .location = location,
                       .results = std::move(results),
                       .label = std::move(label)});
}

Tensors operator_vmap(const VmapArguments& v) {
    const OperatorRules& rules = operator_rules(v.node);
    const CallSettings settings = operator_settings(v.node);
    const auto is_batched = [&](std::size_t i) { return std::ranges::find(rules.batched, i) != rules.batched.end(); };
    bool together = !rules.batched.empty();
    for (std::size_t i = 0; i < v.operands.size(); ++i) together = together && (is_batched(i) || !v.mapped[i]);
    if (together) {
        Tensors operands;
        for (std::size_t i = 0; i < v.operands.size(); ++i)
            operands.push_back(is_batched(i) ? axis_into(mapped_operand(v, i), 0, 0) : v.operands[i]);
        Tensors results = call_operator(rules, operands, settings, v.node.location);
        for (std::size_t i = 0; i < results.size(); ++i)
            results[i] = reshape(results[i], mapped_shape(v.node.results[i], v.size).dims);
        return results;
    }
    Tensors examples;
    for (std::size_t i = 0; i < v.operands.size(); ++i)
        if (v.mapped[i]) examples.push_back(v.operands[i]);
    return scan_list(
        [&](const Tensors& example) {
            Tensors operands;
            std::size_t next = 0;
            for (std::size_t i = 0; i < v.operands.size(); ++i)
                operands.push_back(v.mapped[i] ? example[next++] : v.operands[i]);
            return call_operator(rules, operands, settings, v.node.location);
        },
        {}, examples, v.size, false, v.node.location);
}

}  // namespace

namespace rows {
constinit const Op custom_operator{.name = "custom_operator",
                                   .spec = "podium: a C++ function, by XLA's foreign function interface",
                                   .stablehlo = "stablehlo.custom_call",
                                   .kind = Kind::STRUCTURAL,
                                   .types = Types::ANY,
                                   .evaluate = evaluate_operator,
                                   .attributes = operator_attributes,
                                   .vjp = operator_vjp,
                                   .vmap = operator_vmap};
}  // namespace rows

CustomOperator::CustomOperator(OperatorRules rules) {
    if (!is_name(rules.name) || !rules.shapes || !rules.run)
        fail(Code::INVALID_ARGUMENT,
             "operator \"{}\": it needs a name of letters, digits, '_' and '.', its shapes, and a function to run",
             rules.name);
    auto& [mutex, all] = operators();
    const std::lock_guard lock(mutex);
    std::string name = rules.name;
    const auto [place, is_new] = all.try_emplace(std::move(name), std::move(rules));
    if (!is_new) fail(Code::ALREADY_EXISTS, "operator {}: defined before; define it once and keep it", place->first);
    rules_ = &place->second;
}

Tensors CustomOperator::operator()(const Tensors& operands, const CallSettings& settings, Location location) const {
    return call_operator(*rules_, operands, settings, location);
}

Tensors call_operator(std::string_view name, const Tensors& operands, const CallSettings& settings,
                      const Location& location) {
    return call_operator(operator_rules(name), operands, settings, location);
}

bool is_operator(std::string_view name) {
    auto& [mutex, all] = operators();
    const std::lock_guard lock(mutex);
    return all.contains(name);
}

const OperatorRules& operator_rules(std::string_view name) {
    auto& [mutex, all] = operators();
    const std::lock_guard lock(mutex);
    const auto found = all.find(name);
    if (found == all.end())
        fail(Code::NOT_FOUND,
             "operator {}: not defined in this process; make its CustomOperator before the program runs", name);
    return found->second;
}

const OperatorRules& operator_rules(const Node& node) {
    return operator_rules(std::string_view(node.label).substr(0, node.label.find(' ')));
}

void run_operator(const OperatorRules& rules, const OperatorCall& call) {
    const auto& run = call.stream == nullptr ? rules.run : rules.run_cuda;
    if (!run) fail(Code::UNIMPLEMENTED, "operator {}: has no function for CUDA; give it run_cuda", rules.name);
    try {
        run(call);
    } catch (const Error& error) {
        raise(error.code(), fmt::format("operator {}: {}", rules.name, error.message()), error.context());
    } catch (const std::exception& error) {
        fail(Code::UNKNOWN, "operator {}: {}", rules.name, error.what());
    }
}

}  // namespace podium
