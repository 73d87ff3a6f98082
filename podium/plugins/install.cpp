#include "podium/plugins/install.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/base/user_folder.h"
#include "podium/net/download.h"
#include "podium/net/sha256.h"
#include "podium/plugins/wheel.h"
#include "podium/runtime/pjrt/discover.h"

namespace podium::plugins {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view RECORD = "plugin.json";  // beside an installed library

/// One process at a time changes a user's plugins; held while this lives.
class Turn {
public:
    explicit Turn(const Folders& folders) {
        make_directories(folders.plugins);
        const auto file = folders.plugins.parent_path() / "plugins.lock";
        descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX) != 0)
            fail(Code::PERMISSION_DENIED, "plugin: cannot lock {}: {}", file.string(),
                 std::generic_category().message(errno));
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { ::close(descriptor_); }

private:
    int descriptor_;
};

/// A folder on the plugins' own disk where discovery does not look: for what is not whole yet, or no longer.
fs::path workplace(const Folders& folders) { return folders.plugins.parent_path() / "plugins.new"; }

bool is_pinned(const fs::path& wheel, const Pin& pin) {
    std::error_code missing;
    return fs::file_size(wheel, missing) == pin.size && !missing && net::sha256_of(wheel) == pin.sha256;
}

/// Returns the wheel's file, fetched where it is not there yet.
fs::path wheel_of(const Pin& pin, const Folders& folders, const InstallOptions& options) {
    auto wheel = folders.wheels / pin.wheel();
    if (is_pinned(wheel, pin)) return wheel;
    if (options.offline)
        fail(Code::FAILED_PRECONDITION,
             "plugin: offline, and {} is {}; fetch {} elsewhere (sha256 {}) and put it there", wheel.string(),
             fs::exists(wheel) ? "damaged" : "not there", pin.url, pin.sha256);
    make_directories(folders.wheels);
    net::download({.url = pin.url, .sha256 = pin.sha256, .size = pin.size, .progress = options.progress}, wheel);
    return wheel;
}

void write_record(const Pin& pin, const fs::path& folder) {
    const auto library = fs::path(pin.members.front()).filename().string();
    write_atomically(folder / RECORD, nlohmann::ordered_json{{"format", 1},
                                                             {"name", pin.name},
                                                             {"package", pin.package},
                                                             {"version", pin.version},
                                                             {"library", library},
                                                             {"wheel", pin.wheel()},
                                                             {"url", pin.url},
                                                             {"sha256", pin.sha256},
                                                             {"license", pin.license}}
                                              .dump(2) +
                                          "\n");
}

/// Gives the folder `made` the name `target`, whatever was there.
void put_in_place(const fs::path& made, const fs::path& target) {
    if (fs::exists(target) && !commit_exchange(made, target)) remove_path(target);
    if (!fs::exists(target)) commit_rename(made, target);
}

/// Returns what a plugin's folder says of itself; nothing where `install` did not write it.
std::optional<Installed> read_record(const fs::path& folder) {
    try {
        const auto record = nlohmann::json::parse(read_file(folder / RECORD));
        return Installed{.name = folder.filename().string(),
                         .version = record.at("version"),
                         .library = folder / record.at("library").get<std::string>(),
                         .wheel = record.at("wheel")};
    } catch (const Error&) {
        return std::nullopt;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

Folders user_folders() {
    const auto plugins = user_plugin_folder();
    if (!plugins) fail(Code::FAILED_PRECONDITION, "plugin: neither XDG_DATA_HOME nor HOME is set; set one");
    const auto wheels = user_cache_folder("wheels");
    return {.plugins = *plugins, .wheels = wheels.empty() ? plugins->parent_path() / "wheels" : wheels};
}

Installed install(const Pin& pin, const Folders& folders, const InstallOptions& options) {
    const Turn turn(folders);
    const auto wheel = wheel_of(pin, folders, options);
    const auto made = workplace(folders) / pin.name;
    remove_path(workplace(folders));  // what an install that was killed left
    make_directories(made);
    try {
        unpack(wheel, pin.members, made);
        write_record(pin, made);
        sync_directory(made);
        put_in_place(made, folders.plugins / pin.name);
    } catch (...) {
        remove_path(workplace(folders));
        throw;
    }
    remove_path(workplace(folders));
    return *read_record(folders.plugins / pin.name);
}

std::vector<Installed> list(const Folders& folders) {
    std::vector<Installed> rows;
    std::error_code unreadable;
    for (fs::directory_iterator entry(folders.plugins, unreadable), end; !unreadable && entry != end;
         entry.increment(unreadable))
        if (auto row = read_record(entry->path())) rows.push_back(std::move(*row));
    std::sort(rows.begin(), rows.end(), [](const Installed& a, const Installed& b) { return a.name < b.name; });
    return rows;
}

void remove(const std::string& name, const Folders& folders) {
    const Turn turn(folders);
    const auto folder = folders.plugins / name;
    const bool is_one_name = fs::path(name).filename() == name && name != "." && name != "..";
    const auto found = is_one_name ? read_record(folder) : std::nullopt;
    if (!found)
        fail(Code::NOT_FOUND, "plugin: {} is not installed in {}; podium plugin list shows what is", name,
             folders.plugins.string());
    remove_path(workplace(folders));
    make_directories(workplace(folders));
    commit_rename(folder, workplace(folders) / name);
    remove_path(workplace(folders));
    remove_path(folders.wheels / found->wheel);
}

}  // namespace podium::plugins
