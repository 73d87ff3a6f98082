#include "podium/proof/bisect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "podium/base/expect_error.h"
#include "podium/emit/literal_text.h"
#include "podium/ir/ops.h"

namespace podium::proof {
namespace {

const Place CPU{.plugin = "build/plugins/cpu/xla_cpu_pjrt.so"};
const Progress SILENT = [](std::string_view) {};

constexpr std::string_view SHORT_FORM = R"(module @short {
  func.func public @main(%arg0: tensor<4xf32> {mhlo.sharding = "{replicated}"}, %arg1: tensor<4xf32>) -> (tensor<4xf32>, tensor<i32>) {
    %c = stablehlo.constant dense<0> : tensor<i32>
    // a comment with a { in it
    %0:2 = stablehlo.while(%iterArg = %c, %iterArg_2 = %arg0) : tensor<i32>, tensor<4xf32>
     cond {
      %4 = stablehlo.compare  LT, %iterArg, %c,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %4 : tensor<i1>
    } do {
      stablehlo.return %iterArg, %iterArg_2 : tensor<i32>, tensor<4xf32>
    }
    %1 = stablehlo.sine %0#1 : tensor<4xf32>
    %2 = stablehlo.compare  GT, %1, %arg1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    %3 = stablehlo.select %2, %1, %arg1 : tensor<4xi1>, tensor<4xf32>
    return %3, %0#0 : tensor<4xf32>, tensor<i32>
  }
}
)";

TEST(ProgramText, KnowsValuesTypesAndUsesOfTheShortForm) {
    const auto program = parse_program(SHORT_FORM, "short");
    ASSERT_EQ(program.parameters.size(), 2u);
    EXPECT_EQ(program.parameters[0].type, "tensor<4xf32>");
    ASSERT_EQ(program.statements.size(), 5u);
    EXPECT_EQ(program.statements[1].results[0].type, "tensor<i32>");
    EXPECT_EQ(program.statements[1].results[1].name, "%0#1");
    EXPECT_EQ(program.statements[1].uses, (std::vector<std::string>{"%c", "%arg0"}));
    EXPECT_EQ(program.statements[3].results[0].type, "tensor<4xi1>");
    EXPECT_EQ(program.statements[4].results[0].type, "tensor<4xf32>");
    EXPECT_EQ(program.results[1].type, "tensor<i32>");
    const auto again = parse_program(to_string(program), "again");
    EXPECT_EQ(to_string(again), to_string(program));
}

TEST(ProgramText, ResultsMayHaveNamesOfTheirOwn) {
    const auto program = parse_program(
        "func.func @main() -> tensor<f32> {\n"
        "  %a, %b:2 = \"stablehlo.case\"(%i) ({\n}) : (tensor<i32>) -> (tensor<f32>, tensor<i1>, tensor<2xf32>)\n"
        "  return %a : tensor<f32>\n}\n",
        "named");
    ASSERT_EQ(program.statements[0].results.size(), 3u);
    EXPECT_EQ(program.statements[0].results[2].name, "%b#1");
    EXPECT_EQ(program.statements[0].results[2].type, "tensor<2xf32>");
}

TEST(ProgramText, APartTakesWhatIsGivenAsParameters) {
    const auto program = parse_program(SHORT_FORM, "short");
    const auto part = part_of(program, std::array<std::string, 1>{"%2"}, {"%0#1"});
    EXPECT_EQ(part.statements.size(), 2u);
    ASSERT_EQ(part.parameters.size(), 2u);
    EXPECT_EQ(part.parameters[1].name, "%0#1");
    EXPECT_NE(to_string(part).find("stablehlo.sine %given_0_1 :"), std::string::npos) << to_string(part);
}

TEST(ProgramText, SaysWhatIsNotUnderstood) {
    expect_error(Code::INVALID_DATA, "bisect: x.mlir: has no func.func @main", [] { parse_program("junk", "x.mlir"); });
    expect_error(Code::INVALID_DATA, "returns %1, which nothing defines",
                 [] { parse_program("func.func @main() -> tensor<f32> {\n  return %1 : tensor<f32>\n}\n", "x.mlir"); });
}

TEST(LiteralText, TypesAreReadBack) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i)
        for (const Dims& dims : {Dims{}, Dims{3}, Dims{2, 0, 1}}) {
            const Shape shape(static_cast<DataType>(i), dims);
            EXPECT_EQ(shape_of_type(type_text(shape)), shape);
        }
    for (const std::string_view other : {"tensor<?xf32>", "tuple<>", "tensor<4xf99>", "!stablehlo.token", "tensor<4x"})
        EXPECT_EQ(shape_of_type(other), std::nullopt) << other;
}

TEST(Bisect, TakesTheNamesOfConformance) {
    const auto words = case_of("maximum f32 constants seed 17");
    ASSERT_TRUE(words);
    EXPECT_EQ(to_string(*words), "maximum f32 constants seed 17");
    EXPECT_FALSE(case_of("program.mlir"));
    expect_error(Code::NOT_FOUND, "there is no operation \"maximun\"", [] { case_of("maximun f32 constants seed 1"); });
    expect_error(Code::NOT_FOUND, "there is no type \"f33\"", [] { case_of("maximum f33 constants seed 1"); });
}

/// Returns the row's first case that goes wrong on the bare plugin.
Suspect first_wrong(const Op& op, DataType type, bool folded) {
    for (std::uint64_t seed = 1; seed < 20; ++seed) {
        auto suspect = suspect_of({&op, type, folded, seed}, true);
        if (observe(CPU, std::array{trial_of(suspect)})[0].outcome != Outcome::AGREES) return suspect;
    }
    fail(Code::NOT_FOUND, "{} goes right", op.name);
}

TEST(Bisect, NamesTheFlagThatLosesNans) {
    const auto suspect = first_wrong(maximum, DataType::FLOAT32, false);
    const auto culprits = find_culprits(CPU, suspect, SILENT);
    EXPECT_GT(culprits.passes, 50u);
    ASSERT_EQ(culprits.alone.size(), 1u);
    EXPECT_EQ(to_string(culprits.alone[0]), "xla_cpu_enable_fast_min_max=false");
    const auto found = observe(CPU, std::array{trial_of(suspect)})[0];
    const auto small = shrink(CPU, suspect, found, culprits.alone, SILENT);
    EXPECT_EQ(small.found.outcome, Outcome::DIFFERS);
    EXPECT_EQ(small.suspect.program.statements.size(), 1u);
    EXPECT_EQ(small.suspect.program.results[0].type, "tensor<1xf32>");
}

TEST(Bisect, TellsFoldingBeforeThePasses) {
    const auto culprits = find_culprits(CPU, first_wrong(add, DataType::BOOL, true), SILENT);
    ASSERT_EQ(culprits.alone.size(), 1u);
    EXPECT_EQ(culprits.alone[0].lever, Lever::ARGUMENTS);
}

TEST(Bisect, ACaseIsRightWithTheProtections) {
    for (std::uint64_t seed = 1; seed < 4; ++seed) {
        const auto suspect = suspect_of({&maximum, DataType::FLOAT32, false, seed}, false);
        EXPECT_EQ(observe(CPU, std::array{trial_of(suspect)})[0].outcome, Outcome::AGREES);
    }
}

}  // namespace
}  // namespace podium::proof
