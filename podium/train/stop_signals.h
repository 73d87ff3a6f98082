#pragma once

#include <csignal>
#include <string_view>

namespace podium::train {

/// While one lives, SIGTERM and SIGINT ask the run to stop after its step; a second SIGINT ends the process at once
/// with code 130. One at a time.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    bool requested() const;
    /// Returns "SIGTERM" or "SIGINT", the one that asked.
    std::string_view name() const;

private:
    struct sigaction terminate_before_ {
    }, interrupt_before_{};
};

}  // namespace podium::train
