#include "podium/runtime/pjrt/foreign_text.h"

#include <gmock/gmock.h>

#include <cmath>

#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::HasSubstr;

std::string with_constants(std::string_view statement) {
    return fmt::format(
        "func.func @main() {{\n  %a = stablehlo.constant dense<1.0> : tensor<2xf32>\n"
        "  %b = stablehlo.negate %a : tensor<2xf32>\n  {}\n}}\n",
        statement);
}

TEST(ForeignText, PutsABarrierBeforeWhatIsFoldedWrongly) {
    EXPECT_THAT(with_barriers(with_constants("%c = stablehlo.maximum %a, %b : tensor<2xf32>")),
                HasSubstr("%podium_barrier_0 = stablehlo.optimization_barrier %a : tensor<2xf32>   %c = "
                          "stablehlo.maximum %podium_barrier_0, %b : tensor<2xf32>\n"));
    EXPECT_THAT(with_barriers(with_constants("%c = \"stablehlo.clamp\"(%a, %b, %a) : (tensor<2xf32>, tensor<2xf32>, "
                                             "tensor<2xf32>) -> tensor<2xf32>")),
                HasSubstr("\"stablehlo.clamp\"(%a, %podium_barrier_0, %a)"));
}

TEST(ForeignText, LeavesTheRestAsItIs) {
    for (const auto* const statement :
         {"%c = stablehlo.add %a, %b : tensor<2xf32>", "%c = stablehlo.maximum %a, %x : tensor<2xf32>",
          "%c = stablehlo.maximum %a, %b : tensor<2xi32>"}) {
        const auto text = with_constants(statement);
        EXPECT_EQ(with_barriers(text), text);
    }
}

TEST(ForeignText, ForgetsConstantsWhereAFunctionBegins) {
    const std::string text = with_constants("func.return") +
                             "func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {\n"
                             "  %c = stablehlo.maximum %a, %b : tensor<2xf32>\n  return %c : tensor<2xf32>\n}\n";
    EXPECT_EQ(with_barriers(text), text);
}

TEST(ForeignText, MaximumOfConstantsThenKeepsNan) {
    const std::string text =
        "func.func @main() -> tensor<2xf32> {\n"
        "  %a = stablehlo.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>\n"
        "  %b = stablehlo.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>\n"
        "  %c = stablehlo.maximum %a, %b : tensor<2xf32>\n  return %c : tensor<2xf32>\n}\n";
    const auto program = test_backend().compile_text({.text = with_barriers(text), .mesh = Mesh(Device())});
    const auto result = program->execute({}, {})[0]->to_host();
    for (const float value : result.span<float>()) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace podium
