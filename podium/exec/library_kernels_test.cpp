#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "podium/exec/backends.h"
#include "podium/exec/evaluate.h"
#include "podium/exec/jit.h"
#include "podium/exec/kernel_choice.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/runtime/pjrt/onednn.h"
#include "podium/transform/transform.h"

namespace podium {
namespace {

/// Programs made while it lives call the library; it must be there, as `./dev setup` puts it.
class LibraryKernels : public testing::Test {
protected:
    LibraryKernels() { choose_kernels(KernelChoice::PODIUM); }
    ~LibraryKernels() override { choose_kernels(KernelChoice::MEASURED); }
    void SetUp() override { ASSERT_TRUE(onednn::is_there()); }
};

HostArray waves(DataType type, const Dims& dims, double step) {
    const DeviceScope scope{Device(DeviceType::INTERP)};
    const Tensor positions = iota({Shape(type, dims).count()}, 0, DataType::FLOAT32);
    return reshape(convert(sin(positions * step), type), dims).to_host();
}

using Function = std::function<Tensor(const Tensor&, const Tensor&)>;

/// Expects f(x, y) with the library to be the interpreter's, as exactly as sums of `terms` products in that type are.
void expect_interpreted(const Function& f, const HostArray& x, const HostArray& y, double tolerance,
                        const std::string& called) {
    const auto on = [&](DeviceType type) {
        const DeviceScope scope{Device(type)};
        const auto compiled = jit(f);
        HostArray result = compiled(tensor(x), tensor(y)).to_host();
        if (type == DeviceType::CPU) EXPECT_NE(compiled.text().find(called), std::string::npos) << "no " << called;
        return result;
    };
    const HostArray found = on(DeviceType::CPU), expected = on(DeviceType::INTERP);
    ASSERT_EQ(found.shape(), expected.shape());
    double largest = 0;
    for (std::int64_t i = 0; i < found.count(); ++i)
        largest = std::max(largest, std::abs(found.as_double(i) - expected.as_double(i)));
    EXPECT_LE(largest, tolerance) << to_string(x.shape()) << " and " << to_string(y.shape());
}

constexpr double F32 = 1e-3, BF16 = 2.0;  // of sums of some hundred products below 1

TEST_F(LibraryKernels, ProductsAreTheInterpretersInEveryOrder) {
    struct Row {
        Dims x, y;
        DotDimensions dimensions;
    };
    const std::vector<Row> rows{
        {{200, 130}, {130, 90}, {{}, {}, {1}, {0}}},      {{130, 200}, {130, 90}, {{}, {}, {0}, {0}}},
        {{200, 130}, {90, 130}, {{}, {}, {1}, {1}}},      {{130, 90}, {200, 130}, {{}, {}, {0}, {1}}},
        {{1030, 70}, {70, 65}, {{}, {}, {1}, {0}}},       {{70, 65}, {70, 1030}, {{}, {}, {0}, {0}}},
        {{7, 60, 90}, {7, 90, 70}, {{0}, {0}, {2}, {1}}}, {{3, 5, 90, 60}, {3, 5, 90, 70}, {{0, 1}, {0, 1}, {2}, {2}}},
    };
    for (const auto& [x, y, dimensions] : rows)
        for (const auto type : {DataType::FLOAT32, DataType::BFLOAT16})
            expect_interpreted([&](const Tensor& a, const Tensor& b) { return dot_general(a, b, dimensions); },
                               waves(type, x, 0.7), waves(type, y, 0.3), type == DataType::FLOAT32 ? F32 : BF16,
                               "podium.product");
}

/// Convolutions whose gradients are looked at too.
struct Windows {
    const char* name;
    Dims x, kernel;
    Dims strides = {}, low = {}, high = {}, dilation = {};
    std::vector<DataType> types = {DataType::FLOAT32};
};

std::ostream& operator<<(std::ostream& out, const Windows& windows) { return out << windows.name; }

class ConvolutionKernels : public LibraryKernels, public testing::WithParamInterface<Windows> {};

TEST_P(ConvolutionKernels, ValuesAndGradientsAreTheInterpreters) {
    const Windows& w = GetParam();
    const auto spatial = std::ssize(w.x) - 2;
    const ConvolutionOptions options{.dimensions = ConvolutionDimensions::channels_last(spatial),
                                     .strides = w.strides,
                                     .low = w.low,
                                     .high = w.high,
                                     .kernel_dilation = w.dilation};
    const auto forward = [&](const Tensor& x, const Tensor& kernel) { return convolution(x, kernel, options); };
    const auto loss = [&](const Tensor& x, const Tensor& kernel) {
        const Tensor y = forward(x, kernel);
        return sum(y * sin(iota(y.dims(), static_cast<std::int64_t>(y.rank()) - 1, y.type())));
    };
    const auto of_input = [&](const Tensor& x, const Tensor& kernel) {
        return grad([&](const Tensor& input) { return loss(input, kernel); })(x);
    };
    const auto of_kernel = [&](const Tensor& x, const Tensor& kernel) {
        return grad([&](const Tensor& weights) { return loss(x, weights); })(kernel);
    };
    for (const auto type : w.types) {
        const HostArray x = waves(type, w.x, 0.7), kernel = waves(type, w.kernel, 0.3);
        const double tolerance = type == DataType::FLOAT32 ? F32 : BF16;
        expect_interpreted(forward, x, kernel, tolerance, "podium.convolution");
        expect_interpreted(of_input, x, kernel, tolerance, "podium.convolution");
        expect_interpreted(of_kernel, x, kernel, 8 * tolerance, "podium.convolution");
    }
}

const std::vector<DataType> BOTH{DataType::FLOAT32, DataType::BFLOAT16};

INSTANTIATE_TEST_SUITE_P(
    Exec, ConvolutionKernels,
    testing::Values(Windows{"same", {9, 14, 14, 16}, {3, 3, 16, 16}, {}, {1, 1}, {1, 1}, {}, BOTH},
                    Windows{"strided", {20, 14, 14, 16}, {3, 3, 16, 32}, {2, 2}, {0, 0}, {1, 1}, {}, BOTH},
                    Windows{"strided_odd", {40, 15, 13, 8}, {5, 3, 8, 24}, {2, 3}, {2, 1}, {2, 0}},
                    Windows{"dilated", {6, 16, 16, 16}, {3, 3, 16, 16}, {}, {2, 2}, {2, 2}, {2, 2}},
                    Windows{"three_channels", {16, 16, 16, 3}, {3, 3, 3, 32}, {}, {1, 1}, {1, 1}},
                    Windows{"line", {8, 300, 16}, {5, 16, 32}, {}, {2}, {2}},
                    Windows{"solid", {4, 8, 8, 8, 16}, {3, 3, 3, 16, 16}, {}, {1, 1, 1}, {1, 1, 1}}),
    [](const auto& info) { return std::string(info.param.name); });

/// Attention's gradients of sum(sin(attention)), and its result, behind one another.
Tensor attention_and_gradients(const Tensors& in, const AttentionOptions& options) {
    const Tensor result = attention(in[0], in[1], in[2], options);
    Tensors all = pullback({result}, {cos(result)}, in).gradients;
    all.push_back(result);
    for (auto& each : all) each = reshape(each, {each.shape().count()});
    return concatenate(all, 0);
}

TEST_F(LibraryKernels, AttentionAndItsGradientsAreTheInterpreters) {
    struct Row {
        Dims q;
        std::int64_t keys;
        bool causal, has_documents;
        DataType type;
    };
    const std::vector<Row> rows{
        {{1, 200, 4, 16}, 200, true, false, DataType::FLOAT32},
        {{2, 130, 2, 40}, 130, true, true, DataType::FLOAT32},
        {{1, 40, 2, 32}, 1100, false, false, DataType::FLOAT32},
        {{2, 128, 2, 32}, 128, true, false, DataType::BFLOAT16},
        {{3, 130, 3, 16}, 130, false, true, DataType::BFLOAT16},
    };
    for (const auto& row : rows) {
        Dims keys = row.q;
        keys[1] = row.keys;
        std::vector<std::int32_t> numbers(static_cast<std::size_t>(row.q[0] * row.q[1]));
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int32_t>(i / 37);
        const HostArray documents = HostArray::of<std::int32_t>({row.q[0], row.q[1]}, numbers),
                        v = waves(row.type, keys, 0.9);
        expect_interpreted(
            [&](const Tensor& q, const Tensor& k) {
                AttentionOptions options{.causal = row.causal};
                if (row.has_documents) options.documents = constant(documents);
                return attention_and_gradients({q, k, constant(v)}, options);
            },
            waves(row.type, row.q, 0.7), waves(row.type, keys, 0.3), row.type == DataType::FLOAT32 ? 1e-5 : 0.05,
            "podium.attention_gradient");
    }
}

TEST_F(LibraryKernels, AttentionKeepsNaN) {
    const auto f = jit([](const Tensor& q, const Tensor& k) { return attention(q, k, q, {.causal = true}); });
    constexpr std::int64_t KEY = 100, HEADS = 2, DEPTH = 32, AT = KEY * HEADS * DEPTH;
    HostArray k = waves(DataType::FLOAT32, {1, 128, HEADS, DEPTH}, 0.3);
    k.mutable_span<float>()[AT] = std::numeric_limits<float>::quiet_NaN();
    const HostArray found = f(tensor(waves(DataType::FLOAT32, {1, 128, 2, 32}, 0.7)), tensor(k)).to_host();
    EXPECT_FALSE(std::isnan(found.as_double(AT - HEADS * DEPTH))) << "query 99 does not see it";
    EXPECT_TRUE(std::isnan(found.as_double(AT)));
    EXPECT_FALSE(std::isnan(found.as_double(AT + DEPTH))) << "another head";
}

TEST_F(LibraryKernels, WhatTheLibraryHasNotIsXlas) {
    const HostArray x = waves(DataType::FLOAT32, {8, 16, 16, 16}, 0.7),
                    kernel = waves(DataType::FLOAT32, {3, 3, 1, 16}, 0.3);
    const auto text = [&](const Function& f, const HostArray& a, const HostArray& b) {
        const auto compiled = jit(f);
        compiled(tensor(a), tensor(b)).to_host();
        return compiled.text();
    };
    const ConvolutionOptions depthwise{.dimensions = ConvolutionDimensions::channels_last(2), .feature_groups = 16};
    const Function convolve = [&](const Tensor& a, const Tensor& b) { return convolution(a, b, depthwise); };
    EXPECT_EQ(text(convolve, x, kernel).find("podium.convolution"), std::string::npos);
    const Function multiply = [](const Tensor& a, const Tensor& b) { return matmul(a, b); };
    const auto matrix = [](DataType type, std::int64_t n) { return waves(type, {n, n}, 0.1); };
    const auto calls_for = [&](DataType type, std::int64_t n) {
        return text(multiply, matrix(type, n), matrix(type, n)).find("podium.product") != std::string::npos;
    };
    EXPECT_TRUE(calls_for(DataType::FLOAT32, 256));
    EXPECT_FALSE(calls_for(DataType::FLOAT32, 16)) << "too small to pay";
    EXPECT_FALSE(calls_for(DataType::FLOAT64, 256));
}

TEST_F(LibraryKernels, ResultsHaveTheSameBitsAgain) {
    const HostArray x = waves(DataType::FLOAT32, {32, 16, 16, 16}, 0.7),
                    g = waves(DataType::FLOAT32, {3, 3, 16, 16}, 0.3);
    const ConvolutionOptions same{.dimensions = ConvolutionDimensions::channels_last(2), .low = {1, 1}, .high = {1, 1}};
    const auto of_kernel = jit([&](const Tensor& a, const Tensor& b) {
        return grad([&](const Tensor& kernel) { return sum(sin(convolution(a, kernel, same))); })(b);
    });
    const HostArray first = of_kernel(tensor(x), tensor(g)).to_host();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(of_kernel(tensor(x), tensor(g)).to_host(), first);
}

TEST_F(LibraryKernels, ScansCallThemToo) {
    const HostArray x = waves(DataType::FLOAT32, {160, 160}, 0.7), w = waves(DataType::FLOAT32, {160, 160}, 0.01);
    expect_interpreted(
        [](const Tensor& a, const Tensor& b) {
            const auto body = [&](const Tensors& s) { return Tensors{tanh(matmul(s[0], b) * 0.1)}; };
            return scan_list(body, {a}, {}, 3)[0];
        },
        x, w, F32, "podium.product");
}

}  // namespace
}  // namespace podium
