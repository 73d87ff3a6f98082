#include <gmock/gmock.h>

#include <numeric>
#include <thread>

#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::HasSubstr;

/// The sum over the split rows of f32[16,3]: the compiler has to insert an all-reduce.
const std::string COLUMN_SUMS =
    module_of("(tensor<16x3xf32>) -> tensor<3xf32>",
              R"(^entry(%a: tensor<16x3xf32>):
  %zero = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
  %sum = "stablehlo.reduce"(%a, %zero) ({
  ^add(%x: tensor<f32>, %y: tensor<f32>):
    %s = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%s) : (tensor<f32>) -> ()
  }) {dimensions = array<i64: 0>} : (tensor<16x3xf32>, tensor<f32>) -> tensor<3xf32>
  "func.return"(%sum) : (tensor<3xf32>) -> ())",
              R"(arg_attrs = [{sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}],
       res_attrs = [{sdy.sharding = #sdy.sharding<@mesh, [{}]>}])",
              R"("sdy.mesh"() {sym_name = "mesh", mesh = #sdy.mesh<["data"=8]>} : () -> ())");

class Sharding : public testing::Test {
protected:
    const Mesh mesh_{{{"data", 8}}, devices("cpu")};
    const PlacementPtr rows_ = std::make_shared<const Placement>(mesh_, std::vector<std::string>{"data"});
    const PlacementPtr whole_ = std::make_shared<const Placement>(mesh_);
    const Shape matrix_{DataType::FLOAT32, {16, 3}}, row_{DataType::FLOAT32, {3}};
    const std::shared_ptr<PjrtExecutable> program_ = test_backend().compile_text({.text = COLUMN_SUMS,
                                                                                  .mesh = mesh_,
                                                                                  .parameters = {{{matrix_, rows_}}},
                                                                                  .results = {{{row_, whole_}}},
                                                                                  .reuse = {{}}});

    HostArray counting(float first) const {
        HostArray array(matrix_);
        auto values = array.mutable_span<float>();
        std::iota(values.begin(), values.end(), first);
        return array;
    }
    BufferPtr run(float first) const {
        const auto a = test_backend().upload(counting(first), rows_);
        return program_->execute(std::array{a.get()}, {})[0];
    }
    /// Sum over 16 rows of first + 3 row + column.
    static std::array<float, 3> expected(float first) { return {16 * first + 360, 16 * first + 376, 16 * first + 392}; }
};

TEST_F(Sharding, EightDevicesReduceTogether) {
    EXPECT_THAT(run(0)->to_host().span<float>(), testing::ElementsAreArray(expected(0)));
    EXPECT_THAT(program_->optimized_text(), HasSubstr("all-reduce"));
    EXPECT_THAT(program_->optimized_text(), HasSubstr("f32[2,3] parameter")) << "each device holds an eighth";
}

TEST_F(Sharding, RefusesAnArgumentThatLiesOtherwise) {
    const auto a = test_backend().upload(counting(0), whole_);
    expect_error(Code::SHAPE_MISMATCH, "split [data]", [&] { program_->execute(std::array{a.get()}, {}); });
}

TEST_F(Sharding, FourThreadsDoNotBlockEachOther) {
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const auto first = static_cast<float>(t + 4 * i);
                const auto sums = run(first)->to_host();
                if (!std::ranges::equal(sums.span<float>(), expected(first))) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST_F(Sharding, NeedsPlacementsOnSeveralDevices) {
    expect_error(Code::INVALID_ARGUMENT, "placements",
                 [&] { test_backend().compile_text({.text = COLUMN_SUMS, .mesh = mesh_}); });
}

}  // namespace
}  // namespace podium
