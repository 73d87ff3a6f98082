#include "podium/models/mlp.h"

#include "podium/nn/activations.h"
#include "podium/nn/located.h"

namespace podium::models {
namespace {

std::string prefix(std::size_t layer) { return fmt::format("layers.{}", layer); }

}  // namespace

Mlp::Mlp(MlpOptions options) : options_(std::move(options)) {
    const auto& widths = options_.widths;
    if (widths.size() < 2) fail(Code::INVALID_ARGUMENT, "mlp: needs two widths or more, got [{}]", join(widths));
    for (const auto width : widths)
        if (width < 1) fail(Code::INVALID_ARGUMENT, "mlp: widths must be at least 1, got [{}]", join(widths));
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
        layers_.push_back({widths[i], widths[i + 1], true, nn::kaiming_normal(), options_.precision.parameters});
}

Tree Mlp::init(const Key& key) const {
    const auto keys = split_list(key, static_cast<std::int64_t>(layers_.size()));
    TreeBuilder<Tensor> tree;
    for (std::size_t i = 0; i < layers_.size(); ++i) tree.add(prefix(i), layers_[i].init(keys[i]));
    return tree.build();
}

Tensor Mlp::operator()(const Tree& parameters, const Operand& x) const {
    const nn::Located at(x.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, at.location());
    Tensor y = convert(x, options_.precision.compute);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (i > 0) y = nn::relu(at(y));
        y = layers_[i](computed.subtree(prefix(i)), at(y));
    }
    return nn::at_least_f32(at(y));
}

}  // namespace podium::models
