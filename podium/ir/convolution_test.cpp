#include "podium/ir/convolution.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TensorFunction convolved(const ConvolutionOptions& options) {
    return [=](const Tensors& in) { return Tensors{convolution(in[0], in[1], options)}; };
}

TEST(Convolution, ExamplesAreJaxs) {
    using D = ConvolutionDimensions;
    const auto last = D::channels_last(2), first = D::channels_first(2);
    test::expect_examples({
        {"lax.conv_general_dilated(x[0], x[1], (1, 1), 'VALID', dimension_numbers=('NHWC', 'HWIO', 'NHWC'))",
         convolved({.dimensions = last}),
         {f64({2, 4, 5, 3}), f64({2, 3, 3, 2}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (2, 1), ((1, 0), (2, 1)), rhs_dilation=(1, 2))",
         convolved({.dimensions = first, .strides = {2, 1}, .low = {1, 2}, .high = {0, 1}, .kernel_dilation = {1, 2}}),
         {f64({2, 2, 5, 5}), f64({3, 2, 2, 2}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (1, 2), ((1, 1), (-1, 2)), lhs_dilation=(2, 3))",
         convolved({.dimensions = first, .strides = {1, 2}, .low = {1, -1}, .high = {1, 2}, .input_dilation = {2, 3}}),
         {f64({1, 2, 3, 3}), f64({2, 2, 2, 3}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (1, 1), 'VALID', feature_group_count=2)",
         convolved({.dimensions = first, .feature_groups = 2}),
         {f64({2, 4, 3, 3}), f64({6, 2, 2, 2}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (1, 1), 'VALID', batch_group_count=2)",
         convolved({.dimensions = first, .batch_groups = 2}),
         {f64({4, 2, 3, 3}), f64({6, 2, 2, 2}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (2,), ((1, 1),), dimension_numbers=('NWC', 'WIO', 'NWC'))",
         convolved({.dimensions = D::channels_last(1), .strides = {2}, .low = {1}, .high = {1}}),
         {f64({2, 6, 2}), f64({3, 2, 4}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (1, 1, 2), 'VALID', dimension_numbers=('NDHWC', 'DHWIO', 'NDHWC'))",
         convolved({.dimensions = D::channels_last(3), .strides = {1, 1, 2}}),
         {f64({1, 2, 3, 4, 2}), f64({2, 2, 2, 2, 1}, 2)}},
        {"lax.conv_general_dilated(x[0], x[1], (), ())",
         convolved({.dimensions = D::channels_first(0)}),
         {f64({3, 2}), f64({4, 2}, 2)}},
    });
}

TEST(Convolution, TakesIntegersAndComplexNumbers) {
    test::Oracle oracle;
    for (const DataType type : {DataType::INT32, DataType::COMPLEX128, DataType::BFLOAT16}) {
        const HostArray x = test::sample(Shape(type, {1, 2, 4}), -2, 9),
                        k = test::sample(Shape(type, {1, 2, 3}), -2, 9, 2);
        oracle.expect("lax.conv_general_dilated(x[0], x[1], (1,), 'VALID')", {x, k},
                      test::run(convolved({.dimensions = ConvolutionDimensions::channels_first(1)}), {x, k})[0]);
    }
    oracle.check();
}

TEST(Convolution, SecondDerivativesMatchCentralDifferences) {
    test::expect_gradient(
        test::gradient_of(convolved(
            {.dimensions = ConvolutionDimensions::channels_first(1), .strides = {2}, .low = {1}, .high = {1}})),
        {f64({1, 2, 4}), f64({2, 2, 3}, 2)});
}

TEST(Convolution, SaysWhatDoesNotFit) {
    const Tensor x = zeros({1, 4, 5, 5}), k = zeros({2, 4, 3, 3});
    const auto first = ConvolutionDimensions::channels_first(2);
    expect_error(Code::SHAPE_MISMATCH,
                 "convolution: the kernel f32[2,4,3,3] (input features: dimension 1) does not fit f32[1,4,5,5]",
                 [&] { convolution(x, k, {.dimensions = first, .feature_groups = 2}); });
    expect_error(Code::SHAPE_MISMATCH, "convolution: dimension numbers [0,1,2,2] of the input", [&] {
        auto twice = first;
        twice.input_spatial = {2, 2};
        convolution(x, k, {.dimensions = twice});
    });
    expect_error(Code::SHAPE_MISMATCH, "convolution: [1] is not one number for each of 2",
                 [&] { convolution(x, k, {.dimensions = first, .strides = {1}}); });
    expect_error(Code::INVALID_ARGUMENT, "convolution: 2 groups of features and 2 of the batch",
                 [&] { convolution(x, k, {.dimensions = first, .feature_groups = 2, .batch_groups = 2}); });
    expect_error(Code::DTYPE_MISMATCH, "convolution: takes numbers of one type, got f32[1,4,5,5] and f64[2,4,3,3]",
                 [&] {
                     convolution(x, zeros({2, 4, 3, 3}, DataType::FLOAT64), {.dimensions = first});
                 });
}

}  // namespace
}  // namespace podium
