#include "podium/runtime/pjrt/foreign_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace podium {
namespace {

constexpr std::string_view NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-";
constexpr std::array<std::string_view, 3> EXTREMES{"maximum", "minimum", "clamp"};

/// Returns the names of values in a piece of a line: "%0", "%arg.1".
std::vector<std::string_view> values_in(std::string_view text) {
    std::vector<std::string_view> found;
    for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1))
        found.push_back(text.substr(at, std::min(text.find_first_not_of(NAME_CHARACTERS, at + 1), text.size()) - at));
    return found;
}

/// One statement, `%0 = stablehlo.add %a, %b : tensor<2xi1>` or `%0 = "stablehlo.add"(%a, %b) : (…) -> …`.
struct Statement {
    std::string_view result, operation, type;
    std::vector<std::string_view> operands;
};

Statement parse(std::string_view line) {
    constexpr std::string_view DIALECT = "stablehlo.";
    const auto equals = line.find(" = ");
    const auto begin = line.find('%');
    if (equals == line.npos || begin > equals) return {};
    const auto right = line.substr(equals + 3);
    const auto dialect = right.find(DIALECT);
    if (dialect > 1 || right.ends_with('{') || right.find("({") != right.npos) return {};  // a call, or has regions
    const auto name = right.substr(dialect + DIALECT.size());
    Statement statement{.result = values_in(line.substr(begin, equals - begin)).front(),
                        .operation = name.substr(0, name.find_first_not_of(NAME_CHARACTERS)),
                        .operands = values_in(right)};
    const auto type = right.rfind("tensor<");
    if (type != right.npos) statement.type = right.substr(type, right.rfind('>') + 1 - type);
    return statement;
}

bool is_folded_wrongly(const Statement& statement) {
    const auto is_of = [&](std::string_view type) {
        return statement.type.ends_with(fmt::format("x{}>", type)) || statement.type == fmt::format("tensor<{}>", type);
    };
    const bool is_integer = statement.type.find("xi") != std::string_view::npos ||
                            statement.type.find("xui") != std::string_view::npos ||
                            statement.type.starts_with("tensor<i") || statement.type.starts_with("tensor<ui");
    return statement.operation == "add"
               ? is_of("i1")
               : !is_integer && std::ranges::find(EXTREMES, statement.operation) != EXTREMES.end();
}

}  // namespace

std::string with_barriers(std::string_view text) {
    std::string result;
    std::set<std::string_view> constants;
    int barriers = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
        const auto line = text.substr(at, end - at);
        const auto statement = parse(line.substr(0, line.find_last_not_of(" \n\r") + 1));
        at = end;
        if (line.find("func.func") != line.npos) constants.clear();
        if (!statement.result.empty()) {
            const bool is_constant = std::ranges::all_of(
                statement.operands, [&](std::string_view each) { return constants.contains(each); });
            if (is_constant)
                constants.insert(statement.result);
            else
                constants.erase(statement.result);
            if (is_constant && statement.operands.size() > 1 && is_folded_wrongly(statement)) {
                const auto operand = statement.operands[statement.operation == "clamp" ? 1 : 0];
                const auto before = static_cast<std::size_t>(operand.data() - line.data());
                result += fmt::format(
                    "%podium_barrier_{0} = stablehlo.optimization_barrier {1} : {2} "
                    "{3}%podium_barrier_{0}{4}",
                    barriers++, operand, statement.type, line.substr(0, before), line.substr(before + operand.size()));
                continue;
            }
        }
        result += line;
    }
    return result;
}

}  // namespace podium
