#include "podium/bench/bench.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "podium/bench/loop_cases.h"
#include "podium/bench/runtime_cases.h"
#include "podium/bench/train_cases.h"

namespace podium::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array CASES{
    Case{"gpt_step", "one training step of a 4-layer GPT, 2,048 tokens, clip and AdamW", gpt_step},
    Case{"gpt_step_bf16", "gpt_step that computes in bf16, with parameters in f32", gpt_step_bf16},
    Case{"mlp_step", "one training step of a 784-1024-1024-10 MLP, batch 256, AdamW", mlp_step},
    Case{"cnn_step", "one training step of a small residual network, 128 images of 32 x 32, AdamW", cnn_step},
    Case{"adam_33m", "AdamW over 33.5 million f32 parameters", adam_33m},
    Case{"optimizer_loops", "each optimizer's loop over 33.5 million f32 parameters, beside a copy", optimizer_loops},
    Case{"dispatch_scalar_ready", "a jitted addition of two scalars, waited for", dispatch_scalar_ready},
    Case{"dispatch_leaves", "a jitted function of the GPT's tree that does nothing, by leaf", dispatch_leaves},
    Case{"allreduce8_16MiB", "sum over eight CPU devices of 16 MiB each", allreduce8},
    Case{"dp8_gpt_step_auto", "gpt_step with the batch split over eight CPU devices", dp8_gpt_step_auto},
    Case{"time_to_first_step", "from exec to the first finished gpt_step, compiling included", time_to_first_step},
    Case{"trainer_overhead", "300 steps of podium train, a save every 50, over the bare steps", trainer_overhead},
    Case{"logging_overhead", "the same without saves, with TensorBoard's files and norms", logging_overhead},
    Case{"checkpoint_save", "128 MiB from memory to a committed checkpoint, fsync included", checkpoint_save},
    Case{"checkpoint_restore", "128 MiB from a checkpoint to the device, every hash checked", checkpoint_restore},
    Case{"checkpoint_blocked", "how long training waits for a save of 128 MiB", checkpoint_blocked},
    Case{"graph_build", "recording nodes, in nodes a second", graph_build},
};

}  // namespace

std::span<const Case> cases() { return CASES; }

std::vector<double> measure(const std::function<void()>& f, int warmup, int min_count, double seconds, int max_count) {
    for (int i = 0; i < warmup; ++i) f();
    std::vector<double> times;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (static_cast<int>(times.size()) < min_count ||
           (Clock::now() < end && static_cast<int>(times.size()) < max_count)) {
        const auto start = Clock::now();
        f();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    return times;
}

nlohmann::json to_json(const Case& which, const Measurement& measured) {
    auto times = measured.times_ms;
    std::sort(times.begin(), times.end());
    const auto half = times.size() / 2;
    const double median = times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
    return {{"format", 1},
            {"peer", "podium"},
            {"case", which.name},
            {"median_ms", median},
            {"min_ms", times.front()},
            {"n", times.size()},
            {"extra", measured.extra}};
}

}  // namespace podium::bench
