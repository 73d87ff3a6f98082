#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace podium::proof {

/// A value of a program as the text spells it: "%0#1" and "tensor<4xf32>".
struct TextValue {
    std::string name, type;
};
/// One operation, its regions included.
struct Statement {
    std::string text;
    std::vector<TextValue> results;
    std::vector<std::string> uses;  ///< values from outside of it, each once
};
/// StableHLO text taken apart: the function main, and what stands before and behind it.
struct ProgramText {
    std::string before, after;
    std::vector<TextValue> parameters, results;
    std::vector<Statement> statements;
};

/// Reads what `podium run` takes, in MLIR's short or generic form. Attributes of parameters and results are dropped.
/// Throws INVALID_DATA naming the program and the line that is not understood.
ProgramText parse_program(std::string_view text, std::string_view name);
std::string to_string(const ProgramText& program);

/// Returns what computes `results` (names of values): those of the statements that they need, down to the values that
/// are `given`, which become parameters.
ProgramText part_of(const ProgramText& program, std::span<const std::string> results,
                    const std::set<std::string>& given);

}  // namespace podium::proof
