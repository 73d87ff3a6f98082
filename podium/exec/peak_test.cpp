#include "podium/exec/peak.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "podium/base/expect_error.h"
#include "podium/base/file.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

/// Gives the user another cache folder.
class OtherCache {
public:
    OtherCache() { setenv("XDG_CACHE_HOME", folder_.path().c_str(), true); }
    ~OtherCache() {
        if (before_.empty())
            unsetenv("XDG_CACHE_HOME");
        else
            setenv("XDG_CACHE_HOME", before_.c_str(), true);
    }
    OtherCache(const OtherCache&) = delete;
    OtherCache& operator=(const OtherCache&) = delete;
    std::filesystem::path peaks() const { return folder_.path() / "podium/peaks"; }

private:
    std::string before_ = std::getenv("XDG_CACHE_HOME") == nullptr ? "" : std::getenv("XDG_CACHE_HOME");
    test::TemporaryFolder folder_;
};

TEST(Peak, IsWhatWasMeasuredOnThisMachine) {
    const OtherCache cache;
    const Mesh one(Device("cpu")), eight({{"data", 8}}, devices("cpu"));
    EXPECT_FALSE(peak_flops(one));
    const double measured = measure_peak(Device("cpu"));
    EXPECT_GT(measured, 1e8);
    EXPECT_LT(measured, 1e15);
    EXPECT_NEAR(peak_flops(one).value_or(0), measured, 1e-5 * measured);
    EXPECT_EQ(peak_flops(eight), peak_flops(one)) << "eight CPU devices are one machine";
}

TEST(Peak, ADamagedFileIsNoMeasurement) {
    const OtherCache cache;
    measure_peak(Device("cpu"));
    for (const char* text : {"", "nan", "-1", "inf", "fast"}) {
        for (const auto& entry : std::filesystem::directory_iterator(cache.peaks()))
            write_atomically(entry.path(), text);
        EXPECT_FALSE(peak_flops(Mesh(Device("cpu")))) << text;
    }
}

}  // namespace
}  // namespace podium
