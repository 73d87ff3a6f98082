#include "podium/optim/partition.h"

#include <algorithm>

namespace podium::optim {
namespace {

using Chosen = std::function<bool(std::size_t)>;

/// Returns the leaves that `chosen` takes by their place.
Tree only(const Tree& tree, const Chosen& chosen) {
    TreeBuilder<Tensor> part;
    for (std::size_t i = 0; i < tree.size(); ++i)
        if (chosen(i)) part.add(tree.path(i), tree.leaves()[i]);
    return part.build();
}

/// Puts leaves where `chosen` took them from.
void put_back(Tree& tree, const Tree& part, const Chosen& chosen) {
    auto next = part.leaves().begin();
    for (std::size_t i = 0; i < tree.size(); ++i)
        if (chosen(i)) tree.leaves()[i] = *next++;
}

Chosen chosen_by(const Mask& mask, const Tree& parameters) {
    return [&](std::size_t i) { return mask(parameters.path(i), parameters.leaves()[i].shape()); };
}

GradientTransform set_to_zero() {
    return per_leaf("set_to_zero", {}, [](const Leaf& leaf) { return leaf.with(zeros_like(leaf.update)); });
}

/// Returns which part each parameter belongs to.
std::vector<std::size_t> owners(const std::vector<Part>& parts, const Tree& parameters) {
    std::vector<std::size_t> owner;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto takes = [&](const Part& part) {
            return part.mask(parameters.path(i), parameters.leaves()[i].shape());
        };
        const auto found = std::ranges::find_if(parts, takes);
        if (found == parts.end())
            fail(Code::INVALID_ARGUMENT, "partition: no part takes the parameter \"{}\"; give a last part for the rest",
                 parameters.path(i));
        owner.push_back(static_cast<std::size_t>(found - parts.begin()));
    }
    return owner;
}

}  // namespace

Mask matching(std::vector<std::string> patterns) {
    return [patterns = std::move(patterns)](std::string_view path) {
        return std::ranges::any_of(patterns, [&](const std::string& each) { return matches(each, path); });
    };
}

GradientTransform masked(const GradientTransform& inner, Mask mask) {
    const auto init = [inner, mask](const Tree& parameters) {
        return inner.init(only(parameters, chosen_by(mask, parameters)));
    };
    const auto update = [inner, mask = std::move(mask)](const Tree& updates, const Tree& state, const Tree& parameters,
                                                        const StepLoss& loss) {
        expect_same_paths("masked", updates, parameters);
        const Chosen chosen = chosen_by(mask, parameters);
        auto [part, next] = inner.update(only(updates, chosen), state, only(parameters, chosen), {.value = loss.value});
        Tree changed = updates;
        put_back(changed, part, chosen);
        return std::pair{std::move(changed), std::move(next)};
    };
    return {inner.name, init, update};
}

GradientTransform freeze(Mask mask) { return named("freeze", masked(set_to_zero(), std::move(mask))); }

GradientTransform selective_transform(const GradientTransform& inner, const Mask& frozen) {
    const Mask trained = [frozen](std::string_view path, const Shape& shape) { return !frozen(path, shape); };
    const GradientTransform rest = masked(inner, trained), none = freeze(frozen);
    const auto update = [rest, none](const Tree& updates, const Tree& state, const Tree& parameters,
                                     const StepLoss& loss) {
        auto [changed, next] = rest.update(updates, state, parameters, loss);
        return std::pair{none.update(changed, {}, parameters).first, std::move(next)};
    };
    return {inner.name, rest.init, update};
}

GradientTransform scale_matching(std::vector<std::pair<std::string, double>> factors) {
    return per_leaf("scale_matching", {}, [factors = std::move(factors)](const Leaf& leaf) {
        for (const auto& [pattern, factor] : factors)
            if (matches(pattern, leaf.path)) return leaf.with(factor * leaf.update);
        return leaf.with(leaf.update);
    });
}

GradientTransform partition(const std::vector<Part>& parts) {
    const auto init = [parts](const Tree& parameters) {
        const auto owner = owners(parts, parameters);
        TreeBuilder<Tensor> state;
        for (std::size_t p = 0; p < parts.size(); ++p)
            state.add(parts[p].name,
                      parts[p].transform.init(only(parameters, [&](std::size_t i) { return owner[i] == p; })));
        return state.build();
    };
    const auto update = [parts](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_same_paths("partition", updates, parameters);
        const auto owner = owners(parts, parameters);
        Tree changed = updates;
        TreeBuilder<Tensor> next;
        for (std::size_t p = 0; p < parts.size(); ++p) {
            const Chosen chosen = [&](std::size_t i) { return owner[i] == p; };
            const auto [part, part_state] = parts[p].transform.update(
                only(updates, chosen), state.subtree(parts[p].name), only(parameters, chosen), {.value = loss.value});
            put_back(changed, part, chosen);
            next.add(parts[p].name, part_state);
        }
        return std::pair{std::move(changed), next.build()};
    };
    return {"partition", init, update};
}

}  // namespace podium::optim
