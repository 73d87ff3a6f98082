#include "podium/runtime/pjrt/refusals.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"

namespace podium {
namespace {

TEST(Refusals, NameTheOperationItsLineAndWhatToDoInstead) {
    expect_error(Code::UNIMPLEMENTED,
                 "compile step: infeed on cpu: the host has no such queue, and the program would wait for ever; take "
                 "the data as a parameter. Line 2: %r:2 = \"stablehlo.infeed\"(%t)",
                 [] { expect_possible("module {\n  %r:2 = \"stablehlo.infeed\"(%t)\n}", "step", DeviceType::CPU); });
}

TEST(Refusals, NameTheUsersLineWhereTheProgramHasIt) {
    const std::string text = fmt::format(
        "%r:2 = \"stablehlo.infeed\"(%t) {{infeed_config = \"{}\"}} : "
        "(!stablehlo.token) -> (tensor<f32>, !stablehlo.token) loc(\"feed.cpp\":12:1)",
        std::string(200, 'x'));
    expect_error(Code::UNIMPLEMENTED, "xxx loc(\"feed.cpp\":12:1)",
                 [&] { expect_possible(text, "step", DeviceType::CPU); });
}

TEST(Refusals, KnowTheElementTypes) {
    constexpr std::string_view WIDE =
                                   "%0 = \"stablehlo.dot_general\"(%a, %b) <{\n  x = 1\n}> : (tensor<2x2xf64>, "
                                   "tensor<2x2xf64>) -> tensor<2x2xf64>",
                               NARROW =
                                   "%0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : "
                                   "(tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>\n%1 = stablehlo.add "
                                   "%c, %c : tensor<f64>",
                               BITS = "%0 = stablehlo.bitcast_convert %a : (tensor<64xi1>) -> tensor<i64>";
    expect_error(Code::UNIMPLEMENTED, "dot_general on tpu: TPUs have no products of 64-bit numbers",
                 [&] { expect_possible(WIDE, "main", DeviceType::TPU); });
    EXPECT_NO_THROW(expect_possible(WIDE, "main", DeviceType::CPU));
    expect_error(Code::UNIMPLEMENTED, "no products of integers of two bits", [] {
        expect_possible("%0 = stablehlo.dot_general %a, %b : (tensor<2x2xi2>, ", "x", DeviceType::CPU);
    });
    EXPECT_NO_THROW(expect_possible(NARROW, "main", DeviceType::TPU));
    expect_error(Code::UNIMPLEMENTED, "bitcast_convert on cpu: the CPU plugin crashes of it",
                 [&] { expect_possible(BITS, "main", DeviceType::CPU); });
    constexpr std::string_view MAXIMUM =
        "%0 = stablehlo.maximum %a, %b : tensor<4xf32>\nfunc.func @f() -> "
        "tensor<2xcomplex<f32>>";
    EXPECT_NO_THROW(expect_possible(MAXIMUM, "main", DeviceType::CPU));
    EXPECT_NO_THROW(expect_possible("%0 = stablehlo.bitcast_convert %a : (tensor<4xi16>) -> tensor<2xi32>", "main",
                                    DeviceType::CPU));
}

TEST(Refusals, PassOverComments) {
    EXPECT_NO_THROW(expect_possible("// unlike stablehlo.infeed\nmodule {}", "main", DeviceType::CPU));
}

}  // namespace
}  // namespace podium
