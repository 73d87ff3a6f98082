#pragma once

#include <chrono>
#include <limits>
#include <optional>

#include "podium/checkpoint/background_saver.h"
#include "podium/train/learning_rates.h"
#include "podium/train/programs.h"
#include "podium/train/reporter.h"
#include "podium/train/run_folder.h"
#include "podium/train/saved_state.h"
#include "podium/train/stop_signals.h"

namespace podium::train {

/// The best validation loss so far.
struct Best {
    std::int64_t step = 0;
    double loss = std::numeric_limits<double>::infinity();
    std::int64_t since = 0;  ///< validations since then
};

/// One training run, from a first or a saved state to its last step. Losses are read one step late, the next batch is
/// put on the devices while a step runs, and saves go on beside the steps.
class Trainer {
public:
    /// `resumed`: the checkpoint to go on from; without one the first sample is number `first_sample`.
    Trainer(const TrainConfig& config, const data::Corpus& corpus, const RunFolder& run, Programs& programs,
            Reporter& reporter, const StopSignals& signals, std::optional<Resumed> resumed,
            std::uint64_t first_sample = 0);

    /// Trains until the last step and returns "done", or "stopped early" where validation had no patience left. Throws
    /// PREEMPTED after a committed save where a signal asked to stop, NOT_FINITE where the loss is no number; then, as
    /// after every error, the checkpoints before are as they were.
    std::string_view run();
    /// Returns the last step whose loss was read.
    std::int64_t finished() const { return finished_; }

private:
    using Clock = std::chrono::steady_clock;
    struct Pending {
        std::int64_t step;
        Tree metrics;
        Clock::time_point called, returned;  // around the call that began it
    };

    /// What the loop did since the last step line beside stepping, in seconds.
    struct Spent {
        double data = 0, eval = 0, save = 0;
    };

    Samples next_batch(data::Loader& loader);
    bool is_due(std::int64_t every) const { return every > 0 && step_ % every == 0; }
    void read_loss();
    /// Deals with a loss that is no number, or a spike; throws NOT_FINITE unless the step may be skipped.
    void refuse(std::int64_t step, double loss, double seconds);
    /// Returns whether the validation loss is the best so far.
    bool evaluate();
    void sample();
    checkpoint::Snapshot snapshot() const;
    void save(checkpoint::Snapshot snapshot, bool must_succeed);
    void report_saved(checkpoint::BackgroundSaver& saver, bool must_succeed);
    void take_up(const Resumed& resumed);

    const TrainConfig& config_;
    const data::Corpus& corpus_;
    Programs& programs_;
    Reporter& reporter_;
    LearningRates rates_;
    double step_at_peak_s_ = 0;  // seconds that a step would take at the devices' peak; 0 where that is not known
    const StopSignals& signals_;
    State state_;
    std::uint64_t cursor_ = 0;   // first sample of the next step
    std::int64_t step_ = 0;      // steps begun
    std::int64_t finished_ = 0;  // steps whose loss was read
    std::int64_t logged_ = 0;    // step of the last step line
    std::int64_t refused_ = 0;   // steps in a row that were skipped
    Best best_;
    std::optional<Pending> pending_;
    Spent spent_;
    Clock::time_point logged_at_;  // when that line was written, later by what was no step since
    checkpoint::BackgroundSaver saver_, best_saver_;
};

}  // namespace podium::train
