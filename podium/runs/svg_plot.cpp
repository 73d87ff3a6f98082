#include "podium/runs/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace podium {
namespace {

constexpr double WIDTH = 800, PANEL_HEIGHT = 260, LEFT = 64, RIGHT = 28, TOP = 54, BOTTOM = 34;
constexpr double ACROSS = WIDTH - LEFT - RIGHT, DOWN = PANEL_HEIGHT - TOP - BOTTOM;
constexpr int COLORS = 6;

// Okabe and Ito's colours, which the colour-blind tell apart; lighter in the dark.
constexpr std::string_view STYLE = R"(<style>
svg { font: 13px system-ui, sans-serif; background: #fff; color: #222 }
text { fill: currentColor } .quiet { opacity: .65 } .title { font-weight: 600 }
.grid { stroke: currentColor; opacity: .13 } .axis { stroke: currentColor; opacity: .5 }
.line { fill: none; stroke: var(--c); stroke-width: 1.6; stroke-linejoin: round } .mark { fill: var(--c) }
.c0 { --c: #0072b2 } .c1 { --c: #d55e00 } .c2 { --c: #009e73 } .c3 { --c: #b5548a } .c4 { --c: #a67800 } .c5 { --c: #555 }
@media (prefers-color-scheme: dark) {
  svg { background: #15181c; color: #e6e6e6 }
  .c0 { --c: #56b4e9 } .c1 { --c: #ff8c4b } .c2 { --c: #3ecf9f } .c3 { --c: #e58fc0 } .c4 { --c: #f0e442 } .c5 { --c: #aaa }
}
</style>
)";

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else
            result += c;
    }
    return result;
}

/// Least and greatest of what was shown to it.
struct Extent {
    double low = INFINITY, high = -INFINITY;
    void show(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool empty() const { return low > high; }
    /// Widens the extent where it is a point, so that it can be divided by.
    Extent opened() const {
        if (high > low) return *this;
        const double space = low == 0 ? 1 : std::abs(low) * 0.1;
        return {low - space, high + space};
    }
    double share(double value) const { return (value / 2 - low / 2) / (high / 2 - low / 2); }  // halves: no overflow
};

/// Returns how far neighbouring ticks are apart.
double apart(const std::vector<double>& ticks) { return ticks.size() > 1 ? ticks[1] - ticks[0] : 1; }

/// One panel at its height in the picture.
class Axes {
public:
    Axes(Extent steps, Extent values, double top) : steps_(steps), values_(values), top_(top) {}
    double x(std::int64_t step) const { return LEFT + ACROSS * steps_.share(static_cast<double>(step)); }
    double y(double value) const { return top_ + TOP + DOWN * (1 - values_.share(value)); }

    std::string grid() const {
        std::string svg;
        const auto heights = round_ticks(values_.low, values_.high, 5),
                   places = round_ticks(steps_.low, steps_.high, 8);
        for (const double value : heights)
            svg += fmt::format(
                "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
                "<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                LEFT, WIDTH - RIGHT, y(value), y(value), LEFT - 8, y(value) + 4, tick_text(value, apart(heights)));
        const double floor = top_ + TOP + DOWN;
        svg += fmt::format("<path class=\"axis\" d=\"M{:.1f},{:.1f}H{:.1f}\"/>\n", LEFT, floor, WIDTH - RIGHT);
        for (const double step : places)
            if (step == std::floor(step))
                svg += fmt::format("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                                   x(static_cast<std::int64_t>(step)), floor + 18, tick_text(step, apart(places)));
        return svg;
    }
    std::string line(const PlotLine& line, int color) const {
        const Curve points = thinned(line.curve, static_cast<std::size_t>(ACROSS / 2));
        std::string path, marks;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const double across = x(points.steps[i]), down = y(points.values[i]);
            path += fmt::format("{}{:.1f},{:.1f}", i == 0 ? 'M' : 'L', across, down);
            if (line.dotted || points.size() == 1)
                marks += fmt::format("<circle class=\"mark c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>", color, across,
                                     down);
        }
        return fmt::format("<path class=\"line c{}\" d=\"{}\"><title>{}</title></path>{}\n", color, path,
                           escaped(line.name), marks);
    }

private:
    Extent steps_, values_;
    double top_;
};

/// Which colour a name has.
class Palette {
public:
    int color(const std::string& name) {
        const auto found = std::find(names_.begin(), names_.end(), name);
        const auto index = found - names_.begin();
        if (found == names_.end()) names_.push_back(name);
        return static_cast<int>(index % COLORS);
    }

private:
    std::vector<std::string> names_;
};

std::string panel_svg(const PlotPanel& panel, Extent steps, double top, Palette& palette) {
    Extent values;
    for (const auto& line : panel.lines)
        for (const double value : line.curve.values)
            if (std::isfinite(value)) values.show(value);
    if (panel.from_zero) values.show(0);
    const Axes axes(steps.opened(), values.opened(), top);
    std::string svg = fmt::format("<text class=\"title\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", LEFT, top + 22,
                                  escaped(panel.title));
    svg += axes.grid();
    double legend = LEFT;
    for (const auto& line : panel.lines) {
        if (line.curve.empty()) continue;
        const int color = palette.color(line.name);
        svg +=
            fmt::format("<path class=\"line c{}\" d=\"M{:.1f},{:.1f}h18\"/><text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                        color, legend, top + 38, legend + 24, top + 42, escaped(line.name));
        legend += 44 + 7.5 * static_cast<double>(line.name.size());
        svg += axes.line(line, color);
    }
    return svg;
}

bool has_points(const PlotPanel& panel) {
    return std::any_of(panel.lines.begin(), panel.lines.end(), [](const PlotLine& line) {
        return std::any_of(line.curve.values.begin(), line.curve.values.end(),
                           [](double v) { return std::isfinite(v); });
    });
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
    const double least = high / count - low / count;
    const double power = std::pow(10, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double each : {1.0, 2.0, 5.0})
        if (each * power >= least * (1 - 1e-9)) {
            step = each * power;
            break;
        }
    std::vector<double> ticks;
    for (double index = std::ceil(low / step - 1e-9); index * step <= high + step * 1e-9; ++index)
        ticks.push_back(index * step);
    return ticks;
}

std::string tick_text(double value, double apart) {
    const double size = std::abs(value);
    const auto magnitude = [](double number) { return static_cast<int>(std::floor(std::log10(number) + 1e-9)); };
    if (size < apart * 1e-6) return "0";
    if (size >= 1e15 || size < 1e-3)
        return fmt::format("{:.{}e}", value, std::clamp(magnitude(size) - magnitude(apart), 0, 9));
    double unit = 1;
    std::string_view name;
    for (const auto& [each, letter] : {std::pair{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}})
        if (unit == 1 && size >= each * (each == 1e3 ? 10 : 1)) {
            unit = each;
            name = letter;
        }
    return fmt::format("{:.{}f}{}", value / unit, std::clamp(-magnitude(apart / unit), 0, 9), name);
}

std::string to_svg(const Plot& plot) {
    std::vector<const PlotPanel*> panels;
    Extent steps;
    for (const auto& panel : plot.panels) {
        if (!has_points(panel)) continue;
        panels.push_back(&panel);
        for (const auto& line : panel.lines)
            if (!line.curve.empty()) {
                steps.show(static_cast<double>(line.curve.steps.front()));
                steps.show(static_cast<double>(line.curve.steps.back()));
            }
    }
    const double height = 34 + PANEL_HEIGHT * static_cast<double>(panels.size()) + 22;
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
        "aria-labelledby=\"title description\">\n<title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n{}"
        "<text class=\"title\" x=\"{:.1f}\" y=\"26\" font-size=\"16\">{}</text>\n",
        WIDTH, height, escaped(plot.title), escaped(plot.description), STYLE, LEFT, escaped(plot.title));
    Palette palette;
    double top = 34;
    for (const auto* panel : panels) {
        svg += panel_svg(*panel, steps, top, palette);
        top += PANEL_HEIGHT;
    }
    return svg +
           fmt::format("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">step</text>\n</svg>\n",
                       WIDTH - RIGHT, top + 10);
}

}  // namespace podium
