#include "podium/train/state_placement.h"

#include <algorithm>

namespace podium::train {
namespace {

/// Returns the number of the longest parameter's path at the end of a state's path, or -1.
int parameter_of(std::string_view path, const Paths& parameters) {
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
        if (const int found = static_cast<int>(parameters.find(path.substr(dot + 1))); found >= 0) return found;
    return -1;
}

}  // namespace

std::vector<Rule> state_rules(const Tree& state, const Tree& parameters, const std::vector<Rule>& parameter_rules) {
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < state.size(); ++i) {
        Rule rule{"**." + state.path(i), {}};
        const int parameter = parameter_of(state.path(i), *parameters.paths());
        if (parameter >= 0) {
            const auto at = static_cast<std::size_t>(parameter);
            const auto given = std::ranges::find_if(
                parameter_rules, [&](const Rule& each) { return matches(each.pattern, parameters.path(at)); });
            if (given != parameter_rules.end() && state.leaves()[i].dims() == parameters.leaves()[at].dims())
                rule.axes = given->axes;
        }
        rules.push_back(std::move(rule));
    }
    return rules;
}

}  // namespace podium::train
