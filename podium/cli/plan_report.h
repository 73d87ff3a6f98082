#pragma once

#include <chrono>
#include <vector>

#include "podium/plan/plan.h"

namespace podium {

/// Tells on stderr which candidates are compiled, and what came of them.
class PlanProgress {
public:
    explicit PlanProgress(const std::vector<catalog::Slice>& targets);
    void tell(std::size_t candidate, const plan::CompileAnswer* answer);

private:
    std::vector<std::string> names_;
    std::size_t done_ = 0;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Prints a table of all candidates, and for each that fits its memory, time and collectives.
void print_plan(const std::vector<plan::Candidate>& candidates, const plan::PlanOptions& options);

}  // namespace podium
