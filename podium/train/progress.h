#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "podium/events/event.h"
#include "podium/runs/curve.h"

namespace podium::train {

/// Returns "1h02m", "3m20s", "12s".
std::string duration_text(double seconds);
/// Returns "1.2 GB", "340 MB".
std::string bytes_text(double bytes);

/// Tells people how a run goes: on a terminal one line that is written over, with a plot of the loss above it where
/// there is room, else plain lines, at most one a second for steps.
class Progress {
public:
    /// columns: the terminal's width now; 0 for what is no terminal.
    Progress(std::FILE* out, std::function<int()> columns, std::int64_t steps);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(const RunEvent& event);

private:
    void step(const RunEvent& event);
    void draw(const std::string& text, int columns);
    void line(const std::string& text);
    void finish_line();

    std::FILE* out_;
    std::function<int()> columns_;
    std::int64_t steps_;
    std::chrono::steady_clock::time_point shown_{};
    bool open_line_ = false;
    std::size_t plot_rows_ = 0;  // drawn above the open line
    Curve losses_;
    std::int64_t first_step_ = -1;
    std::chrono::steady_clock::time_point first_time_{};
};

/// Returns how many columns the terminal has that `out` is; 0 where it is none.
int terminal_columns(std::FILE* out);

/// Returns the resident memory of this process.
std::int64_t resident_bytes();

}  // namespace podium::train
