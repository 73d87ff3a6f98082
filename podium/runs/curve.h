#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace podium {

/// A number by step; steps grow.
struct Curve {
    std::vector<std::int64_t> steps;
    std::vector<double> values;

    bool empty() const { return steps.empty(); }
    std::size_t size() const { return steps.size(); }
    /// Adds a point, and drops those of this step and later ones: what is said again counts.
    void add(std::int64_t step, double value);
    bool operator==(const Curve&) const = default;
};

/// Which steps of a curve are meant, both ends included.
struct StepRange {
    std::int64_t first = INT64_MIN, last = INT64_MAX;
};

/// Returns at most four points for each of `buckets` equal pieces of the range: the first, the least, the greatest and
/// the last finite ones, so that a picture of that many columns looks as if it had all points. Where the range has no
/// more points than that, they are returned as they are. Values that are not finite are left out.
Curve thinned(const Curve& curve, std::size_t buckets, StepRange range = {});

/// One point of a curve.
struct Point {
    std::int64_t step = 0;
    double value = 0;
    bool operator==(const Point&) const = default;
};
/// Returns the first of the lowest points, or nothing where none is finite.
std::optional<Point> lowest(const Curve& curve);

}  // namespace podium
