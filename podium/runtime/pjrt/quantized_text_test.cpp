#include "podium/runtime/pjrt/quantized_text.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Returns the results of a program without parameters.
std::vector<HostArray> results_of(std::string_view text) {
    const auto program = test_backend().compile_text({.text = without_quantized_types(text), .mesh = Mesh(Device())});
    std::vector<HostArray> arrays;
    for (const auto& result : program->execute({}, {})) arrays.push_back(result->to_host());
    return arrays;
}

TEST(QuantizedText, LeavesTextWithoutQuantizedTypesAsItIs) {
    const std::string text =
        "func.func @main(%a: tensor<2xi8>) -> tensor<2xi8> { // a comment\n  return %a : tensor<2xi8> }";
    EXPECT_EQ(without_quantized_types(text), text);
}

TEST(QuantizedText, WritesWhatTheSpecificationSays) {
    EXPECT_EQ(without_quantized_types("  %1 = stablehlo.uniform_quantize %0 : (tensor<2xf32>) -> "
                                      "tensor<2x!quant.uniform<i8<-127:127>:f32, 0.5:3>>  // to i8\n"),
              "  %podium_quantized_0 = stablehlo.constant dense<0.5> : tensor<2xf32>\n"
              "  %podium_quantized_1 = stablehlo.divide %0, %podium_quantized_0 : tensor<2xf32>\n"
              "  %podium_quantized_2 = stablehlo.constant dense<3.0> : tensor<2xf32>\n"
              "  %podium_quantized_3 = stablehlo.add %podium_quantized_1, %podium_quantized_2 : tensor<2xf32>\n"
              "  %podium_quantized_4 = stablehlo.constant dense<-127.0> : tensor<2xf32>\n"
              "  %podium_quantized_5 = stablehlo.constant dense<127.0> : tensor<2xf32>\n"
              "  %podium_quantized_6 = stablehlo.clamp %podium_quantized_4, %podium_quantized_3, "
              "%podium_quantized_5 : tensor<2xf32>\n"
              "  %podium_quantized_7 = stablehlo.round_nearest_even %podium_quantized_6 : tensor<2xf32>\n"
              "  %1 = stablehlo.convert %podium_quantized_7 : (tensor<2xf32>) -> tensor<2xi8>\n");
    EXPECT_EQ(without_quantized_types("!q = !quant.uniform<u8:f32, 0.5>  // of bytes\n"
                                      "func.func @f(%a: tensor<2x!q>) -> tensor<f32> loc(\"gs://a\") {\n"
                                      "  %0 = stablehlo.reverse %a, dims = [0] : tensor<2x!q>\n"),
              "\nfunc.func @f(%a: tensor<2xui8>) -> tensor<f32> loc(\"gs://a\") {\n"
              "  %0 = stablehlo.reverse %a, dims = [0] : tensor<2xui8>\n");
}

TEST(QuantizedText, MovesIntegersWhereTheNumbersStayTheSame) {
    EXPECT_THAT(without_quantized_types("  %1 = stablehlo.transpose %0, dims = [1, 0] : "
                                        "(tensor<2x1x!quant.uniform<i8:f32:0, {0.5:3, 0.25}>>) -> "
                                        "tensor<1x2x!quant.uniform<i8:f32:1, {0.5:3, 0.25}>>\n"),
                "  %1 = stablehlo.transpose %0, dims = [1, 0] : (tensor<2x1xi8>) -> tensor<1x2xi8>\n");
    EXPECT_THAT(without_quantized_types("  %1 = stablehlo.reshape %0 : (tensor<2x!quant.uniform<i8:f32, 0.5>>) -> "
                                        "tensor<1x2x!quant.uniform<i8:f32, 0.25>>\n"),
                testing::AllOf(HasSubstr("stablehlo.divide"), Not(HasSubstr("!quant."))));
}

TEST(QuantizedText, ProductsOfFloatsAndQuantizedWeightsRun) {
    const auto found = results_of(R"(
func.func @main() -> (tensor<2x2xf32>, tensor<2x2x!quant.uniform<i8:f32, 0.5:-3>>) {
  %x = stablehlo.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %i = stablehlo.constant dense<[[1, 3], [2, 6]]> : tensor<2x2xi8>
  %w = stablehlo.bitcast_convert %i : (tensor<2x2xi8>) -> tensor<2x2x!quant.uniform<i8:f32:1, {0.5, 2.0:1}>>
  %y = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<2x2xf32>, tensor<2x2x!quant.uniform<i8:f32:1, {0.5, 2.0:1}>>) -> tensor<2x2xf32>
  %q = stablehlo.uniform_quantize %y : (tensor<2x2xf32>) -> tensor<2x2x!quant.uniform<i8:f32, 0.5:-3>>
  return %y, %q : tensor<2x2xf32>, tensor<2x2x!quant.uniform<i8:f32, 0.5:-3>>
}
)");
    EXPECT_EQ(found[0], HostArray::of<float>({2, 2}, {2.5, 24, 5.5, 52}));
    EXPECT_EQ(found[1], HostArray::of<std::int8_t>({2, 2}, {2, 45, 8, 101}));
}

TEST(QuantizedText, RegionsAndLoopsRun) {
    const auto found = results_of(R"(
!q = !quant.uniform<i8:f32, 0.5>
func.func @main() -> (tensor<!q>, tensor<2x!q>, tensor<!q>) {
  %i = stablehlo.constant dense<[1, 100]> : tensor<2xi8>
  %x = stablehlo.bitcast_convert %i : (tensor<2xi8>) -> tensor<2x!q>
  %none = stablehlo.constant() <{value = dense<0> : tensor<i8>}> : () -> tensor<!q>
  %sum = "stablehlo.reduce"(%x, %none) ({
  ^bb0(%a: tensor<!q>, %b: tensor<!q>):
    %s = stablehlo.add %a, %b : tensor<!q>
    stablehlo.return %s : tensor<!q>
  }) {dimensions = array<i64: 0>} : (tensor<2x!q>, tensor<!q>) -> tensor<!q>
  %limit = stablehlo.constant dense<40.0> : tensor<2xf32>
  %doubled = stablehlo.while(%each = %x) : tensor<2x!q>
    cond {
      %f = stablehlo.uniform_dequantize %each : (tensor<2x!q>) -> tensor<2xf32>
      %less = stablehlo.compare LT, %f, %limit : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
      %first = stablehlo.slice %less [0:1] : (tensor<2xi1>) -> tensor<1xi1>
      %on = stablehlo.reshape %first : (tensor<1xi1>) -> tensor<i1>
      stablehlo.return %on : tensor<i1>
    } do {
      %twice = stablehlo.add %each, %each : tensor<2x!q>
      stablehlo.return %twice : tensor<2x!q>
    }
  %again = stablehlo.reduce(%x init: %none) applies stablehlo.add across dimensions = [0] : (tensor<2x!q>, tensor<!q>) -> tensor<!q>
  %half = stablehlo.reduce(%x init: %none) across dimensions = [0] : (tensor<2x!q>, tensor<!q>) -> tensor<!q>
    reducer(%c: tensor<!q>, %d: tensor<!q>) {
      %t = stablehlo.add %c, %d : tensor<!q>
      stablehlo.return %t : tensor<!q>
    }
  %both = stablehlo.subtract %again, %half : tensor<!q>
  return %sum, %doubled, %both : tensor<!q>, tensor<2x!q>, tensor<!q>
}
)");
    EXPECT_EQ(found[0], HostArray::of<std::int8_t>({}, {101}));
    EXPECT_EQ(found[1], HostArray::of<std::int8_t>({2}, {127, 127}));
    EXPECT_EQ(found[2], HostArray::of<std::int8_t>({}, {0}));
}

TEST(QuantizedText, SaysWhatIsNotLowered) {
    const auto refused = [](const char* words, std::string_view text) {
        expect_error(Code::UNIMPLEMENTED, words, [&] { without_quantized_types(text); });
    };
    refused("line 2: !quant.uniform<i8:f32:{0:1}, {{0.5}}> is not lowered",
            "\n%0 = stablehlo.negate %a : tensor<2x!quant.uniform<i8:f32:{0:1}, {{0.5}}>>");
    refused("line 1: quantized types of unknown dimensions",
            "%0 = stablehlo.negate %a : tensor<?x!quant.uniform<i8:f32, 1.0>>");
    refused("line 1: !quant.calibrated<f32<-1.0:1.0>> is not lowered",
            "%0 = stablehlo.negate %a : tensor<2x!quant.calibrated<f32<-1.0:1.0>>>");
    refused("is not lowered", "%0 = stablehlo.negate %a : tensor<2x!quant.uniform<i64:f32, 1.0>>");
    refused("is not lowered", "%0 = stablehlo.negate %a : tensor<2x!quant.uniform<i8:f32, {1.0}>>");
    refused("line 1: quantized types are lowered where each statement has a line",
            "do { %0 = stablehlo.negate %a : tensor<2x!quant.uniform<i8:f32, 1.0>>");
    refused("line 1: quantized types are lowered where each statement has a line",
            "%1 = stablehlo.abs %0 : tensor<2xf32> %2 = stablehlo.negate %a : tensor<2x!quant.uniform<i8:f32, 1.0>>");
    refused("line 1: clamp is not lowered in this form",
            "%0 = stablehlo.clamp %a, %b, %c : tensor<2xf32>, tensor<2x!quant.uniform<i8:f32, 1.0>>");
}

}  // namespace
}  // namespace podium
