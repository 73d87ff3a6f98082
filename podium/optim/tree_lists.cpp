#include "podium/optim/tree_lists.h"

#include "podium/optim/tree_math.h"

namespace podium::optim {

Tensors joined(std::initializer_list<Tree> trees) {
    Tensors all;
    for (const auto& tree : trees) all.insert(all.end(), tree.leaves().begin(), tree.leaves().end());
    return all;
}

Tree Unpacker::take(const Tree& like) {
    const auto first = next_;
    next_ += static_cast<std::ptrdiff_t>(like.size());
    return {like.paths(), Tensors(first, next_)};
}

std::pair<Tree, Tree> updated_if(const Tensor& condition, const GradientTransform& inner, const Tree& updates,
                                 const Tree& state, const Tree& parameters, const StepLoss& loss,
                                 const Tree& otherwise) {
    const auto accept = [&](const Tensors& operands) {
        Unpacker unpacker(operands);
        const Tree given = unpacker.take(updates), slots = unpacker.take(state), current = unpacker.take(parameters);
        const auto [changed, next] = inner.update(given, slots, current, loss);
        return joined({changed, in_order(next, state)});
    };
    const auto reject = [&](const Tensors& operands) {
        Unpacker unpacker(operands);
        unpacker.take(updates);
        const Tree slots = unpacker.take(state);
        unpacker.take(parameters);
        return joined({unpacker.take(otherwise), slots});
    };
    const Tensors results = cond(condition, accept, reject, joined({updates, state, parameters, otherwise}));
    Unpacker unpacker(results);
    Tree changed = unpacker.take(updates);
    return {std::move(changed), unpacker.take(state)};
}

}  // namespace podium::optim
