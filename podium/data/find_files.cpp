#include "podium/data/find_files.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <tuple>

#include "podium/base/error.h"
#include "podium/base/nearest.h"

namespace podium::data {
namespace {

namespace fs = std::filesystem;
using Identity = std::pair<dev_t, ino_t>;

struct Candidate {
    FoundFile file;
    Identity identity;
};

/// Returns what `path` leads to; nothing where it leads nowhere.
std::optional<struct stat> status_of(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return status;
}

bool is_folder(const fs::path& path) {
    const auto status = status_of(path);
    return status && S_ISDIR(status->st_mode);
}

bool has_wildcard(const std::string& segment) { return segment.find_first_of("*?[") != std::string::npos; }

std::vector<std::string> names_in(const fs::path& folder) {
    std::error_code error;
    std::vector<std::string> names;
    for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error) fail(Code::INVALID_DATA, "data: cannot read folder '{}': {}", folder.string(), error.message());
    std::sort(names.begin(), names.end());
    return names;
}

/// Finds the files of one pattern below its fixed part.
class Search {
public:
    Search(fs::path root, std::vector<std::string> segments) : root_(std::move(root)), segments_(std::move(segments)) {}

    void run() { walk(root_.empty() ? fs::path(".") : root_, {}, 0); }
    const std::vector<Candidate>& found() const { return found_; }
    bool matched_folders() const { return matched_folders_; }

private:
    void walk(const fs::path& folder, const fs::path& name, std::size_t segment) {
        const auto status = status_of(folder);
        if (!status || !S_ISDIR(status->st_mode)) return;
        if (!visited_.emplace(status->st_dev, status->st_ino, segment).second) return;
        const bool any_depth = segments_[segment] == "**";
        const bool last = segment + 1 == segments_.size();
        if (any_depth) walk(folder, name, segment + 1);
        const char* pattern = any_depth ? "*" : segments_[segment].c_str();
        for (const auto& entry : names_in(folder)) {
            if (::fnmatch(pattern, entry.c_str(), FNM_PERIOD) != 0) continue;
            const fs::path path = root_.empty() && name.empty() ? fs::path(entry) : folder / entry;
            if (last)
                take(path, name / entry);
            else
                walk(path, name / entry, any_depth ? segment : segment + 1);
        }
    }

    void take(const fs::path& path, const fs::path& name) {
        const auto status = status_of(path);
        if (!status) return;
        matched_folders_ |= S_ISDIR(status->st_mode);
        if (S_ISREG(status->st_mode))
            found_.push_back({{path.string(), name.string(), static_cast<std::uint64_t>(status->st_size)},
                              {status->st_dev, status->st_ino}});
    }

    fs::path root_;
    std::vector<std::string> segments_;
    std::set<std::tuple<dev_t, ino_t, std::size_t>> visited_;
    std::vector<Candidate> found_;
    bool matched_folders_ = false;
};

[[noreturn]] void fail_missing(const std::string& pattern, const fs::path& fixed) {
    fs::path folder = fixed, missing;
    while (!folder.empty() && !is_folder(folder)) {
        missing = folder.filename();
        folder = folder.has_relative_path() ? folder.parent_path() : fs::path();
    }
    const fs::path nearest_folder = folder.empty() ? fs::path(".") : folder;
    const std::string similar = nearest(missing.string(), names_in(nearest_folder));
    if (!missing.empty() && similar == missing)
        fail(Code::INVALID_DATA,
             "data: nothing is at '{}': '{}' is a file or a link that leads nowhere; correct the path", pattern,
             (folder / missing).string());
    fail(Code::INVALID_DATA, "data: nothing is at '{}': the nearest folder '{}' holds no '{}'{}", pattern,
         nearest_folder.string(), missing.string(),
         similar.empty() ? std::string("; check the path") : fmt::format("; did you mean '{}'?", similar));
}

std::vector<Candidate> find_pattern(const std::string& pattern) {
    if (pattern.empty()) fail(Code::INVALID_DATA, "data: an empty path names no file; give a file, a folder or a glob");
    if (const auto status = status_of(pattern); status && !S_ISDIR(status->st_mode)) {
        if (!S_ISREG(status->st_mode))
            fail(Code::INVALID_DATA, "data: '{}' is no regular file; copy what it holds to a file first", pattern);
        return {{{pattern, fs::path(pattern).filename().string(), static_cast<std::uint64_t>(status->st_size)},
                 {status->st_dev, status->st_ino}}};
    }
    const bool folder = is_folder(pattern);
    fs::path fixed;
    std::vector<std::string> segments;
    for (const auto& part : fs::path(pattern)) {
        if (part.empty()) continue;
        if (folder || (segments.empty() && !has_wildcard(part.string())))
            fixed /= part;
        else if (segments.empty() || part != "**" || segments.back() != "**")
            segments.push_back(part.string());
    }
    if (!is_folder(fixed.empty() ? fs::path(".") : fixed) || (segments.empty() && !folder))
        fail_missing(pattern, fixed);
    if (folder) segments = {"**"};
    if (segments.back() == "**") segments.push_back("*");
    Search search(fixed, segments);
    search.run();
    if (!search.found().empty()) return search.found();
    const std::string where = fixed.empty() ? "." : fixed.string();
    if (folder) fail(Code::INVALID_DATA, "data: folder '{}' holds no files (hidden ones do not count)", where);
    if (search.matched_folders())
        fail(Code::INVALID_DATA, "data: '{}' matches folders and no files; end it in '**' for the files inside",
             pattern);
    fail(Code::INVALID_DATA, "data: no file matches '{}': folder '{}' is there, but nothing in it fits the rest",
         pattern, where);
}

std::vector<std::string> split_at_commas(const std::string& patterns) {
    if (status_of(patterns)) return {patterns};
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= patterns.size();) {
        const std::size_t end = std::min(patterns.find(',', begin), patterns.size());
        parts.push_back(patterns.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

}  // namespace

std::vector<FoundFile> find_files(std::span<const std::string> patterns) {
    if (patterns.empty()) fail(Code::INVALID_DATA, "data: no paths were given; give a file, a folder or a glob");
    std::vector<Candidate> candidates;
    for (const auto& listed : patterns)
        for (const auto& pattern : split_at_commas(listed))
            std::ranges::move(find_pattern(pattern), std::back_inserter(candidates));
    std::ranges::sort(candidates, {}, [](const Candidate& c) { return std::tie(c.file.path, c.file.name); });
    std::set<Identity> seen;
    std::vector<FoundFile> files;
    for (auto& candidate : candidates)
        if (seen.insert(candidate.identity).second) files.push_back(std::move(candidate.file));
    return files;
}

}  // namespace podium::data
