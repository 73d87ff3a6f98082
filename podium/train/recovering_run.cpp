#include "podium/train/recovering_run.h"

#include "podium/base/file.h"
#include "podium/config/config.h"
#include "podium/exec/backends.h"

namespace podium::train {
namespace {

/// Returns the seconds of the run's steps after `step`.
double seconds_after(const RunFolder& folder, std::int64_t step) {
    double seconds = 0;
    for (const auto& event : read_events(folder.metrics()))
        if (event.name == "step" && event.step().value_or(0) > step) seconds += event.number("seconds").value_or(0);
    return seconds;
}

}  // namespace

void store_config(const RunFolder& folder, const TrainConfig& config) {
    write_atomically(folder.config(), config::write(config));
}

std::optional<Resumed> newest_state(const std::filesystem::path& run, const Programs& programs) {
    if (checkpoint::list(run).empty()) return std::nullopt;
    return resume_state(checkpoint::load_newest(run), programs);
}

RecoveringRun::RecoveringRun(const RunFolder& folder, TrainConfig config, const data::Corpus& corpus,
                             std::unique_ptr<Programs> programs, std::optional<Resumed> resumed, EventWriter::Sink json)
    : folder_(folder),
      config_(std::move(config)),
      corpus_(corpus),
      programs_(std::move(programs)),
      resumed_(std::move(resumed)),
      json_(std::move(json)),
      progress_(
          stderr, [] { return terminal_columns(stderr); }, config_.train.steps) {
    if (resumed_) finished_ = resumed_->loaded.snapshot.step;
    begin_reports();
}

void RecoveringRun::run() {
    std::optional<Trouble> trouble;
    while (true) {
        try {
            if (trouble) restart(*trouble);
            trouble.reset();
            const auto reason = train();
            return end(reason);
        } catch (const Error& error) {
            if (!reporter_) begin_reports();
            if (trouble) report(*trouble);  // it did not help
            trouble = next(error);
            if (!trouble) give_up(error);
        }
    }
}

std::string_view RecoveringRun::train() {
    Trainer trainer(config_, corpus_, folder_, *programs_, *reporter_, signals_, std::exchange(resumed_, std::nullopt),
                    passed_over_);
    try {
        const auto reason = trainer.run();
        finished_ = trainer.finished();
        return reason;
    } catch (const Error&) {
        finished_ = trainer.finished();
        throw;
    }
}

std::optional<RecoveringRun::Trouble> RecoveringRun::next(const Error& error) {
    const auto saved = checkpoint::list(folder_.path());
    auto recovery = handler_.next(error, config_, finished_, saved.empty() ? 0 : saved.back().step);
    if (!recovery) return std::nullopt;
    return Trouble{.recovery = std::move(*recovery),
                   .code = error.code(),
                   .reason = fmt::format("{}: {}", name(error.code()), error.message()),
                   .step = finished_,
                   .from = finished_,
                   .began = Clock::now()};
}

void RecoveringRun::restart(Trouble& trouble) {
    resumed_.reset();
    programs_.reset();
    clear_compiled();
    config_ = trouble.recovery.config;
    programs_ = std::make_unique<Programs>(config_);
    programs_->compile_step();
    resumed_ = newest_state(folder_.path(), *programs_);
    trouble.from = resumed_ ? resumed_->loaded.snapshot.step : 0;
    trouble.lost_s = seconds_after(folder_, trouble.from);
    reporter_.reset();
    truncate_after(folder_.metrics(), trouble.from);
    begin_reports();
    pass_over(trouble);
    if (trouble.code != Code::UNAVAILABLE) store_config(folder_, config_);  // lost devices may be back at a resume
    report(trouble);
    finished_ = trouble.from;
}

/// Where numbers went bad, training goes on with the samples after those that led to it. Source: Chowdhery et al. 2022,
/// arXiv:2204.02311, section 5.1.
void RecoveringRun::pass_over(const Trouble& trouble) {
    if (std::exchange(passed_over_at_, trouble.from) != trouble.from) passed_over_ = 0;
    if (trouble.code == Code::NOT_FINITE)
        passed_over_ += static_cast<std::uint64_t>((trouble.step - trouble.from) * config_.train.batch);
    if (resumed_) resumed_->loaded.snapshot.cursor += passed_over_;
}

void RecoveringRun::report(const Trouble& trouble) {
    const double passed = std::chrono::duration<double>(Clock::now() - trouble.began).count();
    reporter_->report({"recovery",
                       {{"step", trouble.step},
                        {"remedy", std::string(trouble.recovery.row->remedy)},
                        {"reason", trouble.reason},
                        {"from_step", trouble.from},
                        {"steps_redone", trouble.step - trouble.from},
                        {"seconds", trouble.lost_s + passed}}});
}

void RecoveringRun::end(std::string_view reason) {
    reporter_->report({"end", {{"step", finished_}, {"reason", std::string(reason)}}});
}

void RecoveringRun::give_up(const Error& error) {
    const auto tried = handler_.tried(error.code());
    const auto message = tried.empty() ? error.message() : fmt::format("{}; {}", error.message(), tried);
    try {
        if (error.code() == Code::COMPILE_FAILED)
            write_atomically(folder_.path() / "compile_failure.txt",
                             fmt::format("{}\n\nThe run's config:\n\n{}", message, config::write(config_)));
        end(error.code() == Code::PREEMPTED ? "preempted" : name(error.code()));
    } catch (const Error& second) {
        fmt::print(stderr, "the run's end could not be written: {}\n", second.message());
    }
    raise(error.code(), message, error.context());
}

void RecoveringRun::begin_reports() {
    reporter_.emplace(folder_, config_, json_, progress_, [this] { return memory(); });
}

MemoryStats RecoveringRun::memory() const {
    if (programs_ == nullptr) return {.in_use_bytes = resident_bytes()};
    const auto& mesh = programs_->mesh;
    MemoryStats stats = backend_for(mesh)->memory_stats(mesh.devices().front());
    stats.in_use_bytes =
        mesh.type() == DeviceType::CPU ? resident_bytes() : std::max<std::int64_t>(0, stats.in_use_bytes);
    return stats;
}

}  // namespace podium::train
