#include "podium/runs/curve.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace podium {
namespace {

constexpr std::size_t POINTS_A_BUCKET = 4;

/// Adds the telling points of [begin, end) to `result`, each once and in order.
void add_telling(const Curve& curve, std::size_t begin, std::size_t end, Curve& result) {
    std::array<std::size_t, POINTS_A_BUCKET> told{};  // first, least, greatest, last
    bool found = false;
    for (std::size_t i = begin; i < end; ++i) {
        if (!std::isfinite(curve.values[i])) continue;
        if (!found) told.fill(i);
        found = true;
        if (curve.values[i] < curve.values[told[1]]) told[1] = i;
        if (curve.values[i] > curve.values[told[2]]) told[2] = i;
        told[3] = i;
    }
    if (!found) return;
    std::sort(told.begin(), told.end());
    const auto last = std::unique(told.begin(), told.end());
    for (auto at = told.begin(); at != last; ++at) result.add(curve.steps[*at], curve.values[*at]);
}

}  // namespace

void Curve::add(std::int64_t step, double value) {
    while (!steps.empty() && steps.back() >= step) {
        steps.pop_back();
        values.pop_back();
    }
    steps.push_back(step);
    values.push_back(value);
}

Curve thinned(const Curve& curve, std::size_t buckets, StepRange range) {
    const auto begin = std::lower_bound(curve.steps.begin(), curve.steps.end(), range.first);
    const auto end = std::upper_bound(begin, curve.steps.end(), range.last);
    const auto index = [&](auto at) { return static_cast<std::size_t>(at - curve.steps.begin()); };
    Curve result;
    if (begin == end) return result;
    if (index(end) - index(begin) <= buckets * POINTS_A_BUCKET) {
        for (std::size_t i = index(begin); i < index(end); ++i)
            if (std::isfinite(curve.values[i])) result.add(curve.steps[i], curve.values[i]);
        return result;
    }
    const auto first = static_cast<double>(*begin);
    const double width = (static_cast<double>(*std::prev(end)) - first + 1) / static_cast<double>(buckets);
    auto from = begin;
    for (std::size_t bucket = 1; bucket <= buckets; ++bucket) {
        const double edge = first + width * static_cast<double>(bucket);
        const auto to = bucket == buckets
                            ? end
                            : std::partition_point(from, end, [&](auto s) { return static_cast<double>(s) < edge; });
        add_telling(curve, index(from), index(to), result);
        from = to;
    }
    return result;
}

std::optional<Point> lowest(const Curve& curve) {
    std::optional<Point> best;
    for (std::size_t i = 0; i < curve.size(); ++i)
        if (std::isfinite(curve.values[i]) && (!best || curve.values[i] < best->value))
            best = {curve.steps[i], curve.values[i]};
    return best;
}

}  // namespace podium
