#pragma once

#include <optional>

#include "podium/ir/plumbing.h"

namespace podium {

/// Operators that the CPU's backend defines where the library for them is there.
inline constexpr std::string_view PRODUCT_OPERATOR = "podium.product", CONVOLUTION_OPERATOR = "podium.convolution",
                                  ATTENTION_OPERATOR = "podium.attention",
                                  ATTENTION_GRADIENT_OPERATOR = "podium.attention_gradient";

/// What an operand of a product has first: its contracted dimension, or its free one; behind a dimension of batches or
/// none.
struct ProductCall {
    bool lhs_contract_first = false, rhs_contract_first = true;

    CallSettings settings() const;
    static ProductCall of(const CallSettings& settings);
};

/// A convolution, or one of its gradients.
struct ConvolutionCall {
    enum Kind : std::int64_t {
        FORWARD,          ///< input, kernel to output
        INPUT_GRADIENT,   ///< the output's gradient, kernel to the input's
        KERNEL_GRADIENT,  ///< input, the output's gradient to the kernel's
    };
    Kind kind = FORWARD;
    Dims input, output;  ///< the dimensions that are batch, feature, spatial …
    Dims kernel;         ///< those that are output feature, input feature, spatial …
    Dims strides, dilation, low, high;
    Dims result;  ///< its sizes

    CallSettings settings() const;
    static ConvolutionCall of(const CallSettings& settings);
};

/// Attention or its gradient: operands and results are the rows'.
struct AttentionCall {
    bool causal = false, has_documents = false;
    double scale = 1;

    CallSettings settings() const;
    static AttentionCall of(const CallSettings& settings);
};

/// Returns the call that computes a lowered `dot_general`, where the operator is there and pays.
std::optional<Tensor> product_call(const Node& dot);
/// Returns the call that computes a `convolution`, which may be a gradient, where the operator is there and pays.
std::optional<Tensor> convolution_call(const Node& convolution);

/// Returns the results of the call that computes `attention` or `attention_gradient`, where the operator is there and
/// pays; else none.
Tensors attention_call(const Node& node);

}  // namespace podium
