#include "podium/checkpoint/checkpoint.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "podium/arrays/safetensors.h"
#include "podium/base/file.h"
#include "podium/base/log.h"
#include "podium/checkpoint/manifest.h"

namespace podium::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view TENSORS_FILE = "state.safetensors";
constexpr std::string_view MANIFEST_FILE = "manifest.json";
constexpr std::string_view TEMPORARY = ".tmp-";  // being written or removed
constexpr std::string_view SET_ASIDE = ".old-";  // being replaced; counts as long as its step has no other folder

std::string name_of(std::int64_t step) { return fmt::format("{:08}", step); }
fs::path folder_of(const fs::path& run) { return run / "checkpoints"; }

/// Returns the step that a folder's name says, if it is one that `name_of` gives.
std::optional<std::int64_t> step_named(std::string_view name) {
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
    if (error != std::errc() || step < 0 || name_of(step) != name) return std::nullopt;
    return step;
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (std::error_code ignored; entry->is_directory(ignored)) names.push_back(entry->path().filename());
    if (error && error != std::errc::no_such_file_or_directory)
        fail(Code::PERMISSION_DENIED, "cannot list {}: {}", folder.string(), error.message());
    return names;
}

void remove_leftovers(const fs::path& checkpoints) {
    for (const auto& name : names_in(checkpoints)) {
        const bool replaced = name.starts_with(SET_ASIDE) && fs::exists(checkpoints / name.substr(SET_ASIDE.size()));
        if (name.starts_with(TEMPORARY) || replaced) remove_path(checkpoints / name);
    }
}

/// Gives `temporary` its name. Where one of that name exists the two swap, so that at no time there is neither.
void commit(const fs::path& temporary, const fs::path& target) {
    if (!fs::exists(target)) return commit_rename(temporary, target);
    if (commit_exchange(temporary, target)) return remove_path(temporary);
    const fs::path aside = target.parent_path() / fmt::format("{}{}", SET_ASIDE, target.filename().string());
    commit_rename(target, aside);
    commit_rename(temporary, target);
    remove_path(aside);
}

/// Removes all but the last `keep_last` of the checkpoints up to `step`. The save has succeeded: failing only warns.
void prune(const fs::path& run, std::int64_t step, int keep_last) try {
    auto entries = list(run);
    std::erase_if(entries, [&](const Entry& entry) { return entry.step > step; });
    for (std::size_t i = 0; i + static_cast<std::size_t>(keep_last) < entries.size(); ++i) {
        const auto& folder = entries[i].folder;
        const fs::path doomed = folder.parent_path() / fmt::format("{}{}-removed", TEMPORARY, name_of(entries[i].step));
        commit_rename(folder, doomed);  // half a checkpoint must not keep the name of a whole one
        remove_path(doomed);
    }
} catch (const Error& error) {
    logger().warn("an old checkpoint stays: {}", error.message());
}

Manifest manifest_of(const Snapshot& snapshot) {
    Manifest manifest{snapshot, {}};
    for (std::size_t i = 0; i < snapshot.tensors.size(); ++i) {
        const auto& array = snapshot.tensors.leaves()[i];
        manifest.tensors.emplace(snapshot.tensors.path(i),
                                 TensorRecord{std::string(TENSORS_FILE), array.shape(),
                                              hash_of(std::span(array.data(), array.size_bytes()))});
    }
    return manifest;
}

void write_folder(const fs::path& folder, const Snapshot& snapshot) {
    make_directories(folder);
    const std::string manifest = to_text(manifest_of(snapshot));
    FileWriter tensors_file(folder / TENSORS_FILE);
    write_safetensors(tensors_file, snapshot.tensors);
    tensors_file.close();
    FileWriter manifest_file(folder / MANIFEST_FILE);
    manifest_file.write(manifest);
    manifest_file.close();
    sync_directory(folder);
}

void verify(const std::string& path, const HostArray& array, std::string_view file, const Manifest& manifest) {
    const auto record = manifest.tensors.find(path);
    if (record == manifest.tensors.end() || record->second.file != file)
        fail(Code::CHECKPOINT_CORRUPT, "tensor \"{}\" in {} is not in the manifest", path, file);
    if (record->second.shape != array.shape())
        fail(Code::CHECKPOINT_CORRUPT, "tensor \"{}\" is {} in {} and {} in the manifest", path,
             to_string(array.shape()), file, to_string(record->second.shape));
    if (record->second.hash != hash_of(std::span(array.data(), array.size_bytes())))
        fail(Code::CHECKPOINT_CORRUPT, "tensor \"{}\" in {} is damaged: its bytes do not have the manifest's hash",
             path, file);
}

BasicTree<HostArray> load_tensors(const fs::path& folder, const Manifest& manifest) {
    std::set<std::string> files;
    for (const auto& [path, record] : manifest.tensors) files.insert(record.file);
    TreeBuilder<HostArray> builder;
    for (const auto& file : files) {
        const auto part = read_safetensors(folder / file);
        for (std::size_t i = 0; i < part.size(); ++i) verify(part.path(i), part.leaves()[i], file, manifest);
        builder.add("", part);
    }
    auto tensors = builder.build();
    for (const auto& [path, record] : manifest.tensors)
        if (!tensors.contains(path))
            fail(Code::CHECKPOINT_CORRUPT, "tensor \"{}\" is missing from {}", path, record.file);
    return tensors;
}

Snapshot load_folder(const Entry& entry) try {
    auto manifest = parse_manifest(MappedFile(entry.folder / MANIFEST_FILE).text());
    if (manifest.snapshot.step != entry.step)
        fail(Code::CHECKPOINT_CORRUPT, "the manifest is one of step {}", manifest.snapshot.step);
    manifest.snapshot.tensors = load_tensors(entry.folder, manifest);
    return std::move(manifest.snapshot);
} catch (const Error& error) {
    fail(Code::CHECKPOINT_CORRUPT, "checkpoint {}: {}", name_of(entry.step), error.message());
}

}  // namespace

Saved save(const fs::path& run, const Snapshot& snapshot, SaveOptions options) {
    if (snapshot.step < 0 || options.keep_last < 1 || !snapshot.extra.is_object())
        fail(Code::INVALID_ARGUMENT, "checkpoint: step {} and keep_last {} with extra {}: want >= 0, >= 1, an object",
             snapshot.step, options.keep_last, snapshot.extra.type_name());
    const auto start = std::chrono::steady_clock::now();
    const fs::path checkpoints = folder_of(run);
    const fs::path target = checkpoints / name_of(snapshot.step);
    const fs::path temporary = checkpoints / fmt::format("{}{}-{}", TEMPORARY, name_of(snapshot.step), ::getpid());
    make_directories(checkpoints);
    remove_leftovers(checkpoints);
    try {
        write_folder(temporary, snapshot);
        commit(temporary, target);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(temporary, ignored);
        throw;
    }
    prune(run, snapshot.step, options.keep_last);
    Saved saved{snapshot.step, target};
    for (const auto& array : snapshot.tensors.leaves()) saved.size_bytes += array.size_bytes();
    saved.duration_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return saved;
}

std::vector<Entry> list(const fs::path& run) {
    const fs::path checkpoints = folder_of(run);
    std::map<std::int64_t, fs::path> folders;
    for (const auto& name : names_in(checkpoints)) {
        const bool aside = name.starts_with(SET_ASIDE);
        const auto step = step_named(std::string_view(name).substr(aside ? SET_ASIDE.size() : 0));
        if (!step) continue;
        if (aside)
            folders.emplace(*step, checkpoints / name);
        else
            folders[*step] = checkpoints / name;
    }
    std::vector<Entry> entries;
    entries.reserve(folders.size());
    for (auto& [step, folder] : folders) entries.push_back({step, std::move(folder)});
    return entries;
}

Loaded load_newest(const fs::path& run) {
    const auto entries = list(run);
    if (entries.empty()) fail(Code::NOT_FOUND, "no checkpoint in {}", folder_of(run).string());
    std::vector<Skipped> skipped;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        try {
            return {load_folder(*entry), entry->folder, std::move(skipped)};
        } catch (const CheckpointCorrupt& error) {
            skipped.push_back({name_of(entry->step), error.message()});
        }
    }
    std::string reasons;
    for (const auto& one : skipped) reasons += "\n  " + one.reason;
    fail(Code::CHECKPOINT_CORRUPT, "no checkpoint in {} is good:{}", folder_of(run).string(), reasons);
}

Loaded load(const fs::path& run, std::int64_t step) {
    const auto entries = list(run);
    std::vector<std::int64_t> steps;
    for (const auto& entry : entries) {
        if (entry.step == step) return {load_folder(entry), entry.folder, {}};
        steps.push_back(entry.step);
    }
    fail(Code::NOT_FOUND, "no checkpoint of step {} in {}; there are: {}", step, folder_of(run).string(),
         steps.empty() ? "none" : join(steps, ", "));
}

}  // namespace podium::checkpoint
