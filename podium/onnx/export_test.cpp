#include "podium/onnx/export.h"

#include <gmock/gmock.h>

#include "podium/arrays/npy.h"
#include "podium/exec/evaluate.h"
#include "podium/nn/nn.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/model.h"
#include "tests/support/error_of.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::onnx {
namespace {

/// Checks the model with ONNX's checker and computes it with ONNX's own evaluator.
constexpr const char* JUDGED = R"(
import os, sys, numpy as np, onnx
from onnx.reference import ReferenceEvaluator
os.chdir(sys.argv[1])
model = onnx.load("m.onnx")
onnx.checker.check_model(model, full_check=True)
for i, value in enumerate(ReferenceEvaluator(model).run(None, {"x": np.load("x.npy")})): np.save(f"{i}.npy", value)
)";

/// Expects that ONNX computes of the exported model what podium computes of the function, and that it comes back.
void expect_exported(const TreeFunction& f, const Tree& parameters, const Tensor& x) {
    const test::TemporaryFolder folder;
    TreeBuilder<Tensor> inputs;
    inputs.add("x", x);
    const Tree fed = inputs.build();
    save(folder / "m.onnx", f, parameters, fed);
    write_npy(folder / "x.npy", x.to_host());
    test::run_python(JUDGED, {folder.path().string()});
    const Tree wanted = f(parameters, fed);
    const auto back = load(folder / "m.onnx").run(fed.map([](const Tensor& each) { return each.to_host(); }));
    EXPECT_EQ(*load(folder / "m.onnx").parameters().paths(), *parameters.paths());  // and no constants beside them
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto own = wanted.leaves()[i].to_host(), theirs = read_npy(folder / fmt::format("{}.npy", i));
        ASSERT_EQ(own.shape(), theirs.shape());
        ASSERT_EQ(own.shape(), back.leaves()[i].shape());
        for (std::int64_t k = 0; k < own.count(); ++k) {
            EXPECT_NEAR(own.as_double(k), theirs.as_double(k), 1e-5) << wanted.path(i) << k;
            EXPECT_NEAR(own.as_double(k), back.leaves()[i].as_double(k), 1e-6) << wanted.path(i) << k;
        }
    }
}

Tree named(std::string_view name, const Tensor& tensor) {
    TreeBuilder<Tensor> tree;
    tree.add(name, tensor);
    return tree.build();
}

TEST(OnnxExport, AConvolutionalModelIsWhatOnnxComputes) {
    const nn::Conv conv{.inputs = 3, .outputs = 4, .strides = {2, 2}};
    const nn::GroupNorm norm{.width = 4, .groups = 2};
    const nn::Linear linear{.inputs = 4, .outputs = 5};
    const auto [a, b, c, d] = split<4>(key(7));
    TreeBuilder<Tensor> parameters;
    parameters.add("conv", conv.init(a)).add("norm", norm.init(b)).add("linear", linear.init(c));
    const auto f = [&](const Tree& p, const Tree& in) {
        const Tensor h = nn::relu(norm(p.subtree("norm"), conv(p.subtree("conv"), in["x"])));
        const Tensor pooled = nn::max_pool(h, {.window = {2, 2}}) + nn::average_pool(h, {.window = {2, 2}});
        return named("y", nn::softmax(linear(p.subtree("linear"), nn::global_average_pool(pooled))));
    };
    expect_exported(f, parameters.build(), normal(d, {2, 8, 8, 3}));
}

TEST(OnnxExport, AttentionOfEmbeddedTokensIsWhatOnnxComputes) {
    const auto [a, b, c] = split<3>(key(9));
    TreeBuilder<Tensor> parameters;
    parameters.add("table", normal(a, {11, 8})).add("out", normal(b, {8, 8}));
    const auto f = [](const Tree& p, const Tree& in) {
        const Tensor h = take(p["table"], in["x"]);
        const Tensor heads = reshape(h, {2, 5, 2, 4});
        const Tensor seen = reshape(attention(heads, heads, heads, {.causal = true}), {2, 5, 8});
        return named("y", nn::gelu(matmul(seen, p["out"])) * nn::silu(h));
    };
    const Tensor tokens = tensor({2, 5}, std::vector<std::int64_t>{1, 2, 3, 10, 0, 4, 4, 9, 8, 7});
    expect_exported(f, parameters.build(), tokens);
}

TEST(OnnxExport, SlicesPadsAndReductionsAreWhatOnnxComputes) {
    const auto f = [](const Tree&, const Tree& in) {
        const Tensor& x = in["x"];
        TreeBuilder<Tensor> outputs;
        outputs.add("v1", slice(x, {0, 1}, {4, 6}, {2, 2}))
            .add("padded", pad(x, -1.5, {1, 0}, {0, 2}))
            .add("turned", reverse(x, {0}) + flip(x))
            .add("product", product(x, {1}))
            .add("any", convert(any(greater(x, 0.5), {0}), DataType::FLOAT32))
            .add("spread", standard_deviation(x, {1}) + log1p(exp(min(x, {1}))))
            .add("joined", concatenate({x, transpose(reshape(x, {6, 4}))}, 0))
            .add("counted", x * iota(x.dims(), 1, DataType::FLOAT32))
            .add("products", einsum("ij,kj->ik", {x, x}));
        return outputs.build();
    };
    expect_exported(f, Tree(), normal(key(3), {4, 6}));
}

TEST(OnnxExport, WhatOnnxDoesNotHaveIsNamedWithItsLine) {
    const auto error = test::error_of([] {
        model_bytes([](const Tree&, const Tree& in) { return named("y", popcnt(in["x"])); }, Tree(),
                    named("x", zeros({2}, DataType::UINT32)));
    });
    EXPECT_EQ(error.code(), Code::UNIMPLEMENTED);
    EXPECT_THAT(error.message(), testing::HasSubstr("onnx: popcnt of u32[2]"));
    EXPECT_THAT(error.context(), testing::HasSubstr("export_test.cpp:"));
}

}  // namespace
}  // namespace podium::onnx
