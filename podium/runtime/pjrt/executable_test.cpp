#include "podium/runtime/pjrt/executable.h"

#include <gmock/gmock.h>

#include <thread>

#include "podium/runtime/pjrt/testing.h"

/// Read by the address sanitizer: an allocation that cannot be is the plugin's error to report, not the end.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier,readability-identifier-naming)
    return "allocator_may_return_null=1";
}

namespace podium {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Mesh ONE{Device()};
constexpr std::string_view REUSE_FIRST = "arg_attrs = [{tf.aliasing_output = 0 : i32}, {}]";

BufferPtr pair(float a, float b) {
    return test_backend().upload(HostArray::of<float>({2}, std::vector<float>{a, b}), on_device(0));
}

TEST(PjrtExecutable, AddsTwoUploadedArrays) {
    const auto program = test_backend().compile_text({.text = add_module("tensor<2xf32>"), .mesh = ONE});
    const auto a = pair(1, 2), b = pair(10, 20);
    const auto results = program->execute(std::array{a.get(), b.get()}, {});
    ASSERT_EQ(results.size(), 1U);
    EXPECT_THAT(results[0]->to_host().span<float>(), ElementsAre(11, 22));
    EXPECT_THAT(a->to_host().span<float>(), ElementsAre(1, 2));
}

TEST(PjrtExecutable, ReadsShapesAndReuseFromTheCompiledProgram) {
    const auto program = test_backend().compile_text({.text = add_module("tensor<2xf32>", REUSE_FIRST), .mesh = ONE});
    ASSERT_EQ(program->parameters().size(), 2U);
    EXPECT_EQ(program->parameters()[1]->shape, Shape(DataType::FLOAT32, {2}));
    ASSERT_EQ(program->results().size(), 1U);
    EXPECT_EQ(program->results()[0]->shape, Shape(DataType::FLOAT32, {2}));
    EXPECT_GT(program->memory().alias_bytes, 0);
    EXPECT_THAT(program->optimized_text(), HasSubstr("f32[2]"));
}

TEST(PjrtExecutable, ConsumesADonatedArgument) {
    auto& backend = test_backend();
    const auto program = backend.compile_text({.text = add_module("tensor<2xf32>", REUSE_FIRST), .mesh = ONE});
    const auto before = backend.memory_stats(0).in_use_bytes;
    const auto a = pair(1, 2), b = pair(10, 20);
    const auto results = program->execute(std::array{a.get(), b.get()}, {});
    EXPECT_EQ(backend.memory_stats(0).in_use_bytes, before + 16);
    EXPECT_THAT(results[0]->to_host().span<float>(), ElementsAre(11, 22));
    expect_error(Code::DONATED, "f32[2]", [&] { a->to_host(); });
    expect_error(Code::DONATED, "f32[2]", [&] { a->wait(); });
    expect_error(Code::DONATED, "f32[2]", [&] { program->execute(std::array{a.get(), b.get()}, {}); });
    EXPECT_THAT(b->to_host().span<float>(), ElementsAre(10, 20));
}

TEST(PjrtExecutable, LeavesAKeptArgumentAlone) {
    const auto program = test_backend().compile_text({.text = add_module("tensor<2xf32>", REUSE_FIRST), .mesh = ONE});
    const auto a = pair(1, 2), b = pair(10, 20);
    const std::int64_t first = 0;
    const auto results = program->execute(std::array{a.get(), b.get()}, std::span(&first, 1));
    EXPECT_THAT(results[0]->to_host().span<float>(), ElementsAre(11, 22));
    EXPECT_THAT(a->to_host().span<float>(), ElementsAre(1, 2));
}

TEST(PjrtExecutable, RefusesToDonateWhatItAlsoReads) {
    const auto program = test_backend().compile_text({.text = add_module("tensor<2xf32>", REUSE_FIRST), .mesh = ONE});
    const auto a = pair(1, 2);
    expect_error(Code::INVALID_ARGUMENT, "execute main", [&] { program->execute(std::array{a.get(), a.get()}, {}); });
}

TEST(PjrtExecutable, SaysWhyATextDoesNotCompile) {
    try {
        test_backend().compile_text({.text = "this is no module", .mesh = ONE, .name = "step"});
        FAIL() << "compiled";
    } catch (const CompileFailed& error) {
        EXPECT_THAT(error.message(), HasSubstr("compile step: PJRT_Client_Compile: "));
        EXPECT_GT(error.message().size(), std::string("compile step: PJRT_Client_Compile: ").size() + 10);
    }
}

TEST(PjrtExecutable, RefusesWrongArguments) {
    auto& backend = test_backend();
    const auto program = backend.compile_text({.text = add_module("tensor<2xf32>"), .mesh = ONE});
    const auto a = pair(1, 2);
    expect_error(Code::INVALID_ARGUMENT, "2 parameters, 1 arguments",
                 [&] { program->execute(std::array{a.get()}, {}); });
    const auto turned = backend.upload(HostArray::of<float>({2, 1}, {1, 2}), on_device(0));
    expect_error(Code::SHAPE_MISMATCH, "parameter 1 is f32[2]", [&] {
        program->execute(std::array{a.get(), turned.get()}, {});
    });
    const auto integers = backend.upload(HostArray::of<std::int32_t>({2}, {1, 2}), on_device(0));
    expect_error(Code::DTYPE_MISMATCH, "argument is i32[2]", [&] {
        program->execute(std::array{integers.get(), a.get()}, {});
    });
    const auto elsewhere = backend.upload(HostArray::of<float>({2}, std::vector<float>{1, 2}), on_device(1));
    expect_error(Code::SHAPE_MISMATCH, "from 1", [&] { program->execute(std::array{a.get(), elsewhere.get()}, {}); });
}

TEST(PjrtExecutable, RefusesADescriptionThatTheProgramDoesNotHave) {
    const BufferSpec spec{Shape(DataType::FLOAT32, {2}), on_device(0)};
    expect_error(Code::INVALID_ARGUMENT, "2 results were described, the program has 1", [&] {
        test_backend().compile_text({.text = add_module("tensor<2xf32>"),
                                     .mesh = ONE,
                                     .parameters = {{spec, spec}},
                                     .results = {{spec, spec}},
                                     .reuse = {{}}});
    });
}

TEST(PjrtExecutable, ReportsMemoryThatIsNotThere) {
    const auto text = module_of("(tensor<f32>) -> tensor<4398046511104xf32>",
                                "^entry(%a: tensor<f32>):\n%big = \"stablehlo.broadcast_in_dim\"(%a) "
                                "{broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<4398046511104xf32>\n"
                                "\"func.return\"(%big) : (tensor<4398046511104xf32>) -> ()");
    EXPECT_THROW(
        {
            const auto program = test_backend().compile_text({.text = text, .mesh = ONE});
            const auto a = test_backend().upload(HostArray::scalar(1.0F), on_device(0));
            program->execute(std::array{a.get()}, {})[0]->wait();
        },
        OutOfMemory);
}

TEST(PjrtExecutable, RunsFromFourThreadsAtOnce) {
    auto& backend = test_backend();
    const auto program = backend.compile_text({.text = add_module("tensor<2xf32>"), .mesh = ONE});
    const auto before = backend.live_buffers();
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 500; ++i) {
                const auto a = pair(static_cast<float>(t), static_cast<float>(i)), b = pair(1, 2);
                const auto sum = program->execute(std::array{a.get(), b.get()}, {})[0]->to_host();
                if (sum.span<float>()[0] != static_cast<float>(t + 1) ||
                    sum.span<float>()[1] != static_cast<float>(i + 2))
                    ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(backend.live_buffers(), before);
}

TEST(PjrtExecutable, FeedsItsOwnResultsBack) {
    const auto program = test_backend().compile_text({.text = add_module("tensor<2xf32>", REUSE_FIRST), .mesh = ONE});
    auto state = pair(0, 0);
    const auto step = pair(1, 2);
    for (int i = 0; i < 100; ++i) state = program->execute(std::array{state.get(), step.get()}, {})[0];
    EXPECT_THAT(state->to_host().span<float>(), ElementsAre(100, 200));
}

}  // namespace
}  // namespace podium
