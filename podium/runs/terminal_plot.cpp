#include "podium/runs/terminal_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace podium {
namespace {

constexpr std::size_t LABEL = 9, DOTS_ACROSS = 2, DOTS_DOWN = 4;
// Bits of the dots of one character. Source: Unicode, Braille Patterns.
constexpr std::array<std::array<unsigned, DOTS_ACROSS>, DOTS_DOWN> DOTS{
    {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};

class Canvas {
public:
    Canvas(std::size_t columns, std::size_t rows) : columns_(columns), cells_(columns * rows) {}
    std::size_t width() const { return columns_ * DOTS_ACROSS; }
    std::size_t height() const { return cells_.size() / columns_ * DOTS_DOWN; }

    void line(std::size_t x0, std::size_t y0, std::size_t x1, std::size_t y1) {
        const auto apart = [](std::size_t a, std::size_t b) { return a > b ? a - b : b - a; };
        const std::size_t count = std::max<std::size_t>(1, std::max(apart(x0, x1), apart(y0, y1)));
        const auto between = [&](std::size_t a, std::size_t b, std::size_t i) {
            return static_cast<std::size_t>(std::lround(std::lerp(
                static_cast<double>(a), static_cast<double>(b), static_cast<double>(i) / static_cast<double>(count))));
        };
        for (std::size_t i = 0; i <= count; ++i) dot(between(x0, x1, i), between(y0, y1, i));
    }
    std::string row(std::size_t index) const {
        std::string text;
        for (std::size_t i = index * columns_; i < (index + 1) * columns_; ++i)
            text += {'\xE2', static_cast<char>(0xA0 | cells_[i] >> 6), static_cast<char>(0x80 | (cells_[i] & 63))};
        return text;
    }

private:
    void dot(std::size_t x, std::size_t y) {
        cells_[y / DOTS_DOWN * columns_ + x / DOTS_ACROSS] |= DOTS.at(y % DOTS_DOWN).at(x % DOTS_ACROSS);
    }

    std::size_t columns_;
    std::vector<unsigned> cells_;
};

}  // namespace

std::vector<std::string> terminal_plot(const Curve& curve, std::size_t columns, std::size_t rows) {
    if (columns <= LABEL + 1 || rows == 0) return {};
    Canvas canvas(columns - LABEL - 1, rows);
    const Curve points = thinned(curve, canvas.width());
    if (points.size() < 2) return {};
    const auto [low, high] = std::minmax_element(points.values.begin(), points.values.end());
    const auto first = static_cast<double>(points.steps.front()), last = static_cast<double>(points.steps.back());
    const auto place = [](double share, std::size_t dots) {
        return static_cast<std::size_t>(std::lround(share * static_cast<double>(dots - 1)));
    };
    const auto x = [&](std::size_t i) {
        return place((static_cast<double>(points.steps[i]) - first) / (last - first), canvas.width());
    };
    const auto y = [&](std::size_t i) {
        const double range = *high / 2 - *low / 2;
        return place(range > 0 ? (*high / 2 - points.values[i] / 2) / range : 0.5, canvas.height());
    };
    for (std::size_t i = 1; i < points.size(); ++i) canvas.line(x(i - 1), y(i - 1), x(i), y(i));
    std::vector<std::string> lines;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::string label = row == 0          ? fmt::format("{:.4g}", *high)
                                  : row == rows - 1 ? fmt::format("{:.4g}", *low)
                                                    : std::string();
        lines.push_back(fmt::format("{:>{}} {}", label, LABEL, canvas.row(row)));
    }
    return lines;
}

}  // namespace podium
