#include "podium/train/trainer.h"

#include <cmath>

#include "podium/base/file.h"
#include "podium/config/config.h"
#include "podium/exec/backends.h"
#include "podium/exec/peak.h"
#include "podium/train/first_state.h"
#include "podium/train/recovery.h"
#include "podium/train/sample.h"

namespace podium::train {
namespace {

constexpr std::string_view FINGERPRINT = "corpus_fingerprint", BEST = "best";

std::string hexadecimal(std::uint64_t number) { return fmt::format("{:016x}", number); }

/// Adds the time that passes until its end to a sum of seconds.
class Stopwatch {
public:
    explicit Stopwatch(double& seconds) : seconds_(seconds), began_(std::chrono::steady_clock::now()) {}
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;
    ~Stopwatch() { seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

private:
    double& seconds_;
    std::chrono::steady_clock::time_point began_;
};

std::string loss_text(double loss) {
    if (std::isfinite(loss)) return fmt::format("{:.4g}, more than recovery.spike allows", loss);
    return std::isnan(loss) ? "NaN" : loss > 0 ? "infinite" : "minus infinite";
}

double number(const Tree& metrics, std::string_view name) { return metrics[name].to_host().as_double(0); }

/// Removes what a run that was rolled back had kept of later steps.
void forget_after(const std::filesystem::path& run, std::int64_t step) {
    for (const auto& entry : checkpoint::list(run))
        if (entry.step > step) remove_path(entry.folder);
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, const data::Corpus& corpus, const RunFolder& run, Programs& programs,
                 Reporter& reporter, const StopSignals& signals, std::optional<Resumed> resumed,
                 std::uint64_t first_sample)
    : config_(config),
      corpus_(corpus),
      programs_(programs),
      reporter_(reporter),
      rates_(config.optimizer),
      signals_(signals),
      cursor_(first_sample),
      saver_(run.path(), {.keep_last = config.train.keep_last}),
      best_saver_(run.best(), {.keep_last = 1}) {
    if (const auto peak = peak_flops(programs.mesh)) step_at_peak_s_ = programs.step_flops() / *peak;
    for (const auto& warning : corpus.warnings()) reporter_.report({"warning", {{"message", warning}}});
    if (resumed) take_up(*resumed);
    forget_after(run.best(), step_);
    if (checkpoint::list(run.best()).empty()) best_ = {.since = best_.since};
}

void Trainer::take_up(const Resumed& resumed) {
    for (const auto& skipped : resumed.loaded.skipped)
        reporter_.report({"warning", {{"message", fmt::format("passed over {}", skipped.reason)}}});
    const auto& snapshot = resumed.loaded.snapshot;
    if (snapshot.extra.value(FINGERPRINT, "") != hexadecimal(corpus_.fingerprint()))
        reporter_.report(
            {"warning", {{"message", "the training data has changed since the run began: its losses will differ"}}});
    if (snapshot.extra.contains(BEST)) {
        const auto& best = snapshot.extra[BEST];
        best_ = {best.value("step", best_.step), best.value("loss", best_.loss), best.value("since", best_.since)};
    }
    state_ = resumed.state;
    cursor_ = snapshot.cursor;
    step_ = finished_ = logged_ = snapshot.step;
    reporter_.report({"resume", {{"step", step_}}});
}

std::string_view Trainer::run() {
    const auto& loop = config_.train;
    if (step_ >= loop.steps && finished_ > 0) return "done";
    if (finished_ == 0) state_ = first_state(config_, programs_);
    const auto loader = corpus_.loader(cursor_);
    Samples next = programs_.put(loader->next());
    logged_at_ = Clock::now();
    while (step_ < loop.steps) {
        Tree metrics;
        const auto called = Clock::now();
        std::tie(state_, metrics) = programs_.step(std::move(state_), next);
        const auto returned = Clock::now();
        ++step_;
        cursor_ += static_cast<std::uint64_t>(loop.batch);
        if (step_ < loop.steps) next = next_batch(*loader);
        read_loss();
        pending_ = Pending{step_, std::move(metrics), called, returned};
        const bool last = step_ == loop.steps;
        const bool stop = signals_.requested() && !last;
        const bool eval = is_due(loop.eval_every) || (last && loop.eval_every > 0);
        const bool keep = is_due(loop.checkpoint_every) || last || stop;
        const bool speak = is_due(loop.sample_every);
        if (!eval && !keep && !speak) continue;
        read_loss();
        const auto began = Clock::now();
        const bool better = eval && evaluate();
        const bool early = eval && loop.patience > 0 && best_.since >= loop.patience && !last;
        if (speak) sample();
        if (better && loop.keep_best) {
            report_saved(best_saver_, false);
            best_saver_.submit(snapshot());
        }
        if (keep || early) save(snapshot(), last || stop || early);
        logged_at_ += Clock::now() - began;
        if (stop)
            fail(Code::PREEMPTED, "{} stopped the run after step {}, which is saved; go on with --resume",
                 signals_.name(), step_);
        if (early) return "stopped early";
    }
    if (loop.steps == 0) save(snapshot(), true);
    return "done";
}

Samples Trainer::next_batch(data::Loader& loader) {
    const Stopwatch waiting(spent_.data);
    return programs_.put(loader.next());
}

void Trainer::read_loss() {
    if (!pending_) return;
    const auto [step, metrics, called, returned] = *std::exchange(pending_, std::nullopt);
    const auto asked = Clock::now();
    const double loss = number(metrics, "loss");
    const auto read = Clock::now();
    finished_ = step;
    const bool good = std::isfinite(loss) && !(metrics.contains("refused") && number(metrics, "refused") != 0);
    if (good && step % config_.train.log_every != 0 && step != config_.train.steps) return;
    // A backend that runs a step inside the call had it done when that returned, any other now.
    const auto done = std::max(logged_at_, returned - called > read - asked ? returned : read);
    const double seconds = std::chrono::duration<double>(done - logged_at_).count();
    const auto tokens = static_cast<double>((step - logged_) * config_.train.batch * config_.train.length);
    const auto [data, eval, save] = std::exchange(spent_, {});
    const MemoryStats memory = reporter_.memory();
    RunEvent event{"step",
                   {{"step", step},
                    {"loss", loss},
                    {"tokens_per_s", seconds > 0 ? tokens / seconds : 0.0},
                    {"seconds", seconds},
                    {"data_seconds", data},
                    {"eval_seconds", eval},
                    {"save_seconds", save},
                    {"learning_rate", rates_.at(step)},
                    {"memory_bytes", memory.in_use_bytes}}};
    if (memory.limit_bytes >= 0) event.fields.emplace_back("memory_limit_bytes", memory.limit_bytes);
    if (step_at_peak_s_ > 0 && seconds > 0)
        event.fields.emplace_back("peak_share", step_at_peak_s_ * static_cast<double>(step - logged_) / seconds);
    for (const char* const name : {"gradient_norm", "update_ratio", "loss_scale", "rate_scale"})
        if (metrics.contains(name)) event.fields.emplace_back(name, number(metrics, name));
    if (metrics.contains("skipped_steps"))
        event.fields.emplace_back("skipped_steps", static_cast<std::int64_t>(number(metrics, "skipped_steps")));
    reporter_.report(event);
    logged_ = step;
    logged_at_ = done;
    if (good)
        refused_ = 0;
    else
        refuse(step, loss, seconds);
}

void Trainer::refuse(std::int64_t step, double loss, double seconds) {
    const auto& row = recovery_row("skip_step");
    const auto reason = fmt::format("the loss of step {} is {}", step, loss_text(loss));
    if (config_.recovery.enabled && config_.recovery.on_nonfinite == OnNonfinite::SKIP && ++refused_ <= row.times)
        return reporter_.report({"recovery",
                                 {{"step", step},
                                  {"remedy", std::string(row.remedy)},
                                  {"reason", reason},
                                  {"from_step", step},
                                  {"steps_redone", std::int64_t{0}},
                                  {"seconds", seconds}}});
    fail(Code::NOT_FINITE,
         "{}; no checkpoint was written since. Try a smaller optimizer.learning_rate, optimizer.clip_global_norm=1 or "
         "recovery.on_nonfinite=rollback",
         reason);
}

bool Trainer::evaluate() {
    const Stopwatch evaluating(spent_.eval);
    const auto found = held_out_quality(programs_, judged_parameters(state_), corpus_, config_.train.eval_batches);
    if (!found) return false;
    reporter_.report({"eval", {{"step", step_}, {"loss", found->loss}, {"accuracy", found->accuracy}}});
    ++best_.since;
    if (!(found->loss < best_.loss)) return false;
    best_ = {step_, found->loss, 0};
    return true;
}

void Trainer::sample() {
    const Device first(programs_.mesh.type(), programs_.mesh.devices().front());
    const auto on_one = [&](const Tensor& tensor) { return tensor.to(first); };
    const DeviceScope scope(first);
    const auto text = continued(config_.model, judged_parameters(state_).map(on_one), {config_.train.sample_prompt},
                                {.tokens = config_.train.sample_tokens, .seed = static_cast<std::uint64_t>(step_)},
                                corpus_.tokenizer())[0];
    reporter_.report({"sample", {{"step", step_}, {"prompt", config_.train.sample_prompt}, {"text", text}}});
}

checkpoint::Snapshot Trainer::snapshot() const {
    auto snapshot = snapshot_of(state_);
    snapshot.step = step_;
    snapshot.cursor = cursor_;
    snapshot.config = config::write(config_);
    snapshot.extra[FINGERPRINT] = hexadecimal(corpus_.fingerprint());
    if (std::isfinite(best_.loss))
        snapshot.extra[BEST] = {{"step", best_.step}, {"loss", best_.loss}, {"since", best_.since}};
    return snapshot;
}

void Trainer::save(checkpoint::Snapshot snapshot, bool must_succeed) {
    const Stopwatch saving(spent_.save);
    reporter_.show_parameters(snapshot.step, snapshot.tensors.subtree("parameters"));
    report_saved(saver_, false);
    saver_.submit(std::move(snapshot));
    if (!must_succeed) return;
    report_saved(saver_, true);
    report_saved(best_saver_, false);
}

void Trainer::report_saved(checkpoint::BackgroundSaver& saver, bool must_succeed) try {
    saver.wait();
    for (const auto& saved : saver.poll())
        reporter_.report({"checkpoint",
                          {{"step", saved.step},
                           {"path", saved.folder.string()},
                           {"bytes", static_cast<std::int64_t>(saved.size_bytes)},
                           {"seconds", saved.duration_s}}});
} catch (const Error& error) {
    if (must_succeed) throw;
    reporter_.report(
        {"warning",
         {{"message", fmt::format("a checkpoint could not be saved, those before it stay and training goes "
                                  "on: {}",
                                  error.message())}}});
}

}  // namespace podium::train
