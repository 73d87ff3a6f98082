#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/nn/convolution.h"
#include "podium/nn/layers.h"
#include "podium/nn/normalization.h"
#include "podium/nn/precision.h"

namespace podium::models {

/// What follows each convolution: nothing but its bias, or a group norm, of which no statistics are kept.
enum class Normalization { NONE, GROUP };
constexpr auto enum_names(Normalization) {
    using Row = std::pair<Normalization, std::string_view>;
    return std::array{Row{Normalization::NONE, "none"}, Row{Normalization::GROUP, "group"}};
}

/// The sizes of a residual network, and how it computes.
struct ResnetOptions {
    std::int64_t channels = 3;                     ///< of the images
    std::vector<std::int64_t> widths{16, 32, 64};  ///< channels of each stage; each but the first halves the image
    std::int64_t blocks = 1;                       ///< residual blocks a stage
    std::int64_t classes = 10;
    Normalization normalization = Normalization::GROUP;
    std::int64_t groups = 8;  ///< of a group norm; divides the widths
    nn::Precision precision;
};

/// A small residual network: a convolution, stages of blocks of two convolutions around which the input is added, the
/// mean over the image and a linear layer. Windows are 3 x 3 with a border of one; a stage's first block, but for the
/// first stage's, steps by two and brings its input along by a 1 x 1 convolution. Parameters: stem, blocks.N.conv1,
/// blocks.N.conv2, blocks.N.shortcut, each weight and bias (or weight, norm.weight and norm.bias), head.weight,
/// head.bias. Source: He et al. 2016, arXiv:1512.03385, section 4.2 with option B.
class Resnet {
public:
    /// Throws INVALID_ARGUMENT for a size that is not positive, no width, or groups that do not divide the widths.
    explicit Resnet(ResnetOptions options = {});

    const ResnetOptions& options() const { return options_; }
    /// Returns first parameters: convolutions' weights by Kaiming's normal rule, the head's by Xavier's, biases 0.
    Tree init(const Key& key) const;
    /// Returns f32[batch, classes] (f64 where that is computed in). images: float[batch, height, width, channels];
    /// throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& images) const;

private:
    /// A convolution and what follows it.
    struct Unit {
        nn::Conv conv;
        std::optional<nn::GroupNorm> norm;

        Tree init(const Key& key) const;
        Tensor operator()(const Tree& parameters, const Tensor& x) const;
    };
    struct Block {
        Unit conv1, conv2;
        std::optional<Unit> shortcut;

        Tree init(const Key& key) const;
        Tensor operator()(const Tree& parameters, const Tensor& x) const;
    };
    Unit unit(std::int64_t inputs, std::int64_t outputs, std::int64_t window, std::int64_t stride) const;

    ResnetOptions options_;
    Unit stem_;
    std::vector<Block> blocks_;
    nn::Linear head_;
};

}  // namespace podium::models
