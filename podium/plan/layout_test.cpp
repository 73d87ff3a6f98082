#include "podium/plan/layout.h"

#include "podium/base/expect_error.h"
#include "podium/plan/traced_step.h"

namespace podium::plan {
namespace {

train::TrainConfig tiny(bool decoder) {
    train::TrainConfig config;
    config.data.paths = {"."};
    config.model.kind = decoder ? train::ModelKind::DECODER : train::ModelKind::GPT;
    config.model.scan_layers = true;
    config.model.remat = true;
    config.model.layers = config.model.decoder.layers = 3;
    config.model.width = config.model.decoder.width = 64;
    config.model.heads = config.model.decoder.heads = config.model.decoder.key_heads = 4;
    config.model.decoder.depth = config.model.decoder.rotary.width = 16;
    config.model.decoder.hidden = 128;
    config.model.length = config.model.decoder.length = 32;
    config.train.batch = {8};
    return train::resolved(config);
}

std::string split_of(const TracedStep& traced, std::string_view path) {
    for (std::size_t i = 0; i < traced.step.parameters.size(); ++i)
        if (traced.step.parameters[i].ends_with(path)) return traced.layout.parameters[i];
    return "there is none";
}

TEST(Layout, AxesSplitWhatTheirNamesSay) {
    const auto traced = trace_step(tiny(true), {{"data", 2}, {"fsdp", 2}, {"model", 2}});
    EXPECT_EQ(split_of(traced, "batch.inputs"), R"([{"data", "fsdp"}p0, {}])");
    EXPECT_EQ(split_of(traced, "state.parameters.h.*.attn.q.weight"), R"([{}, {"fsdp"}p2, {"model"}p1])");
    EXPECT_EQ(split_of(traced, "state.parameters.h.*.mlp.down.weight"), R"([{}, {"model"}p1, {"fsdp"}p2])");
    EXPECT_EQ(split_of(traced, "state.parameters.wte.weight"), R"([{"model"}p1, {"fsdp"}p2])");
    EXPECT_EQ(split_of(traced, "state.parameters.h.*.ln1.weight"), "[{}, {}]");
    int moments = 0;  // they lie where their parameter does
    for (std::size_t i = 0; i < traced.step.parameters.size(); ++i)
        if (const auto& path = traced.step.parameters[i];
            path.starts_with("state.optimizer") && path.ends_with("h.*.attn.q.weight")) {
            EXPECT_EQ(traced.layout.parameters[i], R"([{}, {"fsdp"}p2, {"model"}p1])") << path;
            ++moments;
        }
    EXPECT_EQ(moments, 2);
}

TEST(Layout, WhatTrainingRefusesIsRefused) {
    expect_error(Code::INVALID_CONFIG,
                 "a batch of 8 does not divide over the 16 devices of the mesh's axis \"data\"; give a batch of 16",
                 [] {
                     trace_step(tiny(false), {{"data", 16}});
                 });
    expect_error(Code::INVALID_CONFIG, "mesh axis \"model\" of 3 does not divide the 4 heads", [] {
        trace_step(tiny(false), {{"model", 3}});
    });
    expect_error(Code::INVALID_CONFIG, "mesh axis \"rows\" splits nothing", [] {
        trace_step(tiny(false), {{"rows", 2}});
    });
}

/// Source: Chowdhery et al. 2022, appendix B: 6 N D, and 12 layers x heads x depth x length for attention.
TEST(TracedStep, FlopsAreTheFormulasLoopsCountedAsOftenAsTheyRun) {
    auto config = tiny(false);
    config.model.remat = false;
    const auto traced = trace_step(config);
    const double width = 64, layers = 3, length = 32, tokens = 8 * 32, vocabulary = 256;
    const double weights = layers * 12 * width * width + vocabulary * width;
    const double formula = tokens * (6 * weights + 12 * layers * width * length);
    EXPECT_NEAR(traced.flops / formula, 1, 0.02);
    EXPECT_NEAR(traced.model_flops / formula, 1, 0.02);
    config.model.remat = true;
    const double again = tokens * (2 * layers * 8 * width * width + 4 * layers * width * length);
    EXPECT_NEAR(trace_step(config).flops / (formula + again), 1, 0.02) << "no gradient needs a block's last product";
    EXPECT_NEAR(trace_step(config).model_flops / formula, 1, 0.02) << "what is computed again is no progress";
}

TEST(TracedStep, SeventyBillionParametersAreShapesOnly) {
    train::TrainConfig config = tiny(true);
    auto& decoder = config.model.decoder;
    decoder.layers = 80;
    decoder.width = 8192;
    decoder.hidden = 28672;
    decoder.heads = 64;
    decoder.key_heads = 8;
    decoder.depth = decoder.rotary.width = 128;
    decoder.vocabulary = 128256;
    config.model.precision.parameters = DataType::BFLOAT16;
    const auto traced = trace_step(config, {{"fsdp", 8}});
    EXPECT_GT(traced.state_bytes, 70e9 * 8) << "parameters, gradients and two moments of two bytes";
    EXPECT_LT(step_text(traced, false).size(), 4'000'000U) << "one block, whatever the layers";
}

}  // namespace
}  // namespace podium::plan
