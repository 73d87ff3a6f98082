#include <filesystem>
#include <fstream>

#include "podium/base/file.h"
#include "podium/base/scratch_folder.h"
#include "podium/bench/runtime_cases.h"
#include "podium/bench/spec.h"
#include "podium/config/config.h"
#include "podium/train/programs.h"
#include "podium/train/session.h"

namespace podium::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t STEPS = 300, SAVE_EVERY = 50;
constexpr std::int64_t PART = 60;  // steps between two looks at the bare ones; a save lies within each

/// A scratch folder with text and a config.
class Workplace {
public:
    Workplace() {
        const HostArray bytes = spec::integers({1 << 20}, 26, 99);
        std::string text;
        for (const auto letter : bytes.span<std::int32_t>()) text += static_cast<char>('a' + letter);
        write_atomically(path() / "text.txt", text);
        train::TrainConfig config;
        config.optimizer.learning_rate = spec::LEARNING_RATE;
        config.optimizer.clip_global_norm = spec::CLIP;
        config.data.paths = {(path() / "text.txt").string()};
        config.train.steps = STEPS;
        config.train.eval_every = 0;
        config.train.checkpoint_every = SAVE_EVERY;
        write_atomically(path() / "gpt.yaml", config::write(config));
    }
    const fs::path& path() const { return folder_.path(); }

private:
    ScratchFolder folder_{"bench"};
};

double milliseconds(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

/// Returns milliseconds a step of the bare program: the same batch again, each loss read.
double bare_step_ms(const train::Programs& programs, const data::Batch& data, int steps) {
    train::State state = programs.init(key(0));
    const train::Samples batch = programs.put(data);
    Clock::time_point start;
    for (int i = 0; i <= steps; ++i) {
        if (i == 1) start = Clock::now();
        auto [next, metrics] = programs.step(std::move(state), batch);
        state = std::move(next);
        metrics["loss"].item<float>();
    }
    return milliseconds(Clock::now() - start) / steps;
}

/// Runs the session and returns milliseconds a step, from its first step line to its last.
double trained_step_ms(train::Session session) {
    Clock::time_point first, last;
    std::int64_t steps = 0;
    session.json = [&](std::string_view line) {
        if (line.find("\"event\":\"step\"") == std::string_view::npos &&
            line.find("\"event\": \"step\"") == std::string_view::npos)
            return;
        last = Clock::now();
        if (steps++ == 0) first = last;
    };
    train::run(session);
    return milliseconds(last - first) / static_cast<double>(steps - 1);
}

/// Returns the milliseconds of a step of `podium train` with those changes, in parts of a run that is stopped and
/// resumed, each beside bare steps before and after it: machines change their pace.
Measurement trained_over_bare(const train::ConfigChanges& changes) {
    const Workplace work;
    const auto config = train::resolved(config::read_file<train::TrainConfig>(work.path() / "gpt.yaml"));
    const train::Programs programs(config);
    const data::TextCorpus corpus(train::text_options(config));
    const auto batch = corpus.batch_at(0);

    Measurement measured;
    std::vector<double> bare{bare_step_ms(programs, batch, PART / 2)}, ratios;
    for (std::int64_t done = PART; done <= STEPS; done += PART) {
        train::Session session{.config = work.path() / "gpt.yaml", .out = work.path() / "run", .changes = changes};
        if (done > PART) session = {.resume = work.path() / "run"};
        session.changes.steps = done;
        measured.times_ms.push_back(trained_step_ms(std::move(session)));
        bare.push_back(bare_step_ms(programs, batch, PART / 2));
        ratios.push_back(measured.times_ms.back() * 2 / (bare[bare.size() - 2] + bare.back()));
    }
    std::ranges::sort(ratios);
    measured.extra = {{"steps", STEPS}, {"bare_ms", bare}, {"ratios", ratios}, {"ratio", ratios[ratios.size() / 2]}};
    return measured;
}

}  // namespace

Measurement trainer_overhead(const Options&) { return trained_over_bare({}); }

Measurement logging_overhead(const Options&) {
    train::ConfigChanges changes;
    changes.tensorboard = true;
    changes.overrides = {"train.log_norms=true", "train.checkpoint_every=0"};
    return trained_over_bare(changes);
}

}  // namespace podium::bench
