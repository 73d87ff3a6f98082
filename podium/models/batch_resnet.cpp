#include "podium/models/batch_resnet.h"

#include "podium/models/blocks.h"
#include "podium/nn/activations.h"
#include "podium/nn/normalization.h"
#include "podium/nn/pooling.h"

namespace podium::models {
namespace {

constexpr std::int64_t REDUCTION = 4;  // of channels inside a bottleneck
constexpr double MOMENTUM = 0.9;

BatchResnetOptions checked_batch_resnet(BatchResnetOptions o) {
    if (o.widths.empty() || o.widths.size() != o.depths.size())
        fail(Code::INVALID_ARGUMENT, "resnet: {} widths and {} depths; give each stage one of both", o.widths.size(),
             o.depths.size());
    std::vector<std::int64_t> sizes{o.channels, o.stem, o.classes};
    sizes.insert(sizes.end(), o.widths.begin(), o.widths.end());
    sizes.insert(sizes.end(), o.depths.begin(), o.depths.end());
    for (const auto size : sizes)
        if (size < 1) fail(Code::INVALID_ARGUMENT, "resnet: sizes are at least 1, got {}", size);
    for (const auto width : o.widths)
        if (o.bottleneck && width % REDUCTION != 0)
            fail(Code::INVALID_ARGUMENT, "resnet: a bottleneck's width is a multiple of {}, got {}", REDUCTION, width);
    return o;
}

}  // namespace

/// Which statistics norms take, and those of the next step.
class BatchResnet::Pass {
public:
    Pass(const Tree& statistics, bool trains) : given_(statistics), next_(statistics), trains_(trains) {}

    Tensor normed(const Tree& parameters, const std::string& path, const Tensor& x) {
        const nn::BatchNorm norm{.width = x.dim(3), .momentum = MOMENTUM};
        const Tree own = parameters.subtree(path + ".norm"), before = given_.subtree(path + ".norm");
        if (!trains_) return norm(own, before, x);
        const auto [result, after] = norm.train(own, before, x);
        for (std::size_t i = 0; i < after.size(); ++i) next_[path + ".norm." + after.path(i)] = after.leaves()[i];
        Tensor& batches = next_[path + ".norm.batches"];
        batches = batches + 1;
        return result;
    }
    const Tree& next() const { return next_; }

private:
    const Tree& given_;
    Tree next_;
    bool trains_;
};

BatchResnet::BatchResnet(BatchResnetOptions options) : options_(checked_batch_resnet(std::move(options))) {
    const auto& o = options_;
    stem_ = {"stem", o.channels, o.stem, 7, 2};
    std::int64_t inputs = o.stem;
    for (std::size_t stage = 0; stage < o.widths.size(); ++stage)
        for (std::int64_t i = 0; i < o.depths[stage]; ++i) {
            const std::string path = fmt::format("stages.{}.{}", stage, i);
            const std::int64_t width = o.widths[stage], inner = width / REDUCTION;
            const std::int64_t stride = i == 0 && (stage > 0 || o.first_halves) ? 2 : 1;
            Block block;
            if (o.bottleneck)
                block.units = {{path + ".0", inputs, inner, 1, o.early_stride ? stride : 1},
                               {path + ".1", inner, inner, 3, o.early_stride ? 1 : stride},
                               {path + ".2", inner, width, 1, 1}};
            else
                block.units = {{path + ".0", inputs, width, 3, stride}, {path + ".1", width, width, 3, 1}};
            if (inputs != width || stride != 1) block.shortcut = Unit{path + ".shortcut", inputs, width, 1, stride};
            blocks_.push_back(std::move(block));
            inputs = width;
        }
}

std::vector<BatchResnet::Unit> BatchResnet::units() const {
    std::vector<Unit> all{stem_};
    for (const auto& block : blocks_) {
        all.insert(all.end(), block.units.begin(), block.units.end());
        if (block.shortcut) all.push_back(*block.shortcut);
    }
    return all;
}

std::vector<ParameterSpec> BatchResnet::parameters() const {
    SpecList specs;
    for (const auto& unit : units()) {
        specs.add(unit.path + ".conv.weight", {unit.outputs, unit.inputs, unit.window, unit.window});
        specs.norm(unit.path + ".norm", unit.outputs, true);
    }
    specs.linear("head", options_.widths.back(), options_.classes, true);
    return specs.take();
}

std::vector<ParameterSpec> BatchResnet::statistics() const {
    SpecList specs;
    for (const auto& unit : units()) {
        specs.add(unit.path + ".norm.mean", {unit.outputs}, ParameterSpec::Start::ZEROS);
        specs.add(unit.path + ".norm.variance", {unit.outputs}, ParameterSpec::Start::ONES);
        specs.add(unit.path + ".norm.batches", {}, ParameterSpec::Start::COUNT);
    }
    return specs.take();
}

Tree BatchResnet::init(const Key& key) const {
    return first_values(parameters(), key, 0.02, options_.precision.parameters);
}

Tree BatchResnet::init_statistics() const { return first_values(statistics(), key(0), 1, DataType::FLOAT32); }

Tensor BatchResnet::run(const Tree& parameters, const Operand& images, Pass& pass) const {
    const LocationScope scope(images.location());
    const auto& o = options_;
    const Shape& shape = images.tensor().shape();
    if (!is_float(shape.type) || shape.rank() != 4 || shape.dims[3] != o.channels)
        fail_at(Code::SHAPE_MISMATCH, images.location(),
                fmt::format("resnet: takes images [batch,height,width,{}], got {}", o.channels, to_string(shape)));
    const Tree computed = nn::cast_tree(parameters, o.precision.compute, images.location());
    const auto applied = [&](const Unit& unit, const Tensor& x) {
        auto dimensions = ConvolutionDimensions::channels_last(2);
        dimensions.kernel_output_feature = 0;
        dimensions.kernel_input_feature = 1;
        dimensions.kernel_spatial = {2, 3};
        const Dims edges(2, unit.window / 2);
        const Tensor y =
            convolution(x, computed[unit.path + ".conv.weight"],
                        {.dimensions = dimensions, .strides = Dims(2, unit.stride), .low = edges, .high = edges});
        return pass.normed(computed, unit.path, y);
    };
    Tensor x = nn::relu(applied(stem_, convert(images, o.precision.compute)));
    x = nn::max_pool(x, {.window = {3, 3}, .strides = {2, 2}, .padding = nn::Padding::edges({1, 1}, {1, 1})});
    for (const auto& block : blocks_) {
        Tensor y = x;
        for (std::size_t i = 0; i < block.units.size(); ++i) {
            y = applied(block.units[i], y);
            if (i + 1 < block.units.size()) y = nn::relu(y);
        }
        x = nn::relu(y + (block.shortcut ? applied(*block.shortcut, x) : x));
    }
    return nn::at_least_f32(linear(computed, "head", nn::global_average_pool(x), o.classes));
}

Tensor BatchResnet::operator()(const Tree& parameters, const Tree& statistics, const Operand& images) const {
    Pass pass(statistics, false);
    return run(parameters, images, pass);
}

BatchResnetResult BatchResnet::train(const Tree& parameters, const Tree& statistics, const Operand& images) const {
    Pass pass(statistics, true);
    const Tensor logits = run(parameters, images, pass);
    return {logits, pass.next()};
}

}  // namespace podium::models
