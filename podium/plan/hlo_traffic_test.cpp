#include "podium/plan/hlo_traffic.h"

#include "podium/runtime/pjrt/testing.h"

namespace podium::plan {
namespace {

/// Seven turns of a loop, each of which adds the sums over the split rows of f32[16,512] to a carried row.
const std::string LOOP_OF_SUMS = module_of(
    "(tensor<16x512xf32>, tensor<512xf32>) -> tensor<512xf32>",
    R"(^entry(%a: tensor<16x512xf32>, %start: tensor<512xf32>):
  %i = "stablehlo.constant"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
  %turns = "stablehlo.constant"() {value = dense<7> : tensor<i32>} : () -> tensor<i32>
  %one = "stablehlo.constant"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
  %zero = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
  %r:2 = "stablehlo.while"(%i, %start) ({
  ^condition(%n: tensor<i32>, %row: tensor<512xf32>):
    %c = "stablehlo.compare"(%n, %turns) {comparison_direction = #stablehlo<comparison_direction LT>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%c) : (tensor<i1>) -> ()
  }, {
  ^body(%n: tensor<i32>, %row: tensor<512xf32>):
    %wide = "stablehlo.broadcast_in_dim"(%row) {broadcast_dimensions = array<i64: 1>} : (tensor<512xf32>) -> tensor<16x512xf32>
    %both = "stablehlo.multiply"(%a, %wide) : (tensor<16x512xf32>, tensor<16x512xf32>) -> tensor<16x512xf32>
    %sum = "stablehlo.reduce"(%both, %zero) ({
    ^add(%x: tensor<f32>, %y: tensor<f32>):
      %s = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%s) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<16x512xf32>, tensor<f32>) -> tensor<512xf32>
    %next = "stablehlo.add"(%n, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%next, %sum) : (tensor<i32>, tensor<512xf32>) -> ()
  }) : (tensor<i32>, tensor<512xf32>) -> (tensor<i32>, tensor<512xf32>)
  "func.return"(%r#1) : (tensor<512xf32>) -> ())",
    R"(arg_attrs = [{sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}, {sdy.sharding = #sdy.sharding<@mesh, [{}]>}],
       res_attrs = [{sdy.sharding = #sdy.sharding<@mesh, [{}]>}])",
    R"("sdy.mesh"() {sym_name = "mesh", mesh = #sdy.mesh<["data"=8]>} : () -> ())");

TEST(HloTraffic, LoopsCountAsOftenAsTheyRun) {
    const Mesh mesh({{"data", 8}}, devices("cpu"));
    const auto whole = std::make_shared<const Placement>(mesh);
    const auto rows = std::make_shared<const Placement>(mesh, std::vector<std::string>{"data"});
    const Shape matrix(DataType::FLOAT32, {16, 512}), row(DataType::FLOAT32, {512});
    const auto program = test_backend().compile_text({.text = LOOP_OF_SUMS,
                                                      .mesh = mesh,
                                                      .parameters = {{{matrix, rows}, {row, whole}}},
                                                      .results = {{{row, whole}}},
                                                      .reuse = {{-1}}});
    const auto traffic = hlo_traffic(program->optimized_program());
    EXPECT_EQ(traffic.unknown_loops, 0);
    ASSERT_EQ(traffic.collectives.size(), 1U) << program->optimized_text();
    EXPECT_EQ(traffic.collectives[0].kind, "all-reduce");
    EXPECT_EQ(traffic.collectives[0].count, 7);
    EXPECT_EQ(traffic.collectives[0].bytes, 7 * 512 * 4);
    EXPECT_EQ(traffic.collectives[0].group, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_GE(traffic.memory_bytes, 7 * 2 * 512 * 4) << "a device's two rows are read in each turn";
    EXPECT_LE(traffic.memory_bytes, 7 * 8 * 512 * 4);
}

TEST(HloTraffic, ADamagedProgramIsRefused) {
    const auto program =
        test_backend().compile_text({.text = add_module("tensor<4xf32>"), .mesh = Mesh(Device("cpu"))});
    const auto bytes = program->optimized_program();
    EXPECT_EQ(hlo_traffic(bytes).collectives.size(), 0U);
    EXPECT_THROW(hlo_traffic(std::string_view(bytes).substr(0, bytes.size() / 2)), Error);
}

}  // namespace
}  // namespace podium::plan
