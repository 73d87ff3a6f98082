#pragma once

#include <concepts>
#include <functional>
#include <memory>

#include "podium/nn/layers.h"

namespace podium::nn {

/// A layer: makes parameters, and maps (parameters, x) to a tensor; a third argument, a key, where it draws.
template <class L>
concept Layer =
    requires(const L& layer, const Key& key, const Tree& tree, const Operand& x) {
        { layer.init(key) } -> std::convertible_to<Tree>;
    } && (std::is_invocable_r_v<Tensor, const L&, const Tree&, const Operand&> ||
          std::is_invocable_r_v<Tensor, const L&, const Tree&, const Operand&, const std::optional<Key>&>);

/// Any layer, or any function of one tensor, by value: `Module(Linear{…})`, `Module(relu)`.
class Module {
public:
    template <Layer L>
    Module(L layer) {
        const auto shared = std::make_shared<const L>(std::move(layer));
        init_ = [shared](const Key& key) -> Tree { return shared->init(key); };
        call_ = [shared](const Tree& parameters, const Operand& x, const std::optional<Key>& key) -> Tensor {
            if constexpr (std::is_invocable_v<const L&, const Tree&, const Operand&, const std::optional<Key>&>)
                return (*shared)(parameters, x, key);
            else
                return (*shared)(parameters, x);
        };
    }
    template <class F>
        requires std::is_invocable_r_v<Tensor, const F&, const Operand&>
    Module(F function)
        : init_([](const Key&) { return Tree(); }),
          call_([function = std::move(function)](const Tree&, const Operand& x, const std::optional<Key>&) -> Tensor {
              return function(x);
          }) {}

    Tree init(const Key& key) const { return init_(key); }
    /// Returns the layer's result; what it draws comes from `key`, and nothing is drawn without one.
    Tensor operator()(const Tree& parameters, const Operand& x, const std::optional<Key>& key = {}) const {
        return call_(parameters, x, key);
    }

private:
    std::function<Tree(const Key&)> init_;
    std::function<Tensor(const Tree&, const Operand&, const std::optional<Key>&)> call_;
};

/// Layers and functions one after another. Parameters: N.PATH for those of layer N.
struct Sequential {
    std::vector<Module> layers;

    Tree init(const Key& key) const;
    Tensor operator()(const Tree& parameters, const Operand& x, const std::optional<Key>& key = {}) const;
};

/// A module together with parameters for it.
struct Model {
    Module module;
    Tree parameters;

    Tensor operator()(const Operand& x, const std::optional<Key>& key = {}) const { return module(parameters, x, key); }
    /// Returns the model with its parameters on that device; what is computed from them is computed there.
    Model to(Device device) const {
        return {module, parameters.map([&](const Tensor& leaf) { return leaf.to(device); })};
    }
};

}  // namespace podium::nn
