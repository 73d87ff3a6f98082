#include "podium/models/unet.h"

#include <cmath>

#include "podium/ir/attention.h"
#include "podium/models/parameters.h"
#include "podium/nn/activations.h"
#include "podium/numeric/arrangement.h"

namespace podium::models {
namespace {

constexpr double LONGEST_PERIOD = 10000.0;

UnetOptions checked_unet(UnetOptions options) {
    if (options.widths.empty()) fail(Code::INVALID_ARGUMENT, "unet: needs a width or more");
    expect_sizes("unet", {{"channels", options.channels},
                          {"blocks", options.blocks},
                          {"groups", options.groups},
                          {"heads", options.heads}});
    for (const auto width : options.widths) {
        expect_sizes("unet", {{"a width", width}});
        if (width % options.groups != 0)
            fail(Code::INVALID_ARGUMENT, "unet: {} groups do not divide a width of {}", options.groups, width);
    }
    if (options.widths.front() % 2 != 0)
        fail(Code::INVALID_ARGUMENT, "unet: the first width is {}; half of it are sines", options.widths.front());
    if (options.widths.back() % options.heads != 0)
        fail(Code::INVALID_ARGUMENT, "unet: {} heads do not divide a width of {}", options.heads,
             options.widths.back());
    return options;
}

std::string numbered(const char* name, std::size_t i) { return fmt::format("{}.{}", name, i); }

/// Returns sines and cosines of the steps, [batch, width]. Source: Vaswani et al. 2017, section 3.5.
Tensor waves_of(const Tensor& steps, std::int64_t width, DataType type) {
    const auto half = width / 2;
    const Tensor rates = exp(arange(half, type) * (-std::log(LONGEST_PERIOD) / static_cast<double>(half)));
    const Tensor angles = reshape(convert(steps, type), {steps.dim(0), 1}) * rates;
    return concatenate({sin(angles), cos(angles)}, 1);
}

}  // namespace

nn::Conv Unet::conv(std::int64_t inputs, std::int64_t outputs, std::int64_t window, std::int64_t stride) const {
    const Dims edges(2, window / 2);
    return {.inputs = inputs,
            .outputs = outputs,
            .window = Dims(2, window),
            .strides = Dims(2, stride),
            .padding = nn::Padding::edges(edges, edges),
            .weight_initializer = nn::kaiming_normal(),
            .type = options_.precision.parameters};
}

nn::Linear Unet::linear(std::int64_t inputs, std::int64_t outputs) const {
    return {.inputs = inputs, .outputs = outputs, .type = options_.precision.parameters};
}

nn::GroupNorm Unet::norm(std::int64_t width) const {
    return {.width = width, .groups = options_.groups, .type = options_.precision.parameters};
}

Unet::Block Unet::block(std::int64_t inputs, std::int64_t outputs) const {
    Block made{.norm1 = norm(inputs),
               .norm2 = norm(outputs),
               .conv1 = conv(inputs, outputs),
               .conv2 = conv(outputs, outputs),
               .time = linear(4 * options_.widths.front(), outputs)};
    if (inputs != outputs) made.shortcut = conv(inputs, outputs, 1);
    return made;
}

Tree Unet::Block::init(const Key& key) const {
    const auto keys = split_list(key, 4);
    TreeBuilder<Tensor> tree;
    tree.add("norm1", norm1.init(key)).add("conv1", conv1.init(keys[0])).add("time", time.init(keys[1]));
    tree.add("norm2", norm2.init(key)).add("conv2", conv2.init(keys[2]));
    if (shortcut) tree.add("shortcut", shortcut->init(keys[3]));
    return tree.build();
}

Tensor Unet::Block::operator()(const Tree& parameters, const Tensor& x, const Tensor& time_features) const {
    const auto of = [&](const char* name) { return parameters.subtree(name); };
    const Tensor told = time(of("time"), nn::silu(time_features));
    const Tensor y =
        conv1(of("conv1"), nn::silu(norm1(of("norm1"), x))) + reshape(told, {told.dim(0), 1, 1, told.dim(1)});
    return conv2(of("conv2"), nn::silu(norm2(of("norm2"), y))) + (shortcut ? (*shortcut)(of("shortcut"), x) : x);
}

Unet::Unet(UnetOptions options) : options_(checked_unet(std::move(options))) {
    const auto& widths = options_.widths;
    std::vector<std::int64_t> seen{widths.front()};  // what the way up sees of the way down
    std::int64_t inputs = widths.front();
    for (std::size_t stage = 0; stage < widths.size(); ++stage) {
        if (stage > 0) {
            halve_.push_back(conv(inputs, inputs, 3, 2));
            seen.push_back(inputs);
        }
        for (std::int64_t i = 0; i < options_.blocks; ++i) {
            down_.push_back(block(inputs, widths[stage]));
            inputs = widths[stage];
            seen.push_back(inputs);
        }
    }
    middle_ = {block(inputs, inputs), block(inputs, inputs)};
    for (std::size_t stage = widths.size(); stage-- > 0;) {
        for (std::int64_t i = 0; i <= options_.blocks; ++i) {
            up_.push_back(block(inputs + seen.back(), widths[stage]));
            inputs = widths[stage];
            seen.pop_back();
        }
        if (stage > 0) double_.push_back(conv(inputs, inputs));
    }
}

Tree Unet::init(const Key& key) const {
    const auto width = options_.widths.front(), last = options_.widths.back();
    std::int64_t used = 0;
    const auto next = [&] { return fold_in(key, used++); };
    TreeBuilder<Tensor> tree;
    tree.add("time.up", linear(width, 4 * width).init(next()))
        .add("time.down", linear(4 * width, 4 * width).init(next()));
    tree.add("stem", conv(options_.channels, width).init(next()));
    const auto add = [&](const char* name, const auto& layers) {
        for (std::size_t i = 0; i < layers.size(); ++i) tree.add(numbered(name, i), layers[i].init(next()));
    };
    add("down", down_);
    add("halve", halve_);
    add("middle", middle_);
    tree.add("attention.norm", norm(last).init(next())).add("attention.qkv", linear(last, 3 * last).init(next()));
    tree.add("attention.out", linear(last, last).init(next()));
    add("up", up_);
    add("double", double_);
    tree.add("norm", norm(width).init(next()));
    return tree.add("head", conv(width, options_.channels).init(next())).build();
}

/// Returns x with what each place takes from all others added to it.
Tensor Unet::attended(const Tree& parameters, const Tensor& x) const {
    const auto width = x.dim(3), places = x.dim(1) * x.dim(2);
    const Tensor normed = norm(width)(parameters.subtree("norm"), x);
    const Tensor qkv = linear(width, 3 * width)(parameters.subtree("qkv"), normed);
    const auto part = [&](std::int64_t i) {
        return reshape(slice_axis(qkv, 3, i * width, (i + 1) * width),
                       {x.dim(0), places, options_.heads, width / options_.heads});
    };
    const Tensor taken = reshape(attention(part(0), part(1), part(2)), x.dims());
    return x + linear(width, width)(parameters.subtree("out"), taken);
}

Tensor Unet::operator()(const Tree& parameters, const Operand& images, const Tensor& steps) const {
    const LocationScope scope(images.location());
    const Shape& shape = images.tensor().shape();
    const std::int64_t unit = std::int64_t{1} << halve_.size();
    if (shape.rank() != 4 || shape.dims[3] != options_.channels || shape.dims[1] % unit != 0 ||
        shape.dims[2] % unit != 0)
        fail_at(Code::SHAPE_MISMATCH, images.location(),
                fmt::format("unet: takes [batch,height,width,{}] with sides that {} divides, got {}", options_.channels,
                            unit, to_string(shape)));
    if (steps.dims() != Dims{shape.dims[0]})
        fail_at(
            Code::SHAPE_MISMATCH, images.location(),
            fmt::format("unet: takes a step for each of {} images, got {}", shape.dims[0], to_string(steps.shape())));
    const DataType type = options_.precision.compute;
    const Tree computed = nn::cast_tree(parameters, type, images.location());
    const auto of = [&](const std::string& name) { return computed.subtree(name); };
    const auto width = options_.widths.front();
    Tensor time = linear(width, 4 * width)(of("time.up"), waves_of(steps, width, type));
    time = linear(4 * width, 4 * width)(of("time.down"), nn::silu(time));

    Tensor y = conv(options_.channels, width)(of("stem"), convert(images, type));
    Tensors seen{y};
    for (std::size_t i = 0; i < down_.size(); ++i) {
        if (i > 0 && i % static_cast<std::size_t>(options_.blocks) == 0) {
            const auto stage = i / static_cast<std::size_t>(options_.blocks) - 1;
            seen.push_back(y = halve_[stage](of(numbered("halve", stage)), y));
        }
        seen.push_back(y = down_[i](of(numbered("down", i)), y, time));
    }
    y = attended(of("attention"), middle_[0](of("middle.0"), y, time));
    y = middle_[1](of("middle.1"), y, time);
    for (std::size_t i = 0; i < up_.size(); ++i) {
        y = up_[i](of(numbered("up", i)), concatenate({y, seen.back()}, 3), time);
        seen.pop_back();
        const auto stage = i / static_cast<std::size_t>(options_.blocks + 1);
        const bool ends = (i + 1) % static_cast<std::size_t>(options_.blocks + 1) == 0;
        if (ends && stage < double_.size())
            y = double_[stage](of(numbered("double", stage)), repeat(repeat(y, 2, 1), 2, 2));
    }
    y = conv(width, options_.channels)(of("head"), nn::silu(norm(width)(of("norm"), y)));
    return nn::at_least_f32(y);
}

}  // namespace podium::models
