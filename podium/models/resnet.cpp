#include "podium/models/resnet.h"

#include "podium/models/parameters.h"
#include "podium/nn/activations.h"
#include "podium/nn/pooling.h"

namespace podium::models {
namespace {

ResnetOptions checked_resnet(ResnetOptions options) {
    const auto& widths = options.widths;
    if (widths.empty()) fail(Code::INVALID_ARGUMENT, "resnet: needs a width or more");
    expect_sizes("resnet", {{"channels", options.channels},
                            {"blocks", options.blocks},
                            {"classes", options.classes},
                            {"groups", options.groups}});
    for (const auto width : widths) {
        expect_sizes("resnet", {{"a width", width}});
        if (options.normalization == Normalization::GROUP && width % options.groups != 0)
            fail(Code::INVALID_ARGUMENT, "resnet: {} groups do not divide a width of {}", options.groups, width);
    }
    return options;
}

std::string block_name(std::size_t block) { return fmt::format("blocks.{}", block); }

}  // namespace

Tree Resnet::Unit::init(const Key& key) const {
    TreeBuilder<Tensor> tree;
    tree.add("", conv.init(key));
    if (norm) tree.add("norm", norm->init(key));
    return tree.build();
}

Tensor Resnet::Unit::operator()(const Tree& parameters, const Tensor& x) const {
    const Tensor y = conv(parameters, x);
    return norm ? (*norm)(parameters.subtree("norm"), y) : y;
}

Tree Resnet::Block::init(const Key& key) const {
    const auto keys = split_list(key, 3);
    TreeBuilder<Tensor> tree;
    tree.add("conv1", conv1.init(keys[0])).add("conv2", conv2.init(keys[1]));
    if (shortcut) tree.add("shortcut", shortcut->init(keys[2]));
    return tree.build();
}

Tensor Resnet::Block::operator()(const Tree& parameters, const Tensor& x) const {
    const Tensor y = conv2(parameters.subtree("conv2"), nn::relu(conv1(parameters.subtree("conv1"), x)));
    return nn::relu(y + (shortcut ? (*shortcut)(parameters.subtree("shortcut"), x) : x));
}

Resnet::Unit Resnet::unit(std::int64_t inputs, std::int64_t outputs, std::int64_t window, std::int64_t stride) const {
    const bool normalized = options_.normalization == Normalization::GROUP;
    const DataType type = options_.precision.parameters;
    const Dims edges(2, window / 2);
    Unit made{.conv = {.inputs = inputs,
                       .outputs = outputs,
                       .window = Dims(2, window),
                       .strides = Dims(2, stride),
                       .padding = nn::Padding::edges(edges, edges),
                       .bias = !normalized,
                       .weight_initializer = nn::kaiming_normal(),
                       .type = type}};
    if (normalized) made.norm = nn::GroupNorm{.width = outputs, .groups = options_.groups, .type = type};
    return made;
}

Resnet::Resnet(ResnetOptions options) : options_(checked_resnet(std::move(options))) {
    std::int64_t inputs = options_.widths.front();
    stem_ = unit(options_.channels, inputs, 3, 1);
    for (std::size_t stage = 0; stage < options_.widths.size(); ++stage) {
        const auto width = options_.widths[stage];
        for (std::int64_t i = 0; i < options_.blocks; ++i) {
            const bool halves = stage > 0 && i == 0;
            Block block{.conv1 = unit(inputs, width, 3, halves ? 2 : 1), .conv2 = unit(width, width, 3, 1)};
            if (halves) block.shortcut = unit(inputs, width, 1, 2);
            blocks_.push_back(std::move(block));
            inputs = width;
        }
    }
    head_ = {.inputs = inputs, .outputs = options_.classes, .type = options_.precision.parameters};
}

Tree Resnet::init(const Key& key) const {
    const auto keys = split_list(key, static_cast<std::int64_t>(blocks_.size()) + 2);
    TreeBuilder<Tensor> tree;
    tree.add("stem", stem_.init(keys.front()));
    for (std::size_t i = 0; i < blocks_.size(); ++i) tree.add(block_name(i), blocks_[i].init(keys[i + 1]));
    return tree.add("head", head_.init(keys.back())).build();
}

Tensor Resnet::operator()(const Tree& parameters, const Operand& images) const {
    const LocationScope scope(images.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, images.location());
    Tensor y = nn::relu(stem_(computed.subtree("stem"), convert(images, options_.precision.compute)));
    for (std::size_t i = 0; i < blocks_.size(); ++i) y = blocks_[i](computed.subtree(block_name(i)), y);
    return nn::at_least_f32(head_(computed.subtree("head"), nn::global_average_pool(y)));
}

}  // namespace podium::models
