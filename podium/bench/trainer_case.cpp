#include <filesystem>
#include <fstream>

#include "podium/base/file.h"
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

/// A folder with text and a config, gone with the object.
class Workplace {
public:
    Workplace()
        : path_(fs::temp_directory_path() / fmt::format("podium-bench-{}", Clock::now().time_since_epoch().count())) {
        make_directories(path_);
        const HostArray bytes = spec::integers({1 << 20}, 26, 99);
        std::string text;
        for (const auto letter : bytes.span<std::int32_t>()) text += static_cast<char>('a' + letter);
        write_atomically(path_ / "text.txt", text);
        train::TrainConfig config;
        config.optimizer.learning_rate = spec::LEARNING_RATE;
        config.optimizer.clip_global_norm = spec::CLIP;
        config.data.paths = {(path_ / "text.txt").string()};
        config.train.steps = STEPS;
        config.train.eval_every = 0;
        config.train.checkpoint_every = SAVE_EVERY;
        write_atomically(path_ / "gpt.yaml", config::write(config));
    }
    ~Workplace() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
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

/// Returns the milliseconds of a step of `podium train` with those changes, from the first step line to the last,
/// beside those of bare steps before and after it.
Measurement trained_over_bare(const train::ConfigChanges& changes) {
    const Workplace work;
    const auto config = train::resolved(config::read_file<train::TrainConfig>(work.path() / "gpt.yaml"));
    const train::Programs programs(config);
    const data::TextCorpus corpus(train::text_options(config));
    const auto batch = corpus.batch_at(0);

    const double before = bare_step_ms(programs, batch, STEPS / 2);
    Clock::time_point first, last;
    std::int64_t steps = 0;
    train::Session session{.config = work.path() / "gpt.yaml", .out = work.path() / "run", .changes = changes};
    session.json = [&](std::string_view line) {
        if (line.find("\"event\":\"step\"") == std::string_view::npos &&
            line.find("\"event\": \"step\"") == std::string_view::npos)
            return;
        last = Clock::now();
        if (steps++ == 0) first = last;
    };
    train::run(session);
    const double after = bare_step_ms(programs, batch, STEPS / 2);

    Measurement measured;
    measured.times_ms = {milliseconds(last - first) / static_cast<double>(steps - 1)};
    measured.extra = {{"steps", steps},
                      {"bare_ms", (before + after) / 2},
                      {"bare_before_ms", before},
                      {"bare_after_ms", after},
                      {"ratio", measured.times_ms[0] / ((before + after) / 2)}};
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
