#include "podium/train/memory_plan.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/checkpoint/checkpoint.h"
#include "podium/config/config.h"
#include "podium/train/stored_run.h"
#include "tests/support/error_of.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/tiny_runs.h"

namespace podium::train {
namespace {

std::vector<RunEvent> events_of(const std::filesystem::path& run, std::string_view name) {
    auto events = read_events(run / "metrics.jsonl");
    std::erase_if(events, [&](const RunEvent& event) { return event.name != name; });
    return events;
}

TEST(Choosing, KeepsTheBestAndStopsWhenPatienceIsOut) {
    const TinyRuns runs(FAST_TO_COMPILE);
    // After some steps the learning rate is far too large: validation gets worse.
    run(runs.fresh("a", {.overrides = {"train.eval_every=2", "train.patience=2", "optimizer.schedule=warmup_cosine",
                                       "optimizer.warmup_steps=40", "optimizer.learning_rate=8"},
                         .steps = 40}));
    const auto evals = events_of(runs / "a", "eval");
    std::size_t best = 0;
    for (std::size_t i = 1; i < evals.size(); ++i)
        if (*evals[i].number("loss") < *evals[best].number("loss")) best = i;
    ASSERT_EQ(evals.size(), best + 3) << "two validations later the run ended";
    EXPECT_EQ(std::get<std::string>(*events_of(runs / "a", "end").back().find("reason")), "stopped early");
    const auto stored = open_stored(runs / "a", {}, true);
    EXPECT_EQ(stored.step, evals[best].step());
    const data::TextCorpus corpus(text_options(stored.config));
    EXPECT_NEAR(held_out_quality(*stored.programs, stored.parameters, corpus, 8).value_or(MeanQuality()).loss,
                *evals[best].number("loss"), 1e-5);
    EXPECT_EQ(open_stored(runs / "a").step, evals.back().step());
}

TEST(Choosing, TheAverageIsSavedAndJudged) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const ConfigChanges averaged{.overrides = {"train.average_decay=0.9", "train.eval_every=4"}};
    run(runs.fresh("whole", averaged));
    run(runs.fresh("parts", {.overrides = averaged.overrides, .steps = 5}));
    run(runs.again("parts", {.steps = 12}));
    const auto last = checkpoint::load_newest(runs / "whole").snapshot;
    EXPECT_TRUE(test::equal(checkpoint::load_newest(runs / "parts").snapshot.tensors, last.tensors));
    const auto stored = open_stored(runs / "whole");
    EXPECT_TRUE(test::equal(stored.parameters.map([](const Tensor& t) { return t.to_host(); }),
                            last.tensors.subtree("average")));
}

TEST(Choosing, NormsAndSamplesAreEvents) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("a", {.overrides = {"train.log_norms=true", "train.sample_every=6", "train.sample_tokens=5",
                                       "train.sample_prompt=mesh", "model.precision.compute=f16"},
                         .mesh = "data=2"}));
    for (const auto& event : events_of(runs / "a", "step")) {
        EXPECT_GT(event.number("gradient_norm").value_or(-1), 0);
        EXPECT_GT(event.number("loss_scale").value_or(-1), 0);
        EXPECT_TRUE(event.number("update_ratio") && event.number("skipped_steps"));
    }
    EXPECT_EQ(events_of(runs / "a", "sample").size(), 2U);
}

TEST(Choosing, TheBatchIsTheLargestThatFits) {
    const TinyRuns runs(FAST_TO_COMPILE);
    auto config = resolved(changed(config::read_file<TrainConfig>(runs / "tiny.yaml"),
                                   {.data = {(runs / "text").string()}, .mesh = "data=2"}));
    const auto with_batch = [&](std::int64_t batch) {
        auto other = config;
        other.train.batch = {batch};
        return step_bytes(Programs(other));
    };
    config.train.memory_fraction *= (with_batch(8) + with_batch(16)) / 2 / allowed_bytes(config);
    EXPECT_EQ(batch_that_fits(config), 8);
    config.train.memory_fraction *= 1e-6;
    EXPECT_EQ(test::error_of([&] { batch_that_fits(config); }).code(), Code::OUT_OF_MEMORY);
    EXPECT_EQ(test::error_of([&] { TpuConfigManager::expect_fits(config); }).code(), Code::OUT_OF_MEMORY);
}

TEST(StepMemory, AddsUpToWhatTheStepNeeds) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const auto memory = [&](std::vector<std::string> overrides, std::optional<std::string> mesh = {}) {
        const Programs programs(resolved(
            changed(config::read_file<TrainConfig>(runs / "tiny.yaml"),
                    {.overrides = std::move(overrides), .data = {(runs / "text").string()}, .mesh = std::move(mesh)})));
        const auto profile = programs.step_memory();
        const auto bytes = static_cast<double>(profile.at_peak.sum() - profile.at_peak[MemoryTag::CODE]);
        EXPECT_EQ(bytes * static_cast<double>(programs.mesh.size()), step_bytes(programs));
        std::int64_t parameters = 0;
        const auto shapes = programs.state_shapes();
        for (std::size_t i = 0; i < shapes.size(); ++i)
            if (is_under(shapes.path(i), "parameters")) parameters += shapes.leaves()[i].size_bytes();
        EXPECT_EQ(profile.at_peak[MemoryTag::PARAMETERS], parameters);
        return profile.at_peak;
    };
    const auto plain = memory({"model.layers=2", "train.batch=8"});
    EXPECT_GE(plain[MemoryTag::OPTIMIZER_STATE], 2 * plain[MemoryTag::PARAMETERS]) << "Adam's two moments";
    EXPECT_GT(plain[MemoryTag::ACTIVATIONS], 0);
    const auto half = memory({"model.layers=2", "train.batch=16"}, "data=2");
    EXPECT_NEAR(static_cast<double>(half[MemoryTag::ACTIVATIONS]), static_cast<double>(plain[MemoryTag::ACTIVATIONS]),
                0.2 * static_cast<double>(plain[MemoryTag::ACTIVATIONS]));
    const auto pieces = memory({"model.layers=2", "train.batch=8", "train.micro_batches=8", "train.average_decay=0.9"});
    EXPECT_GE(pieces[MemoryTag::OPTIMIZER_STATE], 3 * plain[MemoryTag::PARAMETERS]) << "and their average";
    EXPECT_GE(pieces[MemoryTag::GRADIENTS], pieces[MemoryTag::PARAMETERS]);
    EXPECT_LT(pieces.sum(), plain.sum());
}

TEST(MemoryProfile, RematKeepsOneBlocksActivationsAtATime) {
    const auto bytes = [](bool scanned, bool remat) {
        TrainConfig config;
        config.data.paths = {"text"};
        static_cast<models::GptOptions&>(config.model) = {
            .length = 64, .layers = 4, .width = 32, .heads = 4, .scan_layers = scanned, .remat = remat};
        config.train.batch = {16};
        return Programs(resolved(config)).step_memory().at_peak.sum();
    };
    for (const bool scanned : {false, true}) {
        const auto kept = bytes(scanned, false);
        EXPECT_LT(bytes(scanned, true), kept * 6 / 10) << (scanned ? "scanned" : "one after another");
    }
}

TEST(Offload, KeepsTheOptimizersStateOnTheHostAndTheMathsOfTheStep) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const ConfigChanges whole{.overrides = {"model.precision={parameters: f64, compute: f64}", "model.dropout=0.1",
                                            "train.average_decay=0.9", "recovery.on_nonfinite=skip"},
                              .mesh = "data=8"};
    auto moved = whole;
    moved.overrides.emplace_back("train.offload_optimizer=true");
    run(runs.fresh("whole", whole));
    run(runs.fresh("moved", moved));
    const auto losses = losses_of(runs / "moved"), expected = losses_of(runs / "whole");
    ASSERT_EQ(losses.size(), expected.size());
    for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-9) << "step " << i + 1;
    const auto stored = config::read_file<TrainConfig>(runs / "moved/config.yaml");
    const Programs programs(stored);
    const data::TextCorpus corpus(text_options(stored));
    const auto stepped = programs.step(programs.init(key(0)), programs.put(corpus.batch_at(0))).first;
    for (const auto& leaf : stepped.optimizer.leaves()) EXPECT_EQ(buffer_of(leaf)->placement()->mesh.size(), 1);
    for (const auto& leaf : stepped.parameters.leaves()) EXPECT_EQ(buffer_of(leaf)->placement()->mesh.size(), 8);

    auto large = stored;  // with more activations than optimizer state
    large.train.batch = {512};
    const Programs offloaded(large);
    large.train.offload_optimizer = false;
    EXPECT_LT(step_bytes(offloaded), step_bytes(Programs(large)));
    for (const auto& bytes : {offloaded.step_memory().at_peak, programs.step_memory().at_peak}) {
        EXPECT_GE(bytes[MemoryTag::GRADIENTS], bytes[MemoryTag::PARAMETERS]);
        EXPECT_LT(bytes[MemoryTag::PADDING], bytes[MemoryTag::PARAMETERS] / 5);
    }

    run(runs.again("whole", {.overrides = {"train.offload_optimizer=true"}, .steps = 14}));
    run(runs.again("moved", {.overrides = {"train.offload_optimizer=false"}, .steps = 14}));
    EXPECT_NEAR(losses_of(runs / "whole").at(13), losses_of(runs / "moved").at(13), 1e-9);
}

TEST(StepFlops, AreThreeTimesTheForwardPassesProducts) {
    const auto flops = [](bool scanned) {
        TrainConfig config;
        config.data.paths = {"text"};
        static_cast<models::GptOptions&>(config.model) = {
            .length = 64, .layers = 3, .width = 32, .heads = 4, .scan_layers = scanned, .remat = scanned};
        config.train.batch = {8};
        return Programs(resolved(config)).step_flops();
    };
    constexpr double TOKENS = 8 * 64, WIDTH = 32, LENGTH = 64, LAYERS = 3, VOCABULARY = 256;
    constexpr double WEIGHTS = LAYERS * 12 * WIDTH * WIDTH + VOCABULARY * WIDTH;
    constexpr double ATTENTION = LAYERS * 2 * LENGTH * WIDTH;  // scores and their mean of the values
    EXPECT_EQ(flops(false), 3 * 2 * TOKENS * (WEIGHTS + ATTENTION));
    EXPECT_EQ(flops(true), flops(false));
}

TEST(Choosing, AutoBatchIsSettledBeforeTheRun) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("a", {.overrides = {"train.batch=auto", "train.memory_fraction=1e-5"}, .steps = 1}));
    const auto stored = config::read_file<TrainConfig>(runs / "a/config.yaml");
    EXPECT_FALSE(stored.train.batch.automatic);
    EXPECT_GE(stored.train.batch, 1);
    EXPECT_EQ(changed(stored, {.overrides = {"train.batch=auto"}}).train.batch.automatic, true);
}

TEST(Choosing, PresetsAreNamed) {
    for (const auto& preset : TpuConfigManager::presets())
        EXPECT_GT(models::Gpt(TpuConfigManager::preset(preset.name).model).options().layers, 0);
    expect_error(Code::INVALID_CONFIG, "there are small, medium, large and auto",
                 [] { TpuConfigManager::preset("tiny"); });
    EXPECT_FALSE(TpuConfigManager::detect("cpu").empty());
}

}  // namespace
}  // namespace podium::train
