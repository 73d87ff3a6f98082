#include "podium/train/stop_signals.h"

#include <gtest/gtest.h>

namespace podium::train {
namespace {

TEST(StopSignals, AskOnceAndAreForgottenByTheNextRun) {
    {
        const StopSignals signals;
        EXPECT_FALSE(signals.requested());
        std::raise(SIGTERM);
        EXPECT_TRUE(signals.requested());
        EXPECT_EQ(signals.name(), "SIGTERM");
    }
    const StopSignals signals;
    EXPECT_FALSE(signals.requested());
    std::raise(SIGINT);
    EXPECT_EQ(signals.name(), "SIGINT");
}

TEST(StopSignalsDeathTest, ASecondInterruptEndsTheProcessAtOnce) {
    EXPECT_EXIT(
        {
            const StopSignals signals;
            std::raise(SIGINT);
            std::raise(SIGINT);
        },
        testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace podium::train
