#include "podium/optim/gradient_transform.h"

#include <limits>
#include <map>

namespace podium::optim {

GradientTransform chain(std::vector<GradientTransform> parts) {
    std::map<std::string, int> uses;
    for (auto& part : parts)
        if (const int use = ++uses[part.name]; use > 1) part.name += fmt::format("_{}", use);
    const auto init = [parts](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        for (const auto& part : parts) state.add(part.name, part.init(parameters));
        return state.build();
    };
    const auto update = [parts](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        Tree current = updates;
        TreeBuilder<Tensor> next;
        for (const auto& part : parts) {
            auto [changed, part_state] = part.update(current, state.subtree(part.name), parameters, loss);
            current = std::move(changed);
            next.add(part.name, part_state);
        }
        return std::pair{std::move(current), next.build()};
    };
    return {"chain", init, update};
}

GradientTransform named(std::string name, GradientTransform transform) {
    transform.name = std::move(name);
    return transform;
}

Slot slot(std::string name, std::function<Tensor(const Tensor&)> initial) {
    return {std::move(name), std::move(initial)};
}

Dims Leaf::layer_axes() const {
    Dims axes;
    for (std::int64_t axis = path.find('*') == std::string_view::npos ? 0 : 1; axis < update.rank(); ++axis)
        axes.push_back(axis);
    return axes;
}

Leaf Leaf::with(Tensor new_update, Tensors new_slots) const {
    return {path, std::move(new_update), parameter, std::move(new_slots), scalars};
}

GradientTransform per_leaf(std::string name, const std::vector<Slot>& slots, const LeafFunction& f,
                           const StepScalars& scalars) {
    const auto init = [slots, counted = scalars != nullptr](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        if (counted) state.add("count", zeros({}, DataType::INT32));
        for (const auto& each : slots) state.add(each.name, parameters.map(each.initial));
        return state.build();
    };
    const auto update = [name, slots, f, scalars](const Tree& updates, const Tree& state, const Tree& parameters) {
        expect_same_paths(name, updates, parameters);
        TreeBuilder<Tensor> next;
        Tensors numbers;
        if (scalars) {
            numbers = scalars(state["count"], scalar_type(updates));
            next.add("count", safe_increment(state["count"]));
        }
        std::vector<Tensors> columns(slots.size());
        Tensors changed;
        for (std::size_t i = 0; i < updates.size(); ++i) {
            Leaf leaf{updates.path(i), updates.leaves()[i], parameters.leaves()[i], {}, {}};
            for (const auto& each : slots) leaf.slots.push_back(state[join_path(each.name, leaf.path)]);
            for (const auto& number : numbers) leaf.scalars.push_back(convert(number, leaf.update.type()));
            Leaf result = f(leaf);
            for (std::size_t j = 0; j < slots.size(); ++j) columns[j].push_back(std::move(result.slots[j]));
            changed.push_back(std::move(result.update));
        }
        for (std::size_t j = 0; j < slots.size(); ++j)
            next.add(slots[j].name, Tree(updates.paths(), std::move(columns[j])));
        return std::pair{Tree(updates.paths(), std::move(changed)), next.build()};
    };
    return {std::move(name), init, update};
}

Tensor safe_increment(const Tensor& count) { return minimum(count, std::numeric_limits<std::int32_t>::max() - 1) + 1; }

DataType scalar_type(const Tree& tree) {
    for (const auto& leaf : tree.leaves())
        if (leaf.type() == DataType::FLOAT64) return DataType::FLOAT64;
    return DataType::FLOAT32;
}

void expect_same_paths(std::string_view transform, const Tree& updates, const Tree& parameters) {
    const auto &found = *updates.paths(), &expected = *parameters.paths();
    if (&found == &expected || found == expected) return;
    for (const auto& path : expected.names())
        if (found.find(path) < 0)
            fail(Code::SHAPE_MISMATCH, "{}: the parameter \"{}\" has no update; both trees need the same paths",
                 transform, path);
    for (const auto& path : found.names())
        if (expected.find(path) < 0)
            fail(Code::SHAPE_MISMATCH, "{}: the update \"{}\" has no parameter; both trees need the same paths",
                 transform, path);
    fail(Code::SHAPE_MISMATCH, "{}: updates and parameters have the same paths in different orders", transform);
}

Tree apply_updates(const Tree& parameters, const Tree& updates) {
    expect_same_paths("apply_updates", updates, parameters);
    Tensors leaves;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Tensor &parameter = parameters.leaves()[i], &update = updates.leaves()[i];
        if (parameter.type() == update.type()) {
            leaves.push_back(parameter + update);
            continue;
        }
        const DataType wide = scalar_type(Tree(std::make_shared<const Paths>(), {parameter, update}));
        leaves.push_back(convert(convert(parameter, wide) + convert(update, wide), parameter.type()));
    }
    return {parameters.paths(), std::move(leaves)};
}

Tensor global_norm(const Tree& tree) {
    const DataType type = scalar_type(tree);
    Tensor total = zeros({}, type);
    for (const auto& leaf : tree.leaves()) total = total + sum(square(convert(leaf, type)));
    return sqrt(total);
}

}  // namespace podium::optim
