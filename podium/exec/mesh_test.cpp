#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/exec/backends.h"
#include "podium/exec/jit.h"
#include "tests/support/sample_arrays.h"

namespace podium {
namespace {

using testing::HasSubstr;

const Mesh& mesh_of_eight() {
    static const Mesh mesh({{"data", 4}, {"model", 2}}, devices("cpu"));
    return mesh;
}

TEST(Mesh, EveryPlacementComesBackAsItWas) {
    const HostArray whole = test::sample_array({DataType::FLOAT32, {8, 4, 3}});
    for (const std::vector<std::string>& axes : std::vector<std::vector<std::string>>{{},
                                                                                      {"data"},
                                                                                      {"model"},
                                                                                      {"", "model"},
                                                                                      {"data", "model"},
                                                                                      {"model", "data"},
                                                                                      {"data,model"},
                                                                                      {"model,data"},
                                                                                      {"", "data"}}) {
        const auto placement = std::make_shared<const Placement>(mesh_of_eight(), axes);
        const Tensor x = put(whole, placement);
        EXPECT_EQ(x.to_host(), whole) << testing::PrintToString(axes);
        EXPECT_EQ(buffer_of(x)->placement()->axes, placement->axes);
        EXPECT_EQ((x + 0.0).to_host(), whole) << testing::PrintToString(axes);
    }
    expect_error(Code::SHAPE_MISMATCH, "does not divide", [&] {
        put(whole, std::make_shared<const Placement>(mesh_of_eight(), std::vector<std::string>{"", "", "data"}));
    });
    expect_error(Code::INVALID_ARGUMENT, "would split a tensor twice", [&] {
        Placement(mesh_of_eight(), {"data", "model,data"});
    });
    expect_error(Code::INVALID_ARGUMENT, "a comma stands between two", [] { Mesh({{"a,b", 2}}, devices("cpu")); });
}

TEST(Mesh, AProgramOfEightDevicesEqualsThatOfOne) {
    const auto loss = [](const Tensor& w, const Tensor& x) { return mean(square(tanh(matmul(x, w)))); };
    const auto step = [&](const Tensor& w, const Tensor& x) {
        const auto [value, gradient] = value_and_grad(loss)(w, x);
        return std::pair(w - 0.1 * gradient, value);
    };
    const auto one = jit(step);
    const auto eight = jit(step, {.names = {"w", "x"},
                                  .mesh = &mesh_of_eight(),
                                  .shardings = {{"x", {"data"}}, {"w", {"", "model"}}, {"0", {"", "model"}}}});
    Tensor w1 = uniform(key(1), {6, 4}, -1, 1, DataType::FLOAT64), w8 = w1, l1, l8;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const Tensor x = uniform(key(i), {16, 6}, -1, 1, DataType::FLOAT64);
        std::tie(w1, l1) = one(w1, x);
        std::tie(w8, l8) = eight(w8, x);
        EXPECT_NEAR(l1.item<double>(), l8.item<double>(), 1e-12);
    }
    EXPECT_EQ(buffer_of(w8)->placement()->axes, (std::vector<std::string>{"", "model"}));
    const HostArray a = w1.to_host(), b = w8.to_host();
    for (std::int64_t i = 0; i < a.count(); ++i) EXPECT_NEAR(a.as_double(i), b.as_double(i), 1e-12);
    EXPECT_THAT(eight.executable()->optimized_text(), HasSubstr("all-reduce"));
}

TEST(Mesh, ATensorInsideAProgramLiesAsItIsTold) {
    const auto loss = [](const Tensor& x) {
        return sum(sin(with_sharding(x * 2.0, mesh_of_eight(), {"model", "data"})));
    };
    const Tensor x = uniform(key(2), {4, 8}, -1, 1, DataType::FLOAT64);
    const auto f = jit([&](const Tensor& y) { return grad(loss)(y); }, {.mesh = &mesh_of_eight()});
    const HostArray found = f(x).to_host(), expected = (cos(x * 2.0) * 2.0).to_host();
    for (std::int64_t i = 0; i < found.count(); ++i) EXPECT_NEAR(found.as_double(i), expected.as_double(i), 1e-14);
    EXPECT_THAT(f.text(), HasSubstr("sdy.sharding_constraint"));
    EXPECT_THAT(f.executable()->optimized_text(), HasSubstr("f64[2,2]")) << "4 over 2, 8 over 4";
    expect_error(Code::SHAPE_MISMATCH, "with_sharding: mesh: axis \"data\" splits dimension 0 of f32[6]",
                 [] { with_sharding(zeros({6}), mesh_of_eight(), {"data"}); });
}

TEST(Mesh, ABatchThatItDoesNotDivideIsNamedByItsPath) {
    const auto f = jit([](const std::map<std::string, Tensor>& batch) { return sum(batch.at("inputs")); },
                       {.names = {"batch"}, .mesh = &mesh_of_eight(), .shardings = {{"batch.**", {"data"}}}});
    expect_error(Code::SHAPE_MISMATCH, "argument batch.inputs", [&] {
        f(std::map<std::string, Tensor>{{"inputs", zeros({6, 2})}});
    });
}

TEST(Mesh, RandomNumbersAreTheSameOnOneDeviceAndEight) {
    const auto draw = [](const Key& key) {
        const auto keys = split<3>(key);
        return std::tuple(uniform(keys[0], {8, 4}), normal(keys[1], {16}), random_bits(keys[2], {8}));
    };
    const auto one = jit(draw)(key(5));
    const auto eight = jit(draw, {.names = {"key"},
                                  .mesh = &mesh_of_eight(),
                                  .shardings = {{"0", {"data"}}, {"1", {"data"}}, {"2", {"data"}}}})(key(5));
    EXPECT_EQ(buffer_of(std::get<0>(eight))->placement()->axes, std::vector<std::string>{"data"});
    EXPECT_EQ(std::get<0>(one).to_host(), std::get<0>(eight).to_host());
    EXPECT_EQ(std::get<1>(one).to_host(), std::get<1>(eight).to_host());
    EXPECT_EQ(std::get<2>(one).to_host(), std::get<2>(eight).to_host());
    EXPECT_EQ(uniform(split<3>(key(5))[0], {8, 4}).to_host(), std::get<0>(one).to_host()) << "eager";
}

TEST(Mesh, JittedFunctionsFollowTheirArgumentsDevice) {
    const auto f = jit([](const Tensor& x, const Tensor& y) { return x + y; }, {.names = {"x", "y"}});
    const HostArray array = HostArray::of<float>({2}, {1, 2});
    const Tensor here = put(array, Device("cpu")), there = put(array, Device("interp"));
    EXPECT_EQ(buffer_of(f(here, here))->placement()->mesh.type(), DeviceType::CPU);
    EXPECT_EQ(buffer_of(f(there, there))->placement()->mesh.type(), DeviceType::INTERP);
    EXPECT_EQ(buffer_of(f(here, here))->placement()->mesh.type(), DeviceType::CPU);
    EXPECT_EQ(f.stats().traces, 2);
    expect_error(Code::INVALID_ARGUMENT, "y is on interp:0", [&] { f(here, there); });
}

TEST(Mesh, AJittedFunctionKeepsItsOwn) {
    auto mesh = std::make_unique<Mesh>(std::vector<Mesh::Axis>{{"data", 2}}, devices("cpu"));
    const auto f = jit([](const Tensor& x) { return x + 1.0; }, {.mesh = mesh.get(), .shardings = {{"**", {"data"}}}});
    mesh.reset();
    EXPECT_EQ(f(zeros({4})).to_host(), HostArray::of<float>({4}, {1, 1, 1, 1}));
}

}  // namespace
}  // namespace podium
