#include "podium/runs/run_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "podium/base/error.h"

namespace podium {

namespace fs = std::filesystem;

namespace {

constexpr int DEEPEST = 4;

void collect(const fs::path& folder, int depth, std::vector<fs::path>& runs) {
    if (is_run(folder)) return runs.push_back(folder);
    if (depth == DEEPEST) return;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) collect(entry.path(), depth + 1, runs);
}

}  // namespace

bool is_run(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(config_of(path), ignored) &&
           (fs::exists(metrics_of(path), ignored) || fs::exists(lock_of(path), ignored));
}

void expect_run(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) fail(Code::INVALID_ARGUMENT, "no run at {}: no such folder", path.string());
    if (!fs::exists(config_of(path), ignored))
        fail(Code::INVALID_ARGUMENT, "no run at {}: it has no config.yaml", path.string());
}

std::vector<fs::path> find_runs(const fs::path& folder) {
    std::vector<fs::path> runs;
    collect(folder, 0, runs);
    std::sort(runs.begin(), runs.end());
    return runs;
}

bool is_training(const fs::path& run) {
    struct stat state {};
    if (::stat(lock_of(run).c_str(), &state) != 0) return false;
    const std::string inode = fmt::format(":{} ", state.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);)
        if (line.find(" FLOCK ") != std::string::npos && line.find(inode) != std::string::npos) return true;
    return false;
}

std::vector<std::int64_t> checkpoint_steps(const fs::path& run) {
    std::vector<std::int64_t> steps;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(run / "checkpoints", ignored)) {
        const auto name = entry.path().filename().string();
        std::int64_t step = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
        if (error == std::errc() && end == name.data() + name.size()) steps.push_back(step);
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

}  // namespace podium
