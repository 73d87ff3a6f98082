#pragma once

#include <span>

#include "podium/events/event.h"

namespace podium {

/// Where a run's wall time went, in seconds. wall = productive + replayed + other.
struct Goodput {
    double wall_s = 0;        ///< from the first event (the start of its step) to the last
    double productive_s = 0;  ///< in steps whose result the run still has
    double replayed_s = 0;    ///< in steps that a resume threw away and did again
    double other_s = 0;       ///< compiling, evaluating, saving, being down

    /// Returns the productive share of the wall time, 0 to 1; 0 for a run without steps.
    double fraction() const { return wall_s > 0 ? productive_s / wall_s : 0; }
};

/// Returns the account of a run. A step line stands for its `seconds`; without them, for the time since the step line
/// before it in the same session (a resume begins one), so the first counts nothing. A resume at step n makes the steps
/// after n before it replayed ones; lines that `truncate_after` removed count as other.
Goodput goodput(std::span<const RunEvent> events);

}  // namespace podium
