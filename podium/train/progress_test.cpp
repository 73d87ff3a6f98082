#include "podium/train/progress.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "podium/base/file.h"
#include "tests/support/temporary_folder.h"

namespace podium::train {
namespace {

/// Returns what people see of three steps and a checkpoint.
std::string shown(bool terminal) {
    const test::TemporaryFolder folder;
    const auto path = folder / "out";
    std::FILE* const file = std::fopen(path.c_str(), "w");
    {
        Progress progress(file, terminal, 3, [] { return std::int64_t{420'000'000}; });
        for (std::int64_t step = 1; step <= 3; ++step)
            progress.show({"step", {{"step", step}, {"loss", 2.5}, {"tokens_per_s", 1000.0}}});
        progress.show({"checkpoint", {{"step", std::int64_t{3}}, {"path", "runs/a"}}});
        progress.show({"step", {{"step", std::int64_t{3}}, {"loss", 2.5}, {"tokens_per_s", 1000.0}}});
    }
    std::fclose(file);
    return read_file(path);
}

TEST(Progress, IsPlainLinesInAPipeAndNotOneForEachStep) {
    EXPECT_EQ(shown(false),
              "step 1/3  loss 2.5000  1000 tokens/s  420 MB\n"
              "step 3/3  loss 2.5000  1000 tokens/s  420 MB\n"
              "step 3: saved runs/a\n"
              "step 3/3  loss 2.5000  1000 tokens/s  420 MB\n");
}

TEST(Progress, WritesOverOneLineOnATerminal) {
    EXPECT_EQ(shown(true),
              "\r\x1b[Kstep 1/3  loss 2.5000  1000 tokens/s  420 MB"
              "\r\x1b[Kstep 3/3  loss 2.5000  1000 tokens/s  420 MB\n"
              "step 3: saved runs/a\n"
              "\r\x1b[Kstep 3/3  loss 2.5000  1000 tokens/s  420 MB\n");
}

TEST(Progress, SaysTimesAndSizesShortly) {
    EXPECT_EQ(duration_text(12.4), "12s");
    EXPECT_EQ(duration_text(200), "3m20s");
    EXPECT_EQ(duration_text(3720), "1h02m");
    EXPECT_EQ(bytes_text(1.25e9), "1.2 GB");
}

}  // namespace
}  // namespace podium::train
