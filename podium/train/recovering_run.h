#pragma once

#include <memory>

#include "podium/train/recovery.h"
#include "podium/train/trainer.h"

namespace podium::train {

/// Makes the config the run folder's own.
void store_config(const RunFolder& folder, const TrainConfig& config);
/// Returns the newest good checkpoint, or nothing where the run was killed before its first.
std::optional<Resumed> newest_state(const std::filesystem::path& run, const Programs& programs);

/// A run that is begun again after errors, until its end or until the recovery table has no more for it. Each time is
/// one event "recovery".
class RecoveringRun {
public:
    RecoveringRun(const RunFolder& folder, TrainConfig config, const data::Corpus& corpus,
                  std::unique_ptr<Programs> programs, std::optional<Resumed> resumed, EventWriter::Sink json);

    /// Trains as `Trainer::run`; throws what the table has no answer to, with what was tried.
    void run();

private:
    using Clock = std::chrono::steady_clock;
    struct Trouble {
        Recovery recovery;
        Code code;
        std::string reason;
        std::int64_t step, from;  // the last finished one, and the one that training goes on from
        Clock::time_point began;
        double lost_s = 0;  // in steps
    };

    std::string_view train();
    std::optional<Trouble> next(const Error& error);
    void restart(Trouble& trouble);
    void pass_over(const Trouble& trouble);
    void report(const Trouble& trouble);
    void end(std::string_view reason);
    [[noreturn]] void give_up(const Error& error);
    void begin_reports();
    MemoryStats memory() const;

    const RunFolder& folder_;
    TrainConfig config_;
    const data::Corpus& corpus_;
    std::unique_ptr<Programs> programs_;
    std::optional<Resumed> resumed_;
    EventWriter::Sink json_;
    StopSignals signals_;
    Progress progress_;
    std::optional<Reporter> reporter_;
    TpuErrorHandler handler_;
    std::int64_t finished_ = 0;        // steps whose loss was read
    std::int64_t passed_over_at_ = 0;  // step of the checkpoint after which samples are passed over
    std::uint64_t passed_over_ = 0;    // how many
};

}  // namespace podium::train
