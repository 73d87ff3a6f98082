#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/checkpoint/checkpoint.h"
#include "podium/train/programs.h"
#include "podium/train/stored_run.h"
#include "tests/support/tiny_runs.h"

namespace podium::train {
namespace {

constexpr const char* DECODER =
    "{vocabulary: 256, length: 16, layers: 1, width: 16, hidden: 32, heads: 2, key_heads: 1, depth: 8, rotary: {width: "
    "8}}";

/// Changes a tiny run to one of a decoder whose adapters are trained.
ConfigChanges adapted(std::int64_t steps) {
    return {.overrides = {"model.kind=decoder", fmt::format("model.decoder={}", DECODER), "model.lora.rank=2",
                          "model.precision={parameters: f64, compute: f64}", "optimizer.learning_rate=0.05"},
            .steps = steps};
}

BasicTree<HostArray> tensors_of(const std::filesystem::path& run) {
    return checkpoint::load_newest(run).snapshot.tensors;
}

TEST(Adapters, AreAllThatARunTrains) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("first", adapted(0)));
    run(runs.fresh("last", adapted(12)));
    const auto before = tensors_of(runs / "first"), after = tensors_of(runs / "last");
    int adapters = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const auto& path = after.path(i);
        const bool is_adapter = path.find(".lora.") != std::string::npos;
        if (is_under(path, "parameters")) {
            EXPECT_EQ(after.leaves()[i] == before[path], !is_adapter) << path;
            adapters += is_adapter;
        } else if (is_under(path, "optimizer") && after.leaves()[i].shape().rank() == 2) {
            EXPECT_TRUE(is_adapter) << path << " takes memory";
        }
    }
    EXPECT_EQ(adapters, 2 * 7);  // attention's four matrices and the MLP's three
    EXPECT_LT(losses_of(runs / "last").back(), losses_of(runs / "last").front());
}

TEST(Adapters, AStoppedRunGoesOnWithTheSameLosses) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("whole", adapted(8)));
    run(runs.fresh("parts", adapted(4)));
    run(runs.again("parts", {.steps = 8}));
    EXPECT_EQ(losses_of(runs / "parts"), losses_of(runs / "whole"));
}

TEST(Adapters, MergedIntoTheWeightsComputeTheSame) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("run", adapted(4)));
    const auto stored = open_stored(runs / "run");
    const auto [options, parameters] = merged(stored.config.model, stored.parameters);
    EXPECT_THAT(parameters.paths()->names(), testing::Not(testing::Contains(testing::HasSubstr("lora"))));
    const Tensor tokens = tensor<std::int32_t>({1, 5}, {1, 7, 200, 3, 90});
    const HostArray with = Model(stored.config.model)(stored.parameters, tokens).to_host();
    const HostArray without = Model(options)(parameters, tokens).to_host();
    for (std::int64_t i = 0; i < with.count(); ++i) EXPECT_NEAR(with.as_double(i), without.as_double(i), 1e-9);
    EXPECT_NE(Model(options)(stored.parameters, tokens).to_host().as_double(0), with.as_double(0));
}

TEST(Adapters, AreForDecodersAndForMatricesThatThereAre) {
    const TinyRuns runs(FAST_TO_COMPILE);
    expect_error(Code::INVALID_CONFIG, "only decoders have adapters",
                 [&] { run(runs.fresh("gpt", {.overrides = {"model.lora.rank=2"}})); });
    auto changes = adapted(1);
    changes.overrides.emplace_back("model.lora.patterns=['**.attention.*']");
    expect_error(Code::INVALID_ARGUMENT, "no matrix of a linear layer matches [**.attention.*]",
                 [&] { run(runs.fresh("none", changes)); });
}

}  // namespace
}  // namespace podium::train
