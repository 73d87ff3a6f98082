#include "podium/train/session.h"

#include <fmt/chrono.h>

#include "podium/base/file.h"
#include "podium/config/config.h"
#include "podium/exec/backends.h"
#include "podium/train/trainer.h"

namespace podium::train {
namespace {

namespace fs = std::filesystem;

fs::path fresh_folder(const fs::path& config) {
    return fs::path("runs") /
           fmt::format("{}-{:%Y%m%d-%H%M%S}", config.stem().string(), fmt::gmtime(std::time(nullptr)));
}

void store(const RunFolder& folder, const TrainConfig& config) {
    write_atomically(folder.config(), config::write(config));
}

/// Returns the newest good checkpoint, or nothing where the run was killed before its first.
std::optional<Resumed> newest(const fs::path& run, const Programs& programs) {
    if (checkpoint::list(run).empty()) return std::nullopt;
    return resume_state(checkpoint::load_newest(run), programs);
}

void train_in(const RunFolder& folder, const TrainConfig& config, const data::TextCorpus& corpus, Programs& programs,
              std::optional<Resumed> resumed, const Session& session) {
    const auto backend = backend_for(programs.mesh);
    Progress progress(
        stderr, [] { return terminal_columns(stderr); }, config.train.steps);
    Reporter reporter(folder, config, session.json, progress, [&] {
        if (programs.mesh.type() == DeviceType::CPU) return resident_bytes();
        return std::max<std::int64_t>(0, backend->memory_stats(programs.mesh.devices().front()).in_use_bytes);
    });
    Trainer(config, corpus, folder, programs, reporter, std::move(resumed)).run();
}

void start(const Session& session) {
    if (!session.config) fail(Code::INVALID_ARGUMENT, "give a config file, or --resume RUN");
    const auto out = session.out.value_or(fresh_folder(*session.config));
    RunFolder::expect_new(out);
    const auto config = resolved(changed(config::read_file<TrainConfig>(*session.config), session.changes));
    const data::TextCorpus corpus(text_options(config));
    Programs programs(config);
    programs.expect_memory();
    const auto folder = RunFolder::create(out);
    store(folder, config);
    fmt::print(stderr, "run: {}\n", out.string());
    train_in(folder, config, corpus, programs, std::nullopt, session);
}

void resume(const Session& session) {
    if (session.out && fs::weakly_canonical(*session.out) != fs::weakly_canonical(*session.resume))
        fail(Code::INVALID_ARGUMENT, "--resume {} goes on in its own folder; leave out --out {}",
             session.resume->string(), session.out->string());
    const auto folder = RunFolder::open(*session.resume);
    const auto stored = config::read_file<TrainConfig>(folder.config());
    const auto wanted = session.config ? config::read_file<TrainConfig>(*session.config) : stored;
    const auto config = resumed(stored, changed(wanted, session.changes));
    const data::TextCorpus corpus(text_options(config));
    Programs programs(config);
    programs.expect_memory();
    auto checkpoint = newest(folder.path(), programs);
    truncate_after(folder.metrics(), checkpoint ? checkpoint->loaded.snapshot.step : 0);
    store(folder, config);
    train_in(folder, config, corpus, programs, std::move(checkpoint), session);
}

}  // namespace

void run(const Session& session) { session.resume ? resume(session) : start(session); }

}  // namespace podium::train
