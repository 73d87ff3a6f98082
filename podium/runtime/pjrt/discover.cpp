#include "podium/runtime/pjrt/discover.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace podium {
namespace {

namespace fs = std::filesystem;

/// Returns the kind that a plugin's name or path speaks of; CPU where it names none.
DeviceType type_of(std::string_view name) {
    constexpr std::pair<std::string_view, DeviceType> WORDS[] = {{"cuda", DeviceType::CUDA},
                                                                 {"gpu", DeviceType::CUDA},
                                                                 {"rocm", DeviceType::ROCM},
                                                                 {"tpu", DeviceType::TPU},
                                                                 {"metal", DeviceType::METAL}};
    for (const auto& [word, type] : WORDS)
        if (name.find(word) != std::string_view::npos) return type;
    return DeviceType::CPU;
}

/// Returns what lies in `folder`, sorted; nothing where it cannot be read.
std::vector<fs::path> entries(const fs::path& folder) {
    std::error_code unreadable;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(folder, unreadable), end; !unreadable && entry != end;
         entry.increment(unreadable))
        found.push_back(entry->path());
    std::sort(found.begin(), found.end());
    return found;
}

/// Collects rows; a file that two rules find stays with the first.
class Search {
public:
    void add(DeviceType type, const fs::path& path, std::string_view where) {
        std::error_code missing;
        const auto real = fs::canonical(path, missing);
        const auto text = (missing ? path : real).string();
        if (std::none_of(found_.begin(), found_.end(), [&](const FoundPlugin& known) { return known.path == text; }))
            found_.push_back({type, text, std::string(where)});
    }
    void add_if_there(DeviceType type, const fs::path& path, std::string_view where) {
        std::error_code missing;
        if (fs::is_regular_file(path, missing)) add(type, path, where);
    }
    /// Adds FOLDER/NAME/*.so.
    void add_folders(const fs::path& folder, std::string_view where) {
        for (const auto& plugin : entries(folder)) {
            if (plugin.filename() == PARQUET_PLUGIN || plugin.filename() == ONEDNN_PLUGIN) continue;
            for (const auto& file : entries(plugin))
                if (file.extension() == ".so") add_if_there(type_of(plugin.filename().string()), file, where);
        }
    }
    void add_packages(const fs::path& site) {
        constexpr std::string_view WHERE = "Python package";
        add_if_there(DeviceType::CPU, site / "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so", WHERE);
        add_if_there(DeviceType::TPU, site / "libtpu/libtpu.so", WHERE);
        for (const auto& package : entries(site / "jax_plugins"))
            if (package.filename().string().starts_with("xla_cuda"))
                add_if_there(DeviceType::CUDA, package / "xla_cuda_plugin.so", WHERE);
    }
    std::vector<FoundPlugin> take() && { return std::move(found_); }

private:
    std::vector<FoundPlugin> found_;
};

void add_named(Search& search, std::string_view list, std::string_view where) {
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        const auto colon = item.find(':');
        if (colon != std::string_view::npos) search.add(type_of(item.substr(0, colon)), item.substr(colon + 1), where);
    }
}

/// Returns the file that podium is linked into: the running executable, or a module of another program's.
fs::path own_file() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&own_file), &info) == 0 || info.dli_fname == nullptr) return {};
    std::error_code unknown;
    return fs::absolute(info.dli_fname, unknown);
}

/// Returns …/build/plugins for each folder above the running executable and above the file that podium is linked into.
std::vector<std::string> default_build_folders() {
    std::vector<std::string> folders;
    std::error_code unreadable;
    for (const fs::path& file : {fs::read_symlink("/proc/self/exe", unreadable), own_file()})
        for (fs::path folder = file.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
            if (const auto path = (folder / "build/plugins").string();
                std::find(folders.begin(), folders.end(), path) == folders.end())
                folders.push_back(path);
    return folders;
}

/// Returns the folders that hold installed Python packages.
std::vector<fs::path> site_folders(const std::optional<std::string>& virtual_env,
                                   const std::optional<std::string>& home) {
    std::vector<fs::path> sites{own_file().parent_path().parent_path()};  // of podium's own Python package
    const auto add_versions = [&](const fs::path& library) {
        for (const auto& version : entries(library))
            if (version.filename().string().starts_with("python3"))
                for (const char* name : {"site-packages", "dist-packages"}) sites.push_back(version / name);
    };
    if (virtual_env) add_versions(fs::path(*virtual_env) / "lib");
    if (home) add_versions(fs::path(*home) / ".local/lib");
    add_versions("/usr/local/lib");
    sites.emplace_back("/usr/lib/python3/dist-packages");
    return sites;
}

}  // namespace

std::vector<FoundPlugin> discover(const DiscoverOptions& options) {
    const auto& environment = options.environment;
    Search search;
    if (!options.explicit_path.empty())
        search.add(type_of(fs::path(options.explicit_path).filename().string()), options.explicit_path,
                   "explicit path");
    if (const auto list = environment("PJRT_NAMES_AND_LIBRARY_PATHS"))
        add_named(search, *list, "PJRT_NAMES_AND_LIBRARY_PATHS");
    if (const auto path = environment("TPU_LIBRARY_PATH")) search.add(DeviceType::TPU, *path, "TPU_LIBRARY_PATH");
    for (const auto& folder : options.build_folders.empty() ? default_build_folders() : options.build_folders)
        search.add_folders(folder, "./dev setup");
    if (const auto folder = user_plugin_folder(environment)) search.add_folders(*folder, "user's data folder");
    for (const auto& site : site_folders(environment("VIRTUAL_ENV"), environment("HOME"))) search.add_packages(site);
    return std::move(search).take();
}

std::vector<fs::path> plugin_folders(const DiscoverOptions& options) {
    const auto build_folders = options.build_folders.empty() ? default_build_folders() : options.build_folders;
    std::vector<fs::path> folders(build_folders.begin(), build_folders.end());
    if (auto folder = user_plugin_folder(options.environment)) folders.push_back(std::move(*folder));
    return folders;
}

Result<FoundPlugin> find_plugin(DeviceType type, const DiscoverOptions& options) {
    for (auto& plugin : discover(options))
        if (plugin.type == type) return std::move(plugin);
    return Error(
        Code::UNAVAILABLE,
        fmt::format("plugin: none for {} devices; looked at PJRT_NAMES_AND_LIBRARY_PATHS, TPU_LIBRARY_PATH, "
                    "build/plugins, the user's data folder and Python packages; podium plugin install gets one",
                    name(type)));
}

}  // namespace podium
