#include "podium/events/goodput.h"

#include <gtest/gtest.h>

#include <limits>

namespace podium {
namespace {

EventTime at(int seconds) { return *parse_time("2026-11-21T07:00:00.000Z") + std::chrono::seconds(seconds); }

RunEvent step(std::int64_t number, int time, std::optional<double> seconds = {}) {
    RunEvent event{"step", {{"step", number}, {"loss", 1.0}, {"tokens_per_s", 1.0}}, at(time)};
    if (seconds) event.fields.emplace_back("seconds", *seconds);
    return event;
}

void expect_account(const std::vector<RunEvent>& events, double wall, double productive, double replayed) {
    const Goodput account = goodput(events);
    EXPECT_DOUBLE_EQ(account.wall_s, wall);
    EXPECT_DOUBLE_EQ(account.productive_s, productive);
    EXPECT_DOUBLE_EQ(account.replayed_s, replayed);
    EXPECT_DOUBLE_EQ(account.other_s, wall - productive - replayed);
}

TEST(Goodput, ARunOfStepsAloneIsAllProductive) {
    expect_account({step(1, 0, 10.0), step(2, 10, 10.0), step(3, 20, 10.0)}, 30, 30, 0);
    EXPECT_DOUBLE_EQ(goodput(std::vector{step(1, 0, 10.0), step(2, 10, 10.0)}).fraction(), 1);
}

TEST(Goodput, EvaluationAndSavingAreOther) {
    expect_account({step(1, 0, 10.0), {"eval", {{"step", 1}, {"loss", 1.0}}, at(5)}, step(2, 15, 10.0)}, 25, 20, 0);
}

TEST(Goodput, StepsAfterTheResumedOneWereReplayedAndTheGapIsLost) {
    expect_account({step(1, 10, 10.0),
                    step(2, 20, 10.0),
                    step(3, 30, 10.0),
                    {"resume", {{"step", 1}}, at(100)},
                    step(2, 110, 10.0),
                    step(3, 120, 10.0)},
                   120, 30, 20);
}

TEST(Goodput, RemovedLinesCountAsOther) {
    expect_account({step(1, 10, 10.0), {"resume", {{"step", 1}}, at(100)}, step(2, 110, 10.0)}, 110, 20, 0);
}

TEST(Goodput, WithoutSecondsTheTimeSinceTheLineBeforeCounts) {
    expect_account({step(1, 10), step(2, 20), {"resume", {{"step", 2}}, at(50)}, step(3, 70), step(4, 75)}, 65, 15, 0);
}

TEST(Goodput, NonsenseGivesNoNonsense) {
    expect_account({}, 0, 0, 0);
    EXPECT_EQ(goodput({}).fraction(), 0);
    expect_account({step(1, 50, -3.0), step(2, 20, std::numeric_limits<double>::infinity())}, 0, 0, 0);
}

}  // namespace
}  // namespace podium
