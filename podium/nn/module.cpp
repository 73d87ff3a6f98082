#include "podium/nn/module.h"

#include "podium/nn/located.h"

namespace podium::nn {

Tree Sequential::init(const Key& key) const {
    TreeBuilder<Tensor> tree;
    for (std::size_t i = 0; i < layers.size(); ++i)
        tree.add(fmt::format("{}", i), layers[i].init(fold_in(key, static_cast<std::int64_t>(i))));
    return tree.build();
}

Tensor Sequential::operator()(const Tree& parameters, const Operand& x, const std::optional<Key>& key) const {
    const Located at(x.location());
    Tensor y = x.tensor();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        std::optional<Key> drawn;
        if (key) drawn = fold_in(*key, static_cast<std::int64_t>(i));
        y = layers[i](parameters.subtree(fmt::format("{}", i)), at(y), drawn);
    }
    return y;
}

}  // namespace podium::nn
