#include "podium/exec/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/exec/jit.h"
#include "podium/transform/transform.h"
#include "tests/support/error_of.h"

namespace podium {
namespace {

using test::error_of;
using testing::HasSubstr;

TEST(Eager, PiecesThatDifferInScalarsShareOneProgram) {
    const Tensor x = tensor<float>({1, 2});
    const auto before = compile_stats();
    EXPECT_EQ((x * 3.0 + 1.0).to_host(), HostArray::of<float>({2}, {4, 7}));
    EXPECT_EQ((x * 5.0 + 2.0).to_host(), HostArray::of<float>({2}, {7, 12}));
    EXPECT_LE(compile_stats().compiled - before.compiled, 1);
}

TEST(Eager, SlicesThatDifferInStartsShareOneProgram) {
    const Tensor x = tensor<float>({3, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    const auto before = compile_stats();
    EXPECT_EQ(slice(x, {0, 1}, {2, 3}).to_host(), HostArray::of<float>({2, 2}, {1, 2, 5, 6}));
    EXPECT_EQ(slice(x, {1, 2}, {3, 4}).to_host(), HostArray::of<float>({2, 2}, {6, 7, 10, 11}));
    EXPECT_EQ(slice(x, {1, 0}, {3, 2}).to_host(), HostArray::of<float>({2, 2}, {4, 5, 8, 9}));
    EXPECT_EQ(compile_stats().compiled - before.compiled, 1);
    EXPECT_EQ(slice(x, {0, 0}, {3, 4}, {2, 3}).to_host(), HostArray::of<float>({2, 2}, {0, 3, 8, 11}));
}

TEST(Eager, EqualProgramsOfDifferentLinesAreCompiledOnce) {
    const Tensor x = tensor<double>({1, 2, 3, 4, 5});
    const auto before = compile_stats();
    const Tensor a = sqrt(x) + x;
    a.to_host();
    const Tensor b = sqrt(x) + x;
    b.to_host();
    EXPECT_EQ(compile_stats().compiled - before.compiled, 1);
    EXPECT_EQ(compile_stats().reused - before.reused, 1);
}

TEST(Eager, MixingDevicesInAnOpThrowsAtItsLine) {
    const Tensor here = put(HostArray::of<float>({2}, {1, 2}), Device("cpu"));
    const Tensor there = put(HostArray::of<float>({2}, {1, 2}), Device("interp"));
    const auto line = __LINE__ + 1;
    const auto error = error_of([&] { (here + there).to_host(); });
    EXPECT_EQ(error.code(), Code::INVALID_ARGUMENT);
    EXPECT_THAT(error.message(), HasSubstr("cpu:0"));
    EXPECT_THAT(error.message(), HasSubstr("interp:0"));
    EXPECT_EQ(error.context(), fmt::format("podium/exec/evaluate_test.cpp:{}", line));
}

TEST(Eager, TensorsOfDifferentDevicesAreEvaluatedTogether) {
    const Tensor here = put(HostArray::of<float>({2}, {1, 2}), Device("cpu")) + 1.0;
    const Tensor there = put(HostArray::of<float>({2}, {1, 2}), Device("interp")) + 2.0;
    eval(std::pair(here, there));
    EXPECT_EQ(here.to_host(), HostArray::of<float>({2}, {2, 3}));
    EXPECT_EQ(there.to_host(), HostArray::of<float>({2}, {3, 4}));
    EXPECT_EQ(buffer_of(there)->placement()->mesh.type(), DeviceType::INTERP);
}

TEST(Eager, ASecondOutputOfALoopIsNotComputedAgain) {
    const auto before = compile_stats();
    const auto [last, ys] = scan([](const Tensor& c, const Tensor& x) { return std::pair(c + x, c * x); }, zeros({}),
                                 tensor<float>({1, 2, 3}));
    eval(std::pair(last, ys));
    EXPECT_EQ(last.item<float>(), 6);
    EXPECT_EQ(ys.to_host(), HostArray::of<float>({3}, {0, 2, 9}));
    EXPECT_EQ(compile_stats().compiled + compile_stats().reused - before.compiled - before.reused, 1);
}

TEST(Eager, RecordingWithoutReadingIsBounded) {
    const DeviceScope scope(Device("interp"));
    Tensor x = tensor<float>({0, 0});
    const auto before = compile_stats();
    for (int i = 0; i < 10000; ++i) x = x + 1.0;
    EXPECT_GE(compile_stats().compiled + compile_stats().reused - before.compiled - before.reused, 2);
    EXPECT_EQ(x.to_host(), HostArray::of<float>({2}, {10000, 10000}));
}

TEST(Eager, TheBoundOfRecordingLosesNoGradient) {
    const DeviceScope scope(Device("interp"));  // XLA takes long for a chain of thousands
    const auto f = [](const Tensor& x) {
        Tensor y = x;
        for (int i = 0; i < 3000; ++i) y = y * 1.0001;
        return sum(y);
    };
    const auto gradient = grad(f)(tensor<double>({1, 1})).to_host();
    EXPECT_NEAR(gradient.as_double(0), std::pow(1.0001, 3000), 1e-9);
}

TEST(Eager, ReadingWhatAGradientIsTakenOfThrows) {
    const auto f = [](const Tensor& x) {
        const Tensor y = square(x);
        return y.item<float>() > 1 ? y * x : y;
    };
    const Tensor x = tensor<float>(Dims{}, {3});
    expect_error(Code::TRACED_VALUE, "select or cond", [&] { grad(f)(x); });
    const Tensor other = tensor<float>(Dims{}, {4}) + 1.0;
    const auto reads_another = [&](const Tensor& x) { return x * other.item<float>(); };
    EXPECT_EQ(grad(reads_another)(x).item<float>(), 5);
}

TEST(Eager, AVjpStillWorksAfterItsResultWasRead) {
    const auto f = [](const Tensor& x) { return square(x); };
    const auto [y, back] = vjp(f, tensor<float>({2, 3}));
    EXPECT_EQ(y.to_host(), HostArray::of<float>({2}, {4, 9}));
    EXPECT_EQ(std::get<0>(back(ones({2}))).to_host(), HostArray::of<float>({2}, {4, 6}));
}

TEST(Eager, ReadingACapturedConstantLeavesTheLoopWhole) {
    const Tensor captured = ones({2});
    const auto [last, ys] = scan([&](const Tensor& c, const Tensor& x) { return std::pair(c + captured * x, c); },
                                 zeros({2}), tensor<float>({1, 2, 3}));
    EXPECT_EQ(captured.to_host(), HostArray::of<float>({2}, {1, 1}));
    EXPECT_EQ(last.to_host(), HostArray::of<float>({2}, {6, 6}));
}

TEST(Eager, DeepGraphsOverflowNoStack) {
    const auto f = [](const Tensor& x) {
        const TraceScope scope;
        Tensor y = scope.parameter(x.shape());
        for (int i = 0; i < 300000; ++i) y = y + x;
        return y.shape();
    };
    EXPECT_EQ(f(tensor<float>({1})), Shape(DataType::FLOAT32, {1}));
}

TEST(Eager, ATensorMovesToAnotherDevice) {
    const Device second(DeviceType::CPU, 1);
    const Tensor here = iota({3}, 0, DataType::FLOAT32) + 1.0;
    const Tensor there = here.to(second);
    EXPECT_EQ(buffer_of(there)->placement()->mesh, Mesh(second));
    EXPECT_EQ((there * 2.0).to_host(), (here * 2.0).to_host());
    EXPECT_EQ(there.to(second).node(), there.node()) << "what is there stays";
    const auto split =
        std::make_shared<const Placement>(Mesh({{"data", 2}}, devices("cpu")), std::vector<std::string>{"data"});
    EXPECT_EQ(put(HostArray::of<float>({2}, {1, 2}), split).to(second).to_host(), HostArray::of<float>({2}, {1, 2}));
    expect_error(Code::TRACED_VALUE, "", [&] { jit([&](const Tensor& x) { return x.to(second); })(here); });
}

TEST(Eager, SharedBytesAreNotWrittenWhereTheirTensorIsDonated) {
    struct alignas(64) Numbers {
        std::array<float, 16> values{};
    };
    const auto numbers = std::make_shared<Numbers>();
    numbers->values.fill(3);
    const auto* bytes = reinterpret_cast<const std::byte*>(numbers->values.data());
    const auto step = jit([](const Tensor& x) { return x * 2.0; }, {.donate = {0}});
    Tensor adopted = adopt(HostArray(Shape(DataType::FLOAT32, {16}), bytes, numbers), Device("cpu"));
    EXPECT_EQ(view(adopted).data(), bytes);
    EXPECT_EQ(step(std::move(adopted)).to_host().span<float>()[0], 6);
    EXPECT_EQ(numbers->values[0], 3);

    Tensor seen = ones({16}) + 0.0;
    const HostArray before = view(seen);
    EXPECT_EQ(view(seen).data(), before.data());
    EXPECT_EQ(step(std::move(seen)).to_host().span<float>()[0], 2);
    EXPECT_EQ(before.span<float>()[0], 1);
}

TEST(DeviceScope, ChangesWhereTensorsAreBorn) {
    EXPECT_EQ(default_device(), Device("cpu"));
    {
        const DeviceScope outer(Device("interp"));
        EXPECT_EQ(buffer_of(ones({2}) + 1.0)->placement()->mesh.type(), DeviceType::INTERP);
        {
            const DeviceScope inner(Device("cpu:1"));
            EXPECT_EQ(buffer_of(tensor<float>({1}))->placement()->mesh.devices(), std::vector{1});
        }
        EXPECT_EQ(default_device(), Device("interp"));
    }
    EXPECT_EQ(default_device(), Device("cpu"));
}

TEST(Eager, MemoryInUseGoesUpAndDown) {
    const auto backend = backend_for(Mesh(default_device()));
    const auto before = backend->memory_stats(0).in_use_bytes;
    {
        const Tensor x = zeros({1 << 18});
        block_until_ready(x);
        EXPECT_GE(backend->memory_stats(0).in_use_bytes, before + (1 << 20));
        EXPECT_GE(backend->memory_stats(0).peak_bytes, before + (1 << 20));
    }
    EXPECT_EQ(backend->memory_stats(0).in_use_bytes, before);
}

TEST(Eager, PrintsValuesAndShape) {
    EXPECT_EQ(to_text(tensor<float>({2, 2}, {1, 2, 3, 4.5F})), "[[1, 2], [3, 4.5]] f32[2,2]");
    EXPECT_EQ(to_text(iota({100})), "[0, 1, 2, …, 97, 98, 99] i32[100]");
    EXPECT_EQ(to_text(tensor(HostArray::scalar(true))), "true bool[]");
}

}  // namespace
}  // namespace podium
