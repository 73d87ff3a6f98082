#pragma once

#include <chrono>
#include <optional>

#include "podium/checkpoint/background_saver.h"
#include "podium/train/learning_rates.h"
#include "podium/train/programs.h"
#include "podium/train/reporter.h"
#include "podium/train/run_folder.h"
#include "podium/train/saved_state.h"
#include "podium/train/stop_signals.h"

namespace podium::train {

/// One training run, from a first or a saved state to its last step. Losses are read one step late, the next batch is
/// put on the devices while a step runs, and saves go on beside the steps.
class Trainer {
public:
    /// `resumed`: the checkpoint to go on from.
    Trainer(const TrainConfig& config, const data::TextCorpus& corpus, const RunFolder& run, Programs& programs,
            Reporter& reporter, std::optional<Resumed> resumed);

    /// Trains until the last step. Throws PREEMPTED after a committed save where a signal asked to stop, NOT_FINITE
    /// where the loss is no number; then, as after every error, the checkpoints before are as they were.
    void run();

private:
    using Clock = std::chrono::steady_clock;
    struct Pending {
        std::int64_t step;
        Tensor loss;
        Clock::time_point called, returned;  // around the call that began it
    };

    /// What the loop did since the last step line beside stepping, in seconds.
    struct Spent {
        double data = 0, eval = 0, save = 0;
    };

    void steps();
    Tokens next_batch(data::Loader& loader);
    bool is_due(std::int64_t every) const { return every > 0 && step_ % every == 0; }
    void read_loss();
    void evaluate();
    void save(bool must_succeed);
    void report_saved(bool must_succeed);
    void end(std::string_view reason);

    const TrainConfig& config_;
    const data::TextCorpus& corpus_;
    Programs& programs_;
    Reporter& reporter_;
    LearningRates rates_;
    StopSignals signals_;
    State state_;
    std::int64_t step_ = 0;      // steps begun
    std::int64_t finished_ = 0;  // steps whose loss was read
    std::int64_t logged_ = 0;    // step of the last step line
    std::optional<Pending> pending_;
    Spent spent_;
    Clock::time_point logged_at_;  // when that line was written, later by what was no step since
    checkpoint::BackgroundSaver saver_;
};

}  // namespace podium::train
