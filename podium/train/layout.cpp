#include "podium/train/layout.h"

#include <algorithm>

#include "podium/train/state_placement.h"

namespace podium::train {
namespace {

parallel::Strategy strategy_of(const TrainConfig& config) {
    const auto& options = config.parallel;
    parallel::Strategy strategy{.zero = options.zero, .least_elements = options.least_elements};
    for (const auto& [pattern, axes] : options.rules) strategy.rules.push_back({pattern, axes});
    const auto& model = config.model;
    if (reads_images(model.kind)) return strategy;
    strategy.names = parallel::transformer_rules();
    const bool decodes = model.kind == ModelKind::DECODER;
    strategy.heads = decodes ? model.decoder.heads : model.heads;
    strategy.key_heads = decodes ? model.decoder.key_heads : model.heads;
    return strategy;
}

/// Returns the rules of one kind of tensor: each parameter's own, behind "**." and `prefix`.
std::vector<Rule> rules_of(std::string_view prefix, const Tree& parameters, const std::vector<parallel::Split>& splits,
                           std::vector<std::string> parallel::Split::*which) {
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < splits.size(); ++i)
        rules.push_back({fmt::format("**.{}{}", prefix, parameters.path(i)), splits[i].*which});
    return rules;
}

}  // namespace

std::vector<std::string> Layout::axes_of(std::string_view path) const {
    const auto found = std::ranges::find_if(rules, [&](const Rule& rule) { return matches(rule.pattern, path); });
    return found == rules.end() ? std::vector<std::string>() : found->axes;
}

Layout layout_of(const TrainConfig& config, const Mesh& mesh, const InitFunction& init) {
    Layout layout{.batch = std::make_shared<const Placement>(mesh)};
    if (mesh.size() == 1) return layout;
    std::vector<std::string> batch{parallel::batch_axes(mesh)};
    if (!reads_images(config.model.kind)) batch.push_back(parallel::joined_axes(mesh, std::array{parallel::SEQ}));
    layout.batch = std::make_shared<const Placement>(mesh, batch);

    const TraceScope scope;
    const State state = init(Key{scope.parameter(Shape(DataType::UINT32, {2}))});
    const auto shapes = state.parameters.map([](const Tensor& t) { return Shape(t.type(), t.dims()); });
    const auto splits = parallel::parameter_splits(mesh, strategy_of(config), shapes);
    const auto add = [&](std::vector<Rule> rules) {
        for (auto& rule : rules)
            if (!rule.axes.empty()) layout.rules.push_back(std::move(rule));
    };
    auto of_state =
        state_rules(state.optimizer, state.parameters, rules_of("", state.parameters, splits, &parallel::Split::state));
    for (auto& rule : of_state) rule.pattern = "**.optimizer." + rule.pattern.substr(3);
    add(std::move(of_state));
    add(rules_of("parameters.", state.parameters, splits, &parallel::Split::parameter));
    add(rules_of("average.", state.parameters, splits, &parallel::Split::parameter));
    add(rules_of("gradient.", state.parameters, splits, &parallel::Split::gradient));
    layout.rules.push_back({"batch.**", layout.batch->axes});
    if (config.parallel.zero >= 2)
        layout.place_gradients = [mesh, splits](const Tree& gradients) {
            Tree placed = gradients;
            for (std::size_t i = 0; i < splits.size(); ++i)
                if (const auto& axes = splits[i].gradient;
                    std::ranges::any_of(axes, [](auto& a) { return !a.empty(); }))
                    placed.leaves()[i] = with_sharding(gradients.leaves()[i], mesh, axes);
            return placed;
        };
    return layout;
}

}  // namespace podium::train
