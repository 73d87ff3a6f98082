#pragma once

#include "podium/exec/jit.h"

namespace podium::train {

/// Returns rules for jit by which an optimizer's state lies as its parameters do: each leaf under a parameter's path
/// that has its dimensions (moments, codes of 8 bits) is split as the first of `parameter_rules` splits the parameter,
/// and what is smaller (scales, sums of rows, numbers) is whole. They go before the parameters' own rules.
std::vector<Rule> state_rules(const Tree& state, const Tree& parameters, const std::vector<Rule>& parameter_rules);

}  // namespace podium::train
