#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "podium/runs/run_summary.h"

namespace podium {

/// Follows the metrics of some runs in a thread of its own. Any thread may ask.
class WatchedRuns {
public:
    /// Reads what the runs' files hold so far; then looks for more every `pause`.
    /// Throws INVALID_ARGUMENT where there is no run, INVALID_DATA for a damaged file.
    explicit WatchedRuns(const std::vector<std::filesystem::path>& runs,
                         std::chrono::milliseconds pause = std::chrono::milliseconds(25));
    WatchedRuns(const WatchedRuns&) = delete;
    WatchedRuns& operator=(const WatchedRuns&) = delete;
    ~WatchedRuns() = default;

    /// What happened since some moment, as messages of a text/event-stream, and the moment after it.
    struct News {
        std::string text;
        std::uint64_t next = 0;
    };
    /// Returns the present moment.
    std::uint64_t present() const;
    /// Waits for news since `moment`, at most `patience`; the text is empty where there was none. Who comes too late
    /// for what was kept is told to read anew.
    News wait(std::uint64_t moment, std::chrono::milliseconds patience) const;
    /// Ends all waiting, and lets none begin.
    void stop();
    bool stopped() const;

    /// Returns all runs in numbers, as a JSON array.
    std::string summaries_json() const;
    /// Returns the run's curves in the range as JSON, each with a few points for each of `buckets` pieces. Throws
    /// OUT_OF_RANGE where there is no such run.
    std::string curves_json(std::size_t run, std::size_t buckets, StepRange range) const;
    /// Returns the runs in Prometheus's text format, version 0.0.4.
    std::string prometheus() const;

private:
    struct Watched {
        std::filesystem::path folder;
        RunLog log;
        std::string state, problem;
    };
    void follow(const std::stop_token& stop);
    bool look();
    void say(std::string_view kind, const std::string& data);

    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    std::vector<Watched> runs_;
    std::deque<std::string> messages_;
    std::uint64_t first_ = 0;  // the moment of the first message that is kept
    bool stopped_ = false;
    std::chrono::milliseconds pause_;
    std::jthread thread_;  // last: stops and joins before the rest goes
};

}  // namespace podium
