#include "podium/runtime/pjrt/plugin.h"

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace podium {
namespace {

using testing::HasSubstr;

TEST(PjrtPlugin, SaysItsVersionsAndIsLoadedOnce) {
    const auto plugin = PjrtPlugin::load("build/plugins/cpu/xla_cpu_pjrt.so");
    ASSERT_TRUE(plugin) << plugin.error().what();
    EXPECT_EQ((*plugin)->api_version(), "0.81");
    EXPECT_EQ((*plugin)->attributes().count("stablehlo_current_version"), 1U);
    EXPECT_EQ(*plugin, *PjrtPlugin::load("build/../build/plugins/cpu/xla_cpu_pjrt.so"));
    EXPECT_THAT((*plugin)->fingerprint(), HasSubstr("stablehlo_current_version="));
}

TEST(PjrtPlugin, RefusesATextFileByName) {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("podium_text_{}.so", getpid());
    std::ofstream(path) << "not a library";
    const auto plugin = PjrtPlugin::load(path.string());
    std::filesystem::remove(path);
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().code(), Code::UNAVAILABLE);
    EXPECT_THAT(plugin.error().message(), HasSubstr(path.string()));
}

TEST(PjrtPlugin, RefusesALibraryThatIsNoPlugin) {
    Dl_info library{};
    ASSERT_NE(dladdr(dlsym(RTLD_DEFAULT, "cos"), &library), 0);
    const auto plugin = PjrtPlugin::load(library.dli_fname);
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().code(), Code::UNAVAILABLE);
    EXPECT_THAT(plugin.error().message(), HasSubstr("no function GetPjrtApi"));
}

TEST(PjrtPlugin, RefusesAPathThatIsNotThere) {
    const auto plugin = PjrtPlugin::load("/nowhere/plugin.so");
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().code(), Code::UNAVAILABLE);
    EXPECT_THAT(plugin.error().message(), HasSubstr("/nowhere/plugin.so"));
}

}  // namespace
}  // namespace podium
