#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "podium/base/expect_error.h"
#include "podium/config/config.h"
#include "podium/runtime/pjrt/buffer.h"
#include "podium/train/programs.h"
#include "tests/support/tiny_runs.h"

namespace podium::train {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* MODEL =
    "model={layers: 1, width: 32, heads: 8, length: 16, mlp_ratio: 2, precision: {parameters: TYPE, compute: TYPE}}";

/// Every mesh that the strategies are compared on, or some: each is a program to compile.
std::vector<std::string> meshes() {
    if (std::getenv("PODIUM_EVERY_MESH") == nullptr) return {"fsdp=2,model=2,seq=2"};
    return {"data=8",         "fsdp=8", "model=8",       "data=2,model=4",
            "fsdp=4,model=2", "seq=8",  "data=2,fsdp=4", "fsdp=2,model=2,seq=2"};
}

std::string typed(std::string text, const std::string& type) {
    for (auto at = text.find("TYPE"); at != std::string::npos; at = text.find("TYPE")) text.replace(at, 4, type);
    return text;
}

ConfigChanges changes_for(const std::string& mesh, const std::string& type, std::vector<std::string> more = {}) {
    ConfigChanges changes{.overrides = {typed(MODEL, type), "train.checkpoint_every=0", "train.log_norms=true",
                                        "optimizer.learning_rate=2e-2"},
                          .steps = 50};
    changes.overrides.insert(changes.overrides.end(), more.begin(), more.end());
    if (!mesh.empty()) changes.mesh = mesh;
    return changes;
}

/// Returns the numbers of that name in the run's step lines.
std::vector<double> curve(const std::filesystem::path& run, const char* name) {
    std::vector<double> numbers;
    for (const auto& event : read_events(run / "metrics.jsonl"))
        if (event.name == "step") numbers.push_back(event.number(name).value_or(NAN));
    return numbers;
}

void expect_close(const std::vector<double>& found, const std::vector<double>& expected, double tolerance) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_NEAR(found[i], expected[i], tolerance * std::max(1.0, std::abs(expected[i]))) << "step " << i + 1;
}

void expect_one_devices_losses(const std::string& type, double tolerance, const std::vector<std::string>& on,
                               const std::vector<std::string>& more = {}) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("one", changes_for("", type)));
    const auto losses = losses_of(runs / "one");
    ASSERT_EQ(losses.size(), 50U);
    EXPECT_LT(losses.back(), losses.front() * 2 / 3);
    for (const auto& mesh : on) {
        SCOPED_TRACE(mesh);
        run(runs.fresh(mesh, changes_for(mesh, type, more)));
        expect_close(losses_of(runs / mesh), losses, tolerance);
        expect_close(curve(runs / mesh, "gradient_norm"), curve(runs / "one", "gradient_norm"), 10 * tolerance);
    }
}

TEST(Strategies, LossesAndGradientNormsAreOneDevicesInF64) { expect_one_devices_losses("f64", 1e-9, meshes()); }
TEST(Strategies, LossesAndGradientNormsAreOneDevicesInF32) {
    expect_one_devices_losses(
        "f32", 1e-4,
        std::getenv("PODIUM_EVERY_MESH") == nullptr ? std::vector<std::string>{"data=2,model=4"} : meshes());
}

TrainConfig config_of(const TinyRuns& runs, const std::string& mesh, std::vector<std::string> more = {},
                      const std::string& type = "f64") {
    auto changes = changes_for(mesh, type, std::move(more));
    changes.data = {(runs / "text").string()};
    return resolved(changed(config::read_file<TrainConfig>(runs / "tiny.yaml"), changes));
}

/// Returns the gradient of the first batch, as a plain step would see it.
BasicTree<HostArray> first_gradient(const TrainConfig& config) {
    const Programs programs(config);
    const data::TextCorpus corpus(text_options(config));
    const StepFunction function{
        Model(config.model), optim::make(config.optimizer), {.place_gradients = programs.layout.place_gradients}};
    const State state = programs.init(key(3));
    const auto backward =
        jit([=](const Tree& parameters, const Key& key,
                const Samples& batch) { return function.backward(parameters, key, {}, batch); },
            {.names = {"parameters", "key", "batch"}, .mesh = &programs.mesh, .shardings = programs.layout.rules});
    return backward(state.parameters, state.key, programs.put(corpus.batch_at(0))).gradient.map([](const Tensor& t) {
        return t.to_host();
    });
}

TEST(Strategies, GradientsAreOneDevices) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const auto expected = first_gradient(config_of(runs, ""));
    for (const auto& mesh : meshes()) {
        SCOPED_TRACE(mesh);
        const auto found = first_gradient(config_of(runs, mesh));
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            for (std::int64_t k = 0; k < found.leaves()[i].count(); ++k)
                ASSERT_NEAR(found.leaves()[i].as_double(k), expected.leaves()[i].as_double(k), 1e-12)
                    << found.path(i) << " " << k;
    }
}

/// Returns the bytes of the tree that one device has, as its plugin counts them, and those of all of it.
std::pair<double, double> bytes_of(const Tree& tree, std::size_t device) {
    double own = 0, all = 0;
    for (const Tensor& leaf : tree.leaves()) {
        own += static_cast<double>(dynamic_cast<const PjrtBuffer&>(*buffer_of(leaf)).shard_size_bytes(device));
        all += static_cast<double>(leaf.shape().size_bytes());
    }
    return {own, all};
}

TEST(Strategies, FullyShardedDevicesHoldAnEighthOfParametersAndState) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const std::vector<std::string> wide{"model.width=256", "model.layers=1"};
    const Programs programs(config_of(runs, "fsdp=8", wide, "f32"));
    State state = programs.init(key(0));
    const data::TextCorpus corpus(text_options(config_of(runs, "fsdp=8", wide, "f32")));
    const Samples batch = programs.put(corpus.batch_at(0));
    for (int step = 0; step < 2; ++step) {
        for (std::size_t device = 0; device < 8; ++device)
            for (const Tree* tree : {&state.parameters, &state.optimizer}) {
                const auto [own, all] = bytes_of(*tree, device);
                EXPECT_LE(own, all / 8 * 1.05) << "step " << step << ", device " << device;
            }
        state = programs.step(std::move(state), batch).first;
    }
    EXPECT_EQ(programs.step.traces(), 1);
    const auto memory = programs.compile_step().front()->memory();
    double all = 0;
    const auto shapes = programs.state_shapes();
    for (const auto& shape : shapes.leaves()) all += static_cast<double>(shape.size_bytes());
    EXPECT_LE(static_cast<double>(memory.argument_bytes), all / 8 * 1.05 + 4096) << "the batch is small";
}

TEST(Strategies, ZeroSaysWhatIsSplit) {
    const TinyRuns runs(FAST_TO_COMPILE);
    for (const int zero : {1, 2, 3}) {
        const auto config = config_of(runs, "fsdp=8", {fmt::format("parallel.zero={}", zero)});
        const Programs programs(config);
        const std::vector<std::string> split{"", "fsdp"}, whole;
        const auto shapes = programs.state_shapes();
        int moments = 0;
        for (std::size_t i = 0; i < shapes.size(); ++i)
            if (shapes.path(i).starts_with("optimizer.") && shapes.path(i).ends_with(".h.0.mlp.up.weight")) {
                EXPECT_EQ(programs.layout.axes_of(shapes.path(i)), split) << shapes.path(i);
                ++moments;
            }
        EXPECT_EQ(moments, 2) << "of AdamW";
        EXPECT_EQ(programs.layout.axes_of("parameters.h.0.mlp.up.weight"), zero == 3 ? split : whole);
        EXPECT_EQ(programs.layout.axes_of("gradient.h.0.mlp.up.weight"), zero >= 2 ? split : whole);
        EXPECT_EQ(programs.layout.place_gradients != nullptr, zero >= 2);
        EXPECT_TRUE(programs.layout.axes_of("parameters.ln_f.bias").empty()) << "small ones stay whole";
    }
    if (std::getenv("PODIUM_EVERY_MESH") == nullptr) return;
    for (const char* zero : {"1", "2"})
        expect_one_devices_losses("f64", 1e-9, {"fsdp=8"}, {fmt::format("parallel.zero={}", zero)});
    expect_one_devices_losses("f64", 1e-9, {"data=2,fsdp=2"}, {"train.micro_batches=2"});
    expect_one_devices_losses("f64", 1e-9, {"fsdp=2,model=4"}, {"model.scan_layers=true", "model.remat=true"});
}

TEST(Strategies, TensorParallelDevicesComputeTheirOwnHeadsAndHiddenColumns) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const Programs programs(config_of(runs, "model=8"));
    EXPECT_EQ(programs.layout.axes_of("parameters.h.0.attn.out.weight"), std::vector<std::string>{"model"});
    EXPECT_EQ(programs.layout.axes_of("parameters.wte.weight"), std::vector<std::string>{"model"});
    const auto text = programs.compile_step().front()->optimized_text();
    EXPECT_THAT(text, HasSubstr("f64[8,16,8]")) << "a device's columns of the hidden layer: 64 over 8";
    EXPECT_THAT(text, Not(HasSubstr("f64[8,16,64]"))) << "the whole hidden layer is nowhere";
    EXPECT_THAT(text, Not(HasSubstr("f64[8,8,16,16]"))) << "nor are the scores of all heads";
}

TEST(Strategies, SequenceParallelDevicesKeepTheirPartOfTheLength) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const auto text = Programs(config_of(runs, "seq=8")).compile_step().front()->optimized_text();
    EXPECT_THAT(text, HasSubstr("f64[8,2,64]")) << "a device's positions of the hidden layer: 16 over 8";
    EXPECT_THAT(text, Not(HasSubstr("f64[8,16,64]"))) << "all positions are nowhere";
}

TEST(Strategies, CheckpointsMoveBetweenMeshes) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const auto on = [](const char* mesh, std::int64_t steps) {
        return ConfigChanges{.overrides = {typed(MODEL, "f64")}, .steps = steps, .mesh = mesh};
    };
    run(runs.fresh("one", on("data=1", 12)));
    run(runs.fresh("moved", on("fsdp=4,model=2", 4)));
    run(runs.again("moved", {.steps = 8, .mesh = "data=2,seq=2"}));
    run(runs.again("moved", {.overrides = {"parallel.zero=1"}, .steps = 12, .mesh = "fsdp=2"}));
    expect_close(losses_of(runs / "moved"), losses_of(runs / "one"), 1e-9);
}

TEST(Strategies, OwnRulesGoFirst) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const Programs programs(config_of(
        runs, "rows=2,model=4", {"parallel.rules={\"**.mlp.up.weight\": [rows, model], \"**.mlp.up.bias\": []}"}));
    EXPECT_EQ(programs.layout.axes_of("state.parameters.h.0.mlp.up.weight"),
              (std::vector<std::string>{"rows", "model"}));
    EXPECT_TRUE(programs.layout.axes_of("state.parameters.h.0.mlp.up.bias").empty());
    const State state = programs.init(key(0));
    EXPECT_EQ(buffer_of(state.parameters["h.0.mlp.up.weight"])
                  ->placement()
                  ->shard_shape(state.parameters["h.0.mlp.up.weight"].shape()),
              Shape(DataType::FLOAT64, {16, 16}));
}

TEST(Strategies, WhatDoesNotDivideIsSaidWithWhatIsPossible) {
    const TinyRuns runs;
    const auto refused = [&](const std::string& mesh, const char* words, std::vector<std::string> more = {}) {
        expect_error(Code::INVALID_CONFIG, words, [&] { Programs(config_of(runs, mesh, more)); });
    };
    refused("model=3",
            "mesh axis \"model\" of 3 does not divide dimension 1 (64) of h.0.mlp.up.weight, f64[32,64]: model "
            "may be 1, 2, 4, 8, 16, 32, 64; or say how",
            {"parallel.rules={\"**.attn.**\": []}"});
    refused("model=16", "does not divide the 8 heads of h.0.attn.qkv.weight, f64[32,96]: model may be 1, 2, 4, 8");
    refused("rows=2", "mesh axis \"rows\" splits nothing");
    refused("data=2,fsdp=3",
            "a batch of 8 does not divide over the 6 devices of the mesh's axis \"data,fsdp\"; give a "
            "batch of 12");
    refused("seq=3", "train.length is 16, which does not divide over the 3 devices");
    refused("expert=2", "the model has none");
    refused("rows=2", "parallel.rules: \"**.mlp.up.bias\" for h.0.mlp.up.bias",
            {"parallel.rules={\"**.mlp.up.bias\": [rows, rows]}"});
    refused("fsdp=2", "parallel.zero is 4", {"parallel.zero=4"});
}

/// A decoder with grouped heads, and experts.
TEST(Strategies, DecodersAndTheirExpertsAreSplitByTheSameNames) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const std::string decoder =
        "model={kind: decoder, decoder: {vocabulary: 256, length: 16, layers: 1, width: 32, hidden: 64, heads: 8, "
        "key_heads: 2, depth: 4, rotary: {width: 4}, experts: EXPERTS, experts_per_token: 2}, precision: {parameters: "
        "f64, compute: f64}}";
    const auto with = [&](const char* experts) {
        auto text = decoder;
        return text.replace(text.find("EXPERTS"), 7, experts);
    };
    const auto go = [&](const std::string& name, const char* experts, const std::string& mesh) {
        ConfigChanges changes{.overrides = {with(experts), "train.checkpoint_every=0"}, .steps = 12};
        if (!mesh.empty()) changes.mesh = mesh;
        run(runs.fresh(name, changes));
        return losses_of(runs / name);
    };
    expect_close(go("split", "0", "data=2,model=4"), go("whole", "0", ""), 1e-9);
    expect_close(go("experts", "8", "data=2,expert=4"), go("alone", "8", ""), 1e-9);
}

}  // namespace
}  // namespace podium::train
