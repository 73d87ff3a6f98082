#pragma once

#include <optional>
#include <vector>

#include "podium/nn/convolution.h"
#include "podium/nn/layers.h"
#include "podium/nn/normalization.h"
#include "podium/nn/precision.h"

namespace podium::models {

/// The sizes of a U-Net, and how it computes.
struct UnetOptions {
    std::int64_t channels = 3;                 ///< of the images
    std::vector<std::int64_t> widths{32, 64};  ///< channels of each stage; each but the first halves the image
    std::int64_t blocks = 1;                   ///< residual blocks a stage on the way down, and one more on the way up
    std::int64_t groups = 8;                   ///< of the group norms; divides the widths
    std::int64_t heads = 4;                    ///< of the attention in the middle; divides the last width
    nn::Precision precision;
};

/// The network that tells noise from image: residual blocks down to small images, attention there, and blocks up again
/// that also see what lay on the way down. Each block is told how noisy the image is. Parameters: time.up, time.down,
/// stem, down.N.{norm1, conv1, time, norm2, conv2, shortcut}, halve.N, middle.0, attention.{norm, qkv, out}, middle.1,
/// up.N like down.N, double.N, norm, head. Source: Ho et al. 2020, arXiv:2006.11239, appendix B.
class Unet {
public:
    /// Throws INVALID_ARGUMENT for a size that is not positive, no width, or groups or heads that do not divide.
    explicit Unet(UnetOptions options = {});

    const UnetOptions& options() const { return options_; }
    Tree init(const Key& key) const;
    /// Returns images' shape, f32 (f64 where that is computed in). images: float[batch, height, width, channels], sides
    /// that halve once a stage; steps: number[batch], how noisy they are. Throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& images, const Tensor& steps) const;

private:
    struct Block {
        nn::GroupNorm norm1, norm2;
        nn::Conv conv1, conv2;
        nn::Linear time;
        std::optional<nn::Conv> shortcut;

        Tree init(const Key& key) const;
        Tensor operator()(const Tree& parameters, const Tensor& x, const Tensor& time_features) const;
    };
    nn::Conv conv(std::int64_t inputs, std::int64_t outputs, std::int64_t window = 3, std::int64_t stride = 1) const;
    nn::Linear linear(std::int64_t inputs, std::int64_t outputs) const;
    nn::GroupNorm norm(std::int64_t width) const;
    Block block(std::int64_t inputs, std::int64_t outputs) const;
    Tensor attended(const Tree& parameters, const Tensor& x) const;

    UnetOptions options_;
    std::vector<Block> down_, middle_, up_;
    std::vector<nn::Conv> halve_, double_;
};

}  // namespace podium::models
