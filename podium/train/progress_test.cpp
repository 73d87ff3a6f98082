#include "podium/train/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "podium/base/file.h"
#include "tests/support/temporary_folder.h"

namespace podium::train {
namespace {

RunEvent step_event(std::int64_t step) {
    return {"step",
            {{"step", step}, {"loss", 2.5}, {"tokens_per_s", 1000.0}, {"memory_bytes", std::int64_t{420'000'000}}}};
}

/// Returns what people see of three steps and a checkpoint.
std::string shown(int columns) {
    const test::TemporaryFolder folder;
    const auto path = folder / "out";
    std::FILE* const file = std::fopen(path.c_str(), "w");
    {
        Progress progress(
            file, [=] { return columns; }, 3);
        for (std::int64_t step = 1; step <= 3; ++step) progress.show(step_event(step));
        progress.show({"checkpoint", {{"step", std::int64_t{3}}, {"path", "runs/a"}}});
        progress.show(step_event(3));
    }
    std::fclose(file);
    return read_file(path);
}

TEST(Progress, IsPlainLinesInAPipeAndNotOneForEachStep) {
    EXPECT_EQ(shown(0),
              "step 1/3  loss 2.5000  1000 tokens/s  420 MB\n"
              "step 3/3  loss 2.5000  1000 tokens/s  420 MB\n"
              "step 3: saved runs/a\n"
              "step 3/3  loss 2.5000  1000 tokens/s  420 MB\n");
}

TEST(Progress, WritesOverOneLineOnATerminal) {
    EXPECT_EQ(shown(99),
              "\r\x1b[Kstep 1/3  loss 2.5000  1000 tokens/s  420 MB"
              "\r\x1b[Kstep 3/3  loss 2.5000  1000 tokens/s  420 MB\n"
              "step 3: saved runs/a\n"
              "\r\x1b[Kstep 3/3  loss 2.5000  1000 tokens/s  420 MB\n");
}

TEST(Progress, PlotsTheLossAboveTheLineOnAWideTerminal) {
    const auto text = shown(100);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(lines, 5 + 1 + 5 + 1);  // a plot, the checkpoint, a plot, the end of the line
    EXPECT_NE(text.find("      2.5 \u2800"), std::string::npos) << text;
    EXPECT_NE(text.find("420 MB\r\x1b[5A\x1b[Jstep 3: saved runs/a\n\r\x1b[K"), std::string::npos) << text;
}

TEST(Progress, SaysTimesAndSizesShortly) {
    EXPECT_EQ(duration_text(12.4), "12s");
    EXPECT_EQ(duration_text(200), "3m20s");
    EXPECT_EQ(duration_text(3720), "1h02m");
    EXPECT_EQ(bytes_text(1.25e9), "1.2 GB");
}

}  // namespace
}  // namespace podium::train
