#pragma once

#include "podium/nn/padding.h"

namespace podium::nn {

/// What training returns beside the result.
struct BatchNormResult {
    Tensor result;
    Tree statistics;  ///< for the next step
};

/// (x − mean) / sqrt(variance + epsilon) · weight + bias for each channel, with the statistics of a batch while
/// training and those gathered of many batches later. Parameters: weight, bias [width]; statistics: mean, variance
/// [width], f32 at least, which the caller keeps. Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2,
/// with the batch's own variance gathered.
struct BatchNorm {
    std::int64_t width = 1;
    double epsilon = 1e-5;
    double momentum = 0.9;  ///< share of the statistics so far in the next ones
    Channels channels = Channels::LAST;
    DataType type = DataType::FLOAT32;

    Tree init(const Key& key) const;
    /// Returns the statistics before the first batch: mean 0 and variance 1.
    Tree init_statistics() const;
    /// Returns x's shape and type, by the statistics given. x: [batch, …, width] or [batch, width, …]; throws
    /// SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Tree& statistics, const Operand& x) const;
    /// Returns the same by the statistics of `x`, and the statistics with these taken in, through which no gradient
    /// flows.
    BatchNormResult train(const Tree& parameters, const Tree& statistics, const Operand& x) const;
};

/// (x − mean) / sqrt(variance + epsilon) · weight + bias, with the statistics of each example over all that lies
/// between and a group of neighbouring channels, in f32 at least. Parameters: weight, bias [width]. Source: Wu and He
/// 2018, arXiv:1803.08494, equations 1 to 4.
struct GroupNorm {
    std::int64_t width = 1, groups = 1;
    double epsilon = 1e-5;
    Channels channels = Channels::LAST;
    DataType type = DataType::FLOAT32;

    /// Throws INVALID_ARGUMENT where the groups do not divide the width.
    Tree init(const Key& key) const;
    /// Returns x's shape and type. x: [batch, …, width] or [batch, width, …]; throws SHAPE_MISMATCH.
    Tensor operator()(const Tree& parameters, const Operand& x) const;
};

}  // namespace podium::nn
