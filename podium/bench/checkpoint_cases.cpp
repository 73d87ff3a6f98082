#include "podium/base/scratch_folder.h"
#include "podium/bench/runtime_cases.h"
#include "podium/bench/spec.h"
#include "podium/checkpoint/background_saver.h"
#include "podium/train/saved_state.h"

namespace podium::bench {
namespace {

constexpr int REPETITIONS = 7;

/// Returns a run's state that has the peers' tensors as its parameters.
train::State state_on_device() {
    TreeBuilder<Tensor> parameters;
    for (std::int64_t i = 0; i < spec::CHECKPOINT_TENSORS; ++i)
        parameters.add(fmt::format("t{:02}", i),
                       put(spec::uniform({spec::CHECKPOINT_ELEMENTS}, 1.0, static_cast<std::uint64_t>(500 + i)),
                           default_device()));
    train::State state{.parameters = parameters.build(), .key = key(0)};
    block_until_ready(state);
    return state;
}

nlohmann::json size() {
    return {{"mib", spec::CHECKPOINT_TENSORS * spec::CHECKPOINT_ELEMENTS * std::int64_t{sizeof(float)} >> 20}};
}

std::vector<double> repeated(const std::function<void()>& f) { return measure(f, 1, REPETITIONS, 0); }

}  // namespace

Measurement checkpoint_save(const Options&) {
    const ScratchFolder run("bench");
    auto snapshot = train::snapshot_of(state_on_device());
    return {repeated([&] {
                ++snapshot.step;
                checkpoint::save(run.path(), snapshot);
            }),
            size()};
}

Measurement checkpoint_restore(const Options&) {
    const ScratchFolder run("bench");
    checkpoint::save(run.path(), train::snapshot_of(state_on_device()));
    return {repeated([&] {
                const auto loaded = checkpoint::load_newest(run.path());
                block_until_ready(
                    loaded.snapshot.tensors.map([](const HostArray& array) { return put(array, default_device()); }));
            }),
            size()};
}

Measurement checkpoint_blocked(const Options&) {
    const ScratchFolder run("bench");
    const auto state = state_on_device();
    checkpoint::BackgroundSaver saver(run.path());
    Measurement measured{.extra = size()};
    for (int i = 0; i < REPETITIONS; ++i) {
        const auto times = measure([&] { saver.submit(train::snapshot_of(state)); }, 0, 1, 0);
        measured.times_ms.push_back(times.front());
        saver.wait();
    }
    return measured;
}

}  // namespace podium::bench
