#include "podium/events/goodput.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace podium {
namespace {

double seconds_between(EventTime from, EventTime to) {
    return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

/// Returns the event's own account of its time, or `otherwise`.
double seconds_of(const RunEvent& event, double otherwise) {
    const auto seconds = event.number("seconds");
    return seconds && std::isfinite(*seconds) && *seconds >= 0 ? *seconds : otherwise;
}

struct StepTime {
    std::int64_t step;
    double seconds;
};

}  // namespace

Goodput goodput(std::span<const RunEvent> events) {
    Goodput result;
    if (events.empty()) return result;
    std::vector<StepTime> kept;
    const RunEvent* previous = nullptr;  // the step line before, in this session
    for (const RunEvent& event : events) {
        if (event.name == "resume") {
            previous = nullptr;
            std::erase_if(kept, [&](const StepTime& each) {
                const bool replayed = each.step > event.step().value_or(each.step);
                if (replayed) result.replayed_s += each.seconds;
                return replayed;
            });
        }
        if (event.name != "step") continue;
        const double since = previous != nullptr ? seconds_between(previous->time, event.time) : 0.0;
        kept.push_back({event.step().value_or(0), seconds_of(event, since)});
        previous = &event;
    }
    for (const StepTime& each : kept) result.productive_s += each.seconds;
    const RunEvent& first = events.front();
    const double lead = first.name == "step" ? seconds_of(first, 0) : 0.0;
    const double steps_s = result.productive_s + result.replayed_s;
    result.wall_s = std::max(steps_s, lead + seconds_between(first.time, events.back().time));
    result.other_s = result.wall_s - steps_s;
    return result;
}

}  // namespace podium
