#include "podium/train/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "podium/runs/terminal_plot.h"

namespace podium::train {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds TERMINAL_PAUSE{100};
constexpr std::chrono::milliseconds PIPE_PAUSE{1000};
constexpr int WIDE_COLUMNS = 100;
constexpr std::size_t PLOT_COLUMNS = 90, PLOT_ROWS = 5;
constexpr std::size_t MOST_LOSSES = 4096;  // kept for the plot

std::string text_of(const RunEvent& event, std::string_view field) {
    const auto* value = event.find(field);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? std::string() : *text;
}

}  // namespace

std::string duration_text(double seconds) {
    const auto whole = std::llround(seconds);
    if (whole >= 3600) return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
    return fmt::format("{}s", whole);
}

std::string bytes_text(double bytes) {
    return bytes >= 1e9 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.0f} MB", bytes / 1e6);
}

std::int64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

int terminal_columns(std::FILE* out) {
    winsize size{};
    const int descriptor = ::fileno(out);
    if (::isatty(descriptor) != 1) return 0;
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

Progress::Progress(std::FILE* out, std::function<int()> columns, std::int64_t steps)
    : out_(out), columns_(std::move(columns)), steps_(steps) {}

Progress::~Progress() { finish_line(); }

void Progress::finish_line() {
    if (!open_line_) return;
    fmt::print(out_, "\n");
    open_line_ = false;
    plot_rows_ = 0;
}

void Progress::line(const std::string& text) {
    if (plot_rows_ > 0) {  // the plot stays at the bottom
        fmt::print(out_, "\r\x1b[{}A\x1b[J", plot_rows_);
        open_line_ = false;
        plot_rows_ = 0;
    }
    finish_line();
    fmt::print(out_, "{}\n", text);
    std::fflush(out_);
}

void Progress::draw(const std::string& text, int columns) {
    std::vector<std::string> plot;
    if (columns >= WIDE_COLUMNS) plot = terminal_plot(losses_, PLOT_COLUMNS, PLOT_ROWS);
    std::string screen = plot_rows_ > 0 ? fmt::format("\r\x1b[{}A\x1b[J", plot_rows_) : "\r\x1b[K";
    for (const auto& row : plot) screen += row + "\n";
    fmt::print(out_, "{}{}", screen, text);
    std::fflush(out_);
    plot_rows_ = plot.size();
    open_line_ = true;
}

void Progress::step(const RunEvent& event) {
    const auto now = Clock::now();
    const auto step = event.step().value_or(0);
    if (first_step_ < 0) {
        first_step_ = step;
        first_time_ = now;
    }
    const bool last = step == steps_;
    const double loss = event.number("loss").value_or(NAN);
    losses_.add(step, loss);
    if (losses_.size() > MOST_LOSSES) losses_ = thinned(losses_, MOST_LOSSES / 8);
    const int columns = columns_();
    if (!last && now - shown_ < (columns > 0 ? TERMINAL_PAUSE : PIPE_PAUSE)) return;
    shown_ = now;
    std::string text = fmt::format(
        "step {:{}}/{}  loss {:.4f}  {:.0f} tokens/s  {}", step, fmt::formatted_size("{}", steps_), steps_, loss,
        event.number("tokens_per_s").value_or(0), bytes_text(event.number("memory_bytes").value_or(0)));
    if (const auto share = event.number("peak_share")) text += fmt::format("  {:.0f} % of peak", 100 * *share);
    if (!last && step > first_step_) {
        const double passed = std::chrono::duration<double>(now - first_time_).count();
        text += fmt::format("  {} left", duration_text(passed / static_cast<double>(step - first_step_) *
                                                       static_cast<double>(steps_ - step)));
    }
    if (columns == 0) return line(text);
    draw(text, columns);
}

void Progress::show(const RunEvent& event) {
    if (event.name == "step") return step(event);
    const auto at = event.step().value_or(0);
    if (event.name == "eval")
        line(fmt::format("step {}: validation loss {:.4f}", at, event.number("loss").value_or(NAN)));
    else if (event.name == "checkpoint")
        line(fmt::format("step {}: saved {}", at, text_of(event, "path")));
    else if (event.name == "resume")
        line(fmt::format("going on from step {}", at));
    else if (event.name == "recovery")
        line(fmt::format("step {}: {}; {}, going on from step {}", at, text_of(event, "reason"),
                         text_of(event, "remedy"), event.number("from_step").value_or(0)));
    else if (event.name == "sample")
        line(fmt::format("step {}: {}{}", at, text_of(event, "prompt"), text_of(event, "text")));
    else if (event.name == "warning")
        line("warning: " + text_of(event, "message"));
    else if (event.name == "end")
        line(fmt::format("step {}: {}", at, text_of(event, "reason")));
}

}  // namespace podium::train
