#include "podium/train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "podium/base/error.h"
#include "podium/base/file.h"

namespace podium::train {

namespace fs = std::filesystem;

namespace {

/// True if there is no more in the folder than what a run leaves that was killed before it had a config.
bool is_unused(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto name = entry.path().filename().string();
        if (name != lock_of({}) && !name.starts_with("config.yaml.tmp-")) return false;
    }
    return true;
}

}  // namespace

RunFolder::RunFolder(fs::path path)
    : path_(std::move(path)), lock_(::open(lock_of(path_).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (lock_ < 0)
        fail(Code::INVALID_ARGUMENT, "cannot write in {}: {}; give another folder", path_.string(),
             std::strerror(errno));
    if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(lock_);
    fail(Code::INVALID_ARGUMENT, "another podium trains in {}; wait for it, or give another folder", path_.string());
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
    if (lock_ >= 0) ::close(lock_);
}

void RunFolder::expect_new(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return;
    if (!fs::is_directory(path, error) || !is_unused(path))
        fail(Code::INVALID_ARGUMENT, "{} is not empty; go on with --resume {}, or give another --out", path.string(),
             path.string());
}

RunFolder RunFolder::create(const fs::path& path) {
    expect_new(path);
    try {
        make_directories(path);
    } catch (const Error& error) {
        fail(Code::INVALID_ARGUMENT, "cannot make the run folder: {}; give another --out", error.message());
    }
    return RunFolder(path);
}

RunFolder RunFolder::open(const fs::path& path) {
    expect_run(path);
    return RunFolder(path);
}

}  // namespace podium::train
