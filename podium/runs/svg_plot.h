#pragma once

#include <string>
#include <vector>

#include "podium/runs/curve.h"

namespace podium {

/// One line of a plot. Lines of the same name have the same colour in every panel.
struct PlotLine {
    std::string name;
    Curve curve;
    bool dotted = false;  ///< with a mark at each point: few points, as of a validation loss
};
/// One pair of axes; panels of a plot lie under each other and share the steps.
struct PlotPanel {
    std::string title;  ///< also the axis's unit: "loss, nats a byte"
    std::vector<PlotLine> lines;
    bool from_zero = false;  ///< the axis begins at 0
};
struct Plot {
    std::string title, description;  ///< for who listens instead of looking, too
    std::vector<PlotPanel> panels;
};

/// Returns the plot as an SVG document: light or dark as its reader's system is, and a few hundred points a line
/// however long the curves are. Panels without points are left out.
std::string to_svg(const Plot& plot);

/// Returns at most `count` + 1 round numbers (1, 2, 5 times a power of ten apart) that lie between `low` and `high`.
std::vector<double> round_ticks(double low, double high, int count);
/// Returns a tick's label with the digits that tell it from those `apart` from it: "0.25", "1500", "20k", "1.5M".
std::string tick_text(double value, double apart);

}  // namespace podium
