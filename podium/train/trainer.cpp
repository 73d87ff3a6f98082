#include "podium/train/trainer.h"

#include <cmath>

#include "podium/config/config.h"

namespace podium::train {
namespace {

constexpr std::string_view FINGERPRINT = "corpus_fingerprint";

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

std::string loss_text(double loss) { return std::isnan(loss) ? "NaN" : loss > 0 ? "infinite" : "minus infinite"; }

}  // namespace

Trainer::Trainer(const TrainConfig& config, const data::TextCorpus& corpus, const RunFolder& run, Programs& programs,
                 Reporter& reporter, std::optional<Resumed> resumed)
    : config_(config),
      corpus_(corpus),
      programs_(programs),
      reporter_(reporter),
      rates_(config.optimizer),
      saver_(run.path(), {.keep_last = config.train.keep_last}) {
    for (const auto& warning : corpus.warnings()) reporter_.report({"warning", {{"message", warning}}});
    if (!resumed) return;
    for (const auto& skipped : resumed->loaded.skipped)
        reporter_.report({"warning", {{"message", fmt::format("passed over {}", skipped.reason)}}});
    const auto& snapshot = resumed->loaded.snapshot;
    if (snapshot.extra.value(FINGERPRINT, "") != hexadecimal(corpus.fingerprint()))
        reporter_.report(
            {"warning", {{"message", "the training data has changed since the run began: its losses will differ"}}});
    state_ = std::move(resumed->state);
    step_ = finished_ = logged_ = snapshot.step;
    reporter_.report({"resume", {{"step", step_}}});
}

void Trainer::run() try {
    steps();
    end("done");
} catch (const Error& error) {
    try {
        end(error.code() == Code::PREEMPTED ? "preempted" : name(error.code()));
    } catch (const Error& second) {
        fmt::print(stderr, "the run's end could not be written: {}\n", second.message());
    }
    throw;
}

void Trainer::steps() {
    const auto& loop = config_.train;
    if (step_ >= loop.steps && finished_ > 0) return;
    if (finished_ == 0) state_ = programs_.init(key(loop.seed));
    const auto loader = corpus_.loader(static_cast<std::uint64_t>(step_ * loop.batch));
    Tokens next = programs_.put(loader->next());
    logged_at_ = Clock::now();
    while (step_ < loop.steps) {
        Tensor loss;
        const auto called = Clock::now();
        std::tie(state_, loss) = programs_.step(std::move(state_), next);
        const auto returned = Clock::now();
        ++step_;
        if (step_ < loop.steps) next = next_batch(*loader);
        read_loss();
        pending_ = Pending{step_, std::move(loss), called, returned};
        const bool last = step_ == loop.steps;
        const bool stop = signals_.requested() && !last;
        const bool eval = is_due(loop.eval_every) || (last && loop.eval_every > 0);
        const bool keep = is_due(loop.checkpoint_every) || last || stop;
        if (!eval && !keep) continue;
        read_loss();
        const auto began = Clock::now();
        if (eval) evaluate();
        if (keep) save(last || stop);
        logged_at_ += Clock::now() - began;
        if (stop)
            fail(Code::PREEMPTED, "{} stopped the run after step {}, which is saved; go on with --resume",
                 signals_.name(), step_);
    }
    if (loop.steps == 0) save(true);
}

Tokens Trainer::next_batch(data::Loader& loader) {
    const Stopwatch waiting(spent_.data);
    return programs_.put(loader.next());
}

void Trainer::read_loss() {
    if (!pending_) return;
    const auto [step, tensor, called, returned] = *std::exchange(pending_, std::nullopt);
    const auto asked = Clock::now();
    const double loss = tensor.to_host().as_double(0);
    const auto read = Clock::now();
    finished_ = step;
    if (std::isfinite(loss) && step % config_.train.log_every != 0 && step != config_.train.steps) return;
    // A backend that runs a step inside the call had it done when that returned, any other now.
    const auto done = std::max(logged_at_, returned - called > read - asked ? returned : read);
    const double seconds = std::chrono::duration<double>(done - logged_at_).count();
    const auto tokens = static_cast<double>((step - logged_) * config_.train.batch * config_.train.length);
    const auto [data, eval, save] = std::exchange(spent_, {});
    reporter_.report({"step",
                      {{"step", step},
                       {"loss", loss},
                       {"tokens_per_s", seconds > 0 ? tokens / seconds : 0.0},
                       {"seconds", seconds},
                       {"data_seconds", data},
                       {"eval_seconds", eval},
                       {"save_seconds", save},
                       {"learning_rate", rates_.at(step)},
                       {"memory_bytes", reporter_.memory_bytes()}}});
    logged_ = step;
    logged_at_ = done;
    if (!std::isfinite(loss))
        fail(Code::NOT_FINITE,
             "the loss of step {} is {}; no checkpoint was written since. Try a smaller optimizer.learning_rate or "
             "optimizer.clip_global_norm=1",
             step, loss_text(loss));
}

void Trainer::evaluate() {
    const Stopwatch evaluating(spent_.eval);
    const auto loss = held_out_loss(programs_, state_.parameters, corpus_, config_.train.eval_batches);
    if (loss) reporter_.report({"eval", {{"step", step_}, {"loss", *loss}}});
}

void Trainer::save(bool must_succeed) {
    const Stopwatch saving(spent_.save);
    auto snapshot = snapshot_of(state_);
    snapshot.step = step_;
    reporter_.show_parameters(step_, snapshot.tensors.subtree("parameters"));
    snapshot.cursor = static_cast<std::uint64_t>(step_ * config_.train.batch);
    snapshot.config = config::write(config_);
    snapshot.extra[FINGERPRINT] = hexadecimal(corpus_.fingerprint());
    report_saved(false);
    saver_.submit(std::move(snapshot));
    if (must_succeed) report_saved(true);
}

void Trainer::report_saved(bool must_succeed) try {
    saver_.wait();
    for (const auto& saved : saver_.poll())
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

void Trainer::end(std::string_view reason) {
    reporter_.report({"end", {{"step", finished_}, {"reason", std::string(reason)}}});
}

}  // namespace podium::train
