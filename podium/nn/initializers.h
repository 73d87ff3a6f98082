#pragma once

#include <functional>

#include "podium/ir/ops.h"

namespace podium::nn {

/// Returns first values of a parameter of those dimensions. The last two are (in, out); any before them (a
/// convolution's window) multiply both fans.
using Initializer = std::function<Tensor(const Key& key, const Dims& dims, DataType type)>;

/// Returns normal numbers of that standard deviation.
Initializer normal(double standard_deviation);
/// Returns normal numbers cut at two standard deviations; `standard_deviation` is that before the cut.
Initializer truncated_normal(double standard_deviation);
/// Returns variance 2 / (in + out). Source: Glorot and Bengio 2010, AISTATS, equation 16.
Initializer xavier_uniform();
Initializer xavier_normal();
/// Returns variance 2 / in, for layers behind a ReLU. Source: He et al. 2015, arXiv:1502.01852, equation 10.
Initializer kaiming_uniform();
Initializer kaiming_normal();

}  // namespace podium::nn
