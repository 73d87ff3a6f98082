// Through the real compiler, where it is installed.
#include <chrono>
#include <filesystem>

#include "podium/base/expect_error.h"
#include "podium/plan/ahead.h"
#include "podium/plan/plan.h"
#include "podium/runtime/pjrt/discover.h"
#include "tests/support/temporary_folder.h"

namespace podium::plan {
namespace {

class Libtpu : public testing::Test {
protected:
    void SetUp() override {
        const auto found = find_plugin(DeviceType::TPU);
        const auto podium = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "podium";
        if (!found) GTEST_SKIP() << "libtpu is not here: podium plugin install tpu --accept-license";
        if (!std::filesystem::exists(podium)) GTEST_SKIP() << "the command is not built beside this test";
        options_.plugin = found->path;
        options_.fast = true;
        options_.compile = {.child_command = {podium.string(), "plan", "--job"}, .cache_folder = folder_.path()};
    }

    static train::TrainConfig tiny() {
        train::TrainConfig config;
        config.data.paths = {"."};
        config.model.scan_layers = true;
        config.model.layers = 3;
        config.model.width = 256;
        config.model.heads = 2;
        config.model.length = 128;
        config.model.vocabulary = 1024;
        config.model.precision.compute = DataType::BFLOAT16;
        config.train.batch = {16};
        return train::resolved(config);
    }

    test::TemporaryFolder folder_;
    PlanOptions options_;
};

TEST_F(Libtpu, ATinyGptFitsAndSaysWhatItTakes) {
    options_.targets = catalog::find_slices("v5e-8,v4-8");
    const auto found = plan_config(tiny(), options_);
    ASSERT_EQ(found.size(), 2U);
    const auto& one = found.front();
    ASSERT_TRUE(one.fits()) << one.why_not();
    EXPECT_EQ(mesh_text(one.mesh), "data=8");
    EXPECT_GT(one.answer.peak_bytes, 0);
    EXPECT_LT(one.answer.peak_bytes, one.answer.limit_bytes);
    const auto traced = trace_step(tiny());
    const auto bytes_of = [&](MemoryTag tag) {
        double bytes = 0;
        for (std::size_t i = 0; i < traced.tags.size(); ++i)
            if (traced.tags[i] == tag)
                bytes += static_cast<double>(traced.step.graph.parameters[i].shape().size_bytes());
        return bytes;
    };
    const double parameters = bytes_of(MemoryTag::PARAMETERS), state = bytes_of(MemoryTag::OPTIMIZER_STATE);
    EXPECT_NEAR(static_cast<double>(one.answer.memory[MemoryTag::PARAMETERS]), parameters, 0.01 * parameters);
    EXPECT_NEAR(static_cast<double>(one.answer.memory[MemoryTag::OPTIMIZER_STATE]), state, 0.01 * state);
    ASSERT_FALSE(one.collectives.empty()) << "gradients are summed over the mesh";
    EXPECT_EQ(one.collectives.front().kind, "all-reduce");
    EXPECT_EQ(one.collectives.front().axis, "data");
    EXPECT_GE(one.collectives.front().bytes, 0.9 * parameters / 2);
    EXPECT_EQ(one.answer.traffic.unknown_loops, 0);
    ASSERT_TRUE(one.time && one.usd_per_step);
    EXPECT_GT(*one.mfu, 0);
    EXPECT_LT(*one.mfu, 1);
    EXPECT_EQ(found[1].slice.chip_count(), 4);
    EXPECT_TRUE(found[1].fits()) << found[1].why_not();

    const auto began = std::chrono::steady_clock::now();
    const auto again = plan_config(tiny(), options_);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3)) << "answers are kept";
    EXPECT_TRUE(again.front().answer.from_cache);
    EXPECT_EQ(candidate_json(again.front()), candidate_json(one));
}

TEST_F(Libtpu, ShardsOfParametersAreAsManyAsTheDevicesOfFsdp) {
    options_.targets = catalog::find_slices("v5e-8,v5e-8");
    options_.mesh = {{"data", 8}};
    const auto whole = plan_config(tiny(), options_).front();
    options_.mesh = {{"fsdp", 8}};
    const auto split = plan_config(tiny(), options_).front();
    ASSERT_TRUE(split.fits()) << split.why_not();
    const auto bytes = [](const Candidate& each, MemoryTag tag) {
        return static_cast<double>(each.answer.memory[tag]);
    };
    for (const auto tag : {MemoryTag::PARAMETERS, MemoryTag::OPTIMIZER_STATE})
        EXPECT_LT(bytes(split, tag), 1.05 * bytes(whole, tag) / 8) << name(tag);
    EXPECT_TRUE(std::ranges::any_of(split.collectives, [](const auto& row) {
        return row.kind == "all-gather" && row.axis == "fsdp";
    })) << candidate_json(split).dump(2);
}

TEST_F(Libtpu, KnowsEveryPublishedSliceAndItsDevices) {
    const auto plugin = PjrtPlugin::load(options_.plugin);
    for (const auto& chip : catalog::chips())
        for (const auto& slice : catalog::slices_of(chip)) {
            const PjrtTopology topology(*plugin.value(), slice.topology(), std::string(chip.chip_config));
            EXPECT_EQ(std::ssize(topology.device_ids()), slice.device_count()) << slice.name();
            const auto bytes = static_cast<double>(topology.memory_limit_bytes()) * chip.devices;
            EXPECT_NEAR(bytes / chip.hbm_bytes, 1, 0.08) << slice.name() << ": what programs may take of a chip's";
        }
}

TEST_F(Libtpu, WithoutMemoryTheFiguresAreTheCompilersOwn) {
    auto config = tiny();
    config.train.batch = {16'384};
    config.model.width = 4096;
    options_.targets = catalog::find_slices("v5e-1");
    const auto found = plan_config(train::resolved(config), options_).front();
    EXPECT_EQ(found.answer.status, CompileAnswer::Status::OUT_OF_MEMORY) << found.why_not();
    EXPECT_GT(found.answer.peak_bytes, found.answer.limit_bytes);
    EXPECT_GT(found.answer.limit_bytes, 14e9);
    EXPECT_NE(found.why_not().find("GB a device"), std::string::npos) << found.why_not();
    EXPECT_TRUE(candidate_json(found)["fits"] == false);
}

TEST_F(Libtpu, ACrashOrAHangOfTheCompilerIsOneCandidatesAnswer) {
    options_.targets = catalog::find_slices("v5e-1");
    options_.compile.cache_folder.clear();
    options_.compile.timeout_s = 0.2;
    EXPECT_EQ(plan_config(tiny(), options_).front().answer.status, CompileAnswer::Status::TIMED_OUT);
    options_.compile.timeout_s = 60;
    options_.compile.child_command = {"/bin/sh", "-c", "echo last words >&2; kill -SEGV $$"};
    const auto crashed = plan_config(tiny(), options_).front();
    EXPECT_EQ(crashed.answer.status, CompileAnswer::Status::CRASHED);
    EXPECT_NE(crashed.why_not().find("SIGSEGV: last words"), std::string::npos) << crashed.why_not();
}

TEST_F(Libtpu, MeshesAndTextsThatDoNotGoTogetherAreRefused) {
    options_.targets = catalog::find_slices("v5e-8");
    options_.mesh = {{"data", 4}};
    expect_error(Code::INVALID_CONFIG,
                 "mesh data=4 is of 4 devices, v5e-8 has 8 (8 chips); give --mesh data=8, or --on v5e-4",
                 [&] { plan_config(tiny(), options_); });
    options_.mesh.clear();
    const auto refused = plan_text("this is no module", options_).front();
    EXPECT_EQ(refused.answer.status, CompileAnswer::Status::REFUSED);
    EXPECT_FALSE(refused.why_not().empty());
}

}  // namespace
}  // namespace podium::plan
