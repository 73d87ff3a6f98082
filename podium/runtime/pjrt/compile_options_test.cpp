#include "podium/runtime/pjrt/compile_options.h"

#include <gmock/gmock.h>

#include <cmath>

#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::HasSubstr;

constexpr std::string_view MAXIMUM = R"("stablehlo.maximum"(%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>)";

/// max(a, b) of two parameters.
const std::string RUN_TIME_MAXIMUM =
    module_of("(tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>",
              fmt::format("^entry(%a: tensor<2xf32>, %b: tensor<2xf32>):\n%m = {}\n\"func.return\"(%m) : "
                          "(tensor<2xf32>) -> ()",
                          MAXIMUM));

/// max([1, NaN], [NaN, 1]) and true + true (specified as OR) of constants, plain and behind optimization barriers.
/// The plugin folds the plain ones while it reads the text, before any flag has a say.
std::string folded_maximum(std::string_view barrier) {
    return module_of("() -> tensor<2xf32>", fmt::format(R"(
  %c = "stablehlo.constant"() {{value = dense<[1.0, 0x7FC00000]> : tensor<2xf32>}} : () -> tensor<2xf32>
  %b = "stablehlo.constant"() {{value = dense<[0x7FC00000, 1.0]> : tensor<2xf32>}} : () -> tensor<2xf32>
  %a = "stablehlo.{}"(%c) : (tensor<2xf32>) -> tensor<2xf32>
  %m = {}
  "func.return"(%m) : (tensor<2xf32>) -> ())",
                                                        barrier, MAXIMUM));
}

std::string folded_boolean_add(std::string_view barrier) {
    return module_of("() -> tensor<2xi1>", fmt::format(R"(
  %c = "stablehlo.constant"() {{value = dense<true> : tensor<2xi1>}} : () -> tensor<2xi1>
  %a = "stablehlo.{}"(%c) : (tensor<2xi1>) -> tensor<2xi1>
  %s = "stablehlo.add"(%a, %a) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  "func.return"(%s) : (tensor<2xi1>) -> ())",
                                                       barrier));
}
HostArray run(std::string_view text, const XlaOptions& options, bool constant_inputs,
              const std::vector<BufferPtr>& arguments = {}) {
    const auto program = test_backend().compile_text(
        {.text = text, .mesh = Mesh(Device()), .constant_inputs = constant_inputs}, options);
    std::vector<Buffer*> given;
    given.reserve(arguments.size());
    for (const auto& argument : arguments) given.push_back(argument.get());
    return program->execute(given, {})[0]->to_host();
}

std::vector<BufferPtr> nan_on_either_side() {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    return {test_backend().upload(HostArray::of<float>({2}, std::vector<float>{1, nan}), on_device(0)),
            test_backend().upload(HostArray::of<float>({2}, std::vector<float>{nan, 1}), on_device(0))};
}

int count_nans(const HostArray& array) {
    return static_cast<int>(std::ranges::count_if(array.span<float>(), [](float x) { return std::isnan(x); }));
}

TEST(CompileOptions, SafeDefaultsKeepNansThatTheBarePluginLoses) {
    EXPECT_EQ(count_nans(run(RUN_TIME_MAXIMUM, {.safe_defaults = false}, true, nan_on_either_side())), 1);
    EXPECT_EQ(count_nans(run(RUN_TIME_MAXIMUM, {}, false, nan_on_either_side())), 2);
}

TEST(CompileOptions, OnlyABarrierKeepsNansFromBeingFoldedAway) {
    EXPECT_EQ(count_nans(run(folded_maximum("optimization_barrier"), {}, true)), 2);
    EXPECT_EQ(count_nans(run(folded_maximum("optimization_barrier"), {}, false)), 2);
    EXPECT_EQ(count_nans(run(folded_maximum("reshape"), {}, true)), 1);
}

TEST(CompileOptions, OnlyABarrierKeepsBooleanAdditionsFromBeingFoldedToXor) {
    const auto both = [](bool value) { return HostArray::of<bool>({2}, std::array{value, value}); };
    EXPECT_EQ(run(folded_boolean_add("optimization_barrier"), {}, true), both(true));
    EXPECT_EQ(run(folded_boolean_add("optimization_barrier"), {}, false), both(true));
    EXPECT_EQ(run(folded_boolean_add("reshape"), {}, true), both(false));
}

TEST(CompileOptions, ConstantFoldingIsOffWhereInputsMayBeConstants) {
    const auto text = module_of("() -> tensor<2xf32>", R"(
  %c = "stablehlo.constant"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %s = "stablehlo.reverse"(%c) {dimensions = array<i64: 0>} : (tensor<2xf32>) -> tensor<2xf32>
  "func.return"(%s) : (tensor<2xf32>) -> ())");
    const auto listing = [&](bool constant_inputs) {
        return test_backend()
            .compile_text({.text = text, .mesh = Mesh(Device()), .constant_inputs = constant_inputs})
            ->optimized_text();
    };
    EXPECT_THAT(listing(true), HasSubstr("reverse("));
    EXPECT_THAT(listing(false), testing::Not(HasSubstr("reverse(")));
}

TEST(CompileOptions, CallersFlagsWinOverTheSafeOnes) {
    const XlaOptions options{.flags = {{"xla_cpu_enable_fast_min_max", true}}};
    EXPECT_EQ(count_nans(run(RUN_TIME_MAXIMUM, options, false, nan_on_either_side())), 1);
}

TEST(CompileOptions, EveryOptionReachesTheCompiler) {
    const auto text = module_of(
        "(tensor<64xf32>) -> tensor<64xf32>",
        "^entry(%a: tensor<64xf32>):\n%b = \"stablehlo.multiply\"(%a, %a) : (tensor<64xf32>, tensor<64xf32>) -> "
        "tensor<64xf32>\n%c = \"stablehlo.add\"(%b, %a) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>\n"
        "\"func.return\"(%c) : (tensor<64xf32>) -> ()");
    const auto listing = [&](const XlaOptions& options) {
        return test_backend().compile_text({.text = text, .mesh = Mesh(Device())}, options)->optimized_text();
    };
    const auto is_fused = HasSubstr("f32[64] fusion(%Arg_0.1) calls %fused_computation");
    EXPECT_THAT(listing({}), is_fused);
    EXPECT_THAT(listing({.fusion = false}), testing::Not(is_fused));
    EXPECT_THAT(listing({.fusion = false, .flags = {{"xla_disable_hlo_passes", "algsimp"}}}), testing::Not(is_fused));
    EXPECT_THAT(listing({.layout_assignment = false}), is_fused);
    for (int level = 0; level <= 3; ++level)
        EXPECT_FALSE(
            listing({.optimization_level = level, .memory_fitting_effort = -0.5, .exec_time_effort = 0.5}).empty());
    expect_error(Code::INVALID_ARGUMENT, "level 4", [&] { listing({.optimization_level = 4}); });
    expect_error(Code::COMPILE_FAILED, "xla_no_such_flag", [&] { listing({.flags = {{"xla_no_such_flag", true}}}); });
}

}  // namespace
}  // namespace podium
