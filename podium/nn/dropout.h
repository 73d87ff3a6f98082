#pragma once

#include "podium/nn/layers.h"
#include "podium/nn/padding.h"

/// Forms of dropout. Without a key they are what a trained model uses; rates are in [0, 1).
namespace podium::nn {

/// Returns `x` with whole channels zero with probability `rate` and the others divided by 1 − rate. x: [batch, …,
/// channels] or [batch, channels, …]. Source: Tompson et al. 2015, arXiv:1411.4280, section 3.2.
Tensor spatial_dropout(const Operand& x, double rate, const std::optional<Key>& key,
                       Channels channels = Channels::LAST);
/// Returns a weight with connections left out, each with probability `rate`, and the others divided by 1 − rate.
/// Source: Wan et al. 2013, "Regularization of Neural Networks using DropConnect".
Tensor drop_connect(const Operand& weight, double rate, const std::optional<Key>& key);
/// Returns a residual branch with whole examples zero with probability `rate` and the others divided by 1 − rate.
/// x: [batch, …]. Source: Huang et al. 2016, arXiv:1603.09382, scaled at training time.
Tensor drop_path(const Operand& x, double rate, const std::optional<Key>& key);
/// Returns `x` with elements set to what SELU saturates at, and all moved so that mean and variance stay.
/// Source: Klambauer et al. 2017, arXiv:1706.02515, section 3 (alpha dropout).
Tensor alpha_dropout(const Operand& x, double rate, const std::optional<Key>& key);
/// Returns `x` times normal numbers of mean 1 and variance rate / (1 − rate). Source: Srivastava et al. 2014, JMLR 15,
/// section 10.
Tensor gaussian_dropout(const Operand& x, double rate, const std::optional<Key>& key);

struct ShakeDropOptions {
    double keep = 0.5;                          ///< probability that a branch is as it is
    double alpha_low = -1.0, alpha_high = 1.0;  ///< of the forward factor where it is not
    double beta_low = 0.0, beta_high = 1.0;     ///< of the gradient's factor
};
/// Returns a residual branch times b + α − bα, and its gradient times b + β − bβ: b is 1 with probability `keep` and
/// one number for the batch, α and β are one for each example. Without a key: times keep + (1 − keep) · the mean of α.
/// x: [batch, …]. Source: Yamada et al. 2018, arXiv:1802.02375, equation 6.
Tensor shake_drop(const Operand& x, const std::optional<Key>& key, const ShakeDropOptions& options = {});

}  // namespace podium::nn
