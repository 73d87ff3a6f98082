#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "podium/events/event.h"

namespace podium::train {

/// Returns "1h02m", "3m20s", "12s".
std::string duration_text(double seconds);
/// Returns "1.2 GB", "340 MB".
std::string bytes_text(double bytes);

/// Tells people how a run goes: on a terminal one line that is written over, else plain lines, at most one a second for
/// steps.
class Progress {
public:
    /// memory_bytes: what the run uses now.
    Progress(std::FILE* out, bool terminal, std::int64_t steps, std::function<std::int64_t()> memory_bytes);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(const RunEvent& event);

private:
    void step(const RunEvent& event);
    void line(const std::string& text);
    void finish_line();

    std::FILE* out_;
    bool terminal_;
    std::int64_t steps_;
    std::function<std::int64_t()> memory_bytes_;
    std::chrono::steady_clock::time_point shown_{};
    bool open_line_ = false;
    std::int64_t first_step_ = -1;
    std::chrono::steady_clock::time_point first_time_{};
};

/// Returns the resident memory of this process.
std::int64_t resident_bytes();

}  // namespace podium::train
