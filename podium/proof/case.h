#pragma once

#include <span>
#include <string>
#include <vector>

#include "podium/proof/draw.h"

namespace podium::proof {

/// One sample of a row: what it is made of follows from these alone.
struct Case {
    const Op* op;
    DataType type;
    bool folded;  ///< operands are constants of the program, for the compiler to fold; else arguments of a run
    std::uint64_t seed;
};
/// Returns "add f32 constants seed 17".
std::string to_string(const Case& sample);

/// Cases as one program.
struct Program {
    Graph graph;
    std::vector<HostArray> arguments;  ///< one a parameter
    std::vector<std::size_t> ends;     ///< behind the last result of each case
};
/// Returns the program that computes all of the cases' results. Throws what recording one of them throws.
Program program_of(std::span<const Case> cases, Denormals denormals = Denormals::KEPT);

/// Returns `repeats` cases of each row of `ops` and each type that it takes, by turns with operands as arguments and as
/// constants, in an order in which neighbours belong together. Rows of `rows_without_cases` have none.
std::vector<Case> sample_cases(std::span<const Op* const> ops, std::uint64_t seed, int repeats);

/// A row that nothing can be compared of, and why.
struct Excused {
    const Op* op;
    std::string_view reason;
};
std::span<const Excused> rows_without_cases();

}  // namespace podium::proof
