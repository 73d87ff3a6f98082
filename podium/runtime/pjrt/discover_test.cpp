#include "podium/runtime/pjrt/discover.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace podium {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Discover : public testing::Test {
protected:
    Discover() { fs::remove_all(root_); }
    ~Discover() override { fs::remove_all(root_); }

    std::string touch(const std::string& path) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << "x";
        return (root_ / path).string();
    }
    DiscoverOptions options(const std::map<std::string, std::string>& variables, std::string explicit_path = {}) const {
        return {.explicit_path = std::move(explicit_path),
                .environment = [variables](const char* name) -> std::optional<std::string> {
                    const auto found = variables.find(name);
                    return found == variables.end() ? std::nullopt : std::optional(found->second);
                },
                .build_folders = {(root_ / "build/plugins").string()}};
    }
    static std::vector<std::string> places(const std::vector<FoundPlugin>& found) {
        std::vector<std::string> rows;
        for (const auto& plugin : found)
            if (plugin.path.starts_with(fs::temp_directory_path().string()))
                rows.push_back(fmt::format("{} {} {}", name(plugin.type), fs::path(plugin.path).filename().string(),
                                           plugin.where));
        return rows;
    }

    const fs::path root_ = fs::temp_directory_path() / fmt::format("podium_discover_{}", getpid());
};

TEST_F(Discover, TriesTheRulesInTheirOrder) {
    const auto given = touch("mine.so"), named = touch("named.so"), tpu = touch("other/libtpu.so");
    touch("build/plugins/cpu/built.so");
    touch("data/podium/plugins/cuda/kept.so");
    touch("venv/lib/python3.11/site-packages/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so");
    touch("venv/lib/python3.11/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so");
    touch("venv/lib/python3.11/site-packages/libtpu/libtpu.so");
    EXPECT_THAT(places(discover(options({{"PJRT_NAMES_AND_LIBRARY_PATHS", "cuda:" + named + ",cpu:" + given},
                                         {"TPU_LIBRARY_PATH", tpu},
                                         {"XDG_DATA_HOME", (root_ / "data").string()},
                                         {"VIRTUAL_ENV", (root_ / "venv").string()}},
                                        given))),
                ElementsAre("cpu mine.so explicit path", "cuda named.so PJRT_NAMES_AND_LIBRARY_PATHS",
                            "tpu libtpu.so TPU_LIBRARY_PATH", "cpu built.so ./dev setup",
                            "cuda kept.so user's data folder", "cpu xla_cpu_pjrt.so Python package",
                            "tpu libtpu.so Python package", "cuda xla_cuda_plugin.so Python package"));
}

TEST_F(Discover, FindsThePluginOfTheHomeFolderWhereNoDataFolderIsSet) {
    touch("home/.local/share/podium/plugins/cpu/kept.so");
    EXPECT_THAT(places(discover(options({{"HOME", (root_ / "home").string()}}))),
                ElementsAre("cpu kept.so user's data folder"));
}

TEST_F(Discover, SaysWhereItLookedForAKindThatNobodyHas) {
    const auto found = find_plugin(DeviceType::METAL, options({}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), Code::UNAVAILABLE);
    EXPECT_THAT(found.error().message(), testing::HasSubstr("none for metal devices"));
}

TEST_F(Discover, FindsWhatDevSetupHoldsFromTheTestProgramItself) {
    const auto found = find_plugin(DeviceType::CPU, {.environment = [](const char*) { return std::nullopt; }});
    ASSERT_TRUE(found);
    EXPECT_THAT(found->path, testing::EndsWith("build/plugins/cpu/xla_cpu_pjrt.so"));
}

}  // namespace
}  // namespace podium
