#pragma once

#include "podium/models/parameters.h"
#include "podium/nn/precision.h"

namespace podium::models {

/// The sizes of a residual network with batch norms. The defaults are ResNet-50's.
struct BatchResnetOptions {
    std::int64_t channels = 3, stem = 64, classes = 1000;
    std::vector<std::int64_t> widths{256, 512, 1024, 2048};  ///< channels behind each stage
    std::vector<std::int64_t> depths{3, 4, 6, 3};            ///< blocks of each stage
    bool bottleneck = true;     ///< blocks of windows 1, 3, 1 with a quarter of the channels inside; else of 3, 3
    bool first_halves = false;  ///< the first stage halves the image as the others do
    bool early_stride = false;  ///< a bottleneck steps in its first convolution, not in its second
    nn::Precision precision;

    bool operator==(const BatchResnetOptions&) const = default;
};

/// Logits, and statistics with a batch's taken in.
struct BatchResnetResult {
    Tensor logits;
    Tree statistics;
    static constexpr std::array names{"logits", "statistics"};
};

/// The residual networks of images in torchvision and transformers: a stem of a 7 x 7 convolution and a maximum over
/// 3 x 3, stages of blocks, the mean over the image and a linear layer. Parameters: stem, stages.S.B.N and
/// stages.S.B.shortcut, of each conv.weight [outputs, inputs, height, width] and norm.{weight,bias}; head. Statistics:
/// norm.{mean,variance,batches} at the same paths. Source: He et al. 2016, arXiv:1512.03385, sections 3 and 4.1.
class BatchResnet {
public:
    /// Throws INVALID_ARGUMENT where a size is not positive, or there are not as many depths as widths.
    explicit BatchResnet(BatchResnetOptions options = {});

    const BatchResnetOptions& options() const { return options_; }
    std::vector<ParameterSpec> parameters() const;
    std::vector<ParameterSpec> statistics() const;
    /// Returns first parameters: weights normal of deviation 0.02, norms 1.
    Tree init(const Key& key) const;
    /// Returns the statistics before the first batch: mean 0, variance 1, no batches.
    Tree init_statistics() const;
    /// Returns f32[batch, classes]. images: float[batch, height, width, channels]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Tree& statistics, const Operand& images) const;
    /// Returns the same by the batch's own statistics, and those of the next step.
    BatchResnetResult train(const Tree& parameters, const Tree& statistics, const Operand& images) const;

private:
    class Pass;
    /// A convolution with its norm.
    struct Unit {
        std::string path;
        std::int64_t inputs, outputs, window, stride;
    };
    struct Block {
        std::vector<Unit> units;
        std::optional<Unit> shortcut;
    };

    std::vector<Unit> units() const;
    Tensor run(const Tree& parameters, const Operand& images, Pass& pass) const;

    BatchResnetOptions options_;
    Unit stem_;
    std::vector<Block> blocks_;
};

}  // namespace podium::models
