#include "podium/runtime/pjrt/pjrt_backend.h"

#include <gmock/gmock.h>

#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::ElementsAre;

constexpr std::string_view ADD = R"(
"builtin.module"() ({
  "func.func"() ({
  ^entry(%a: tensor<2xf32>, %b: tensor<2xf32>):
    %sum = "stablehlo.add"(%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "func.return"(%sum) : (tensor<2xf32>) -> ()
  }) {function_type = (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>, sym_name = "main"} : () -> ()
}) : () -> ()
)";

const Mesh ONE{Device()};

TEST(PjrtBackend, AddsTwoUploadedArrays) {
    auto& backend = test_backend();
    const auto program = backend.compile_text({.text = ADD, .mesh = ONE});
    const auto a = backend.upload(HostArray::of<float>({2}, {1, 2}), on_device(0));
    const auto b = backend.upload(HostArray::of<float>({2}, {10, 20}), on_device(0));
    const auto results = program->execute(std::array{a.get(), b.get()}, {});
    ASSERT_EQ(results.size(), 1U);
    EXPECT_THAT(results[0]->to_host().span<float>(), ElementsAre(11, 22));
}

}  // namespace
}  // namespace podium
