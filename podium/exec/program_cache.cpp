#include "podium/exec/program_cache.h"

#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <chrono>
#include <cstring>
#include <vector>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/base/log.h"
#include "podium/base/user_folder.h"

namespace podium {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view SUFFIX = ".program";
/// What a writer that died left beside the programs goes after this long.
constexpr auto LEFTOVER_AGE = std::chrono::hours(1);

/// What stands before a program's bytes.
struct Header {
    std::array<char, 8> magic{'p', 'o', 'd', 'i', 'u', 'm', 'p', '1'};
    ProgramCache::Key key{};
    std::array<std::uint64_t, 2> digest{};  ///< XXH3-128 of the bytes
    bool operator==(const Header&) const = default;
};

Header header_of(const ProgramCache::Key& key, std::string_view bytes) {
    const auto digest = XXH3_128bits(bytes.data(), bytes.size());
    return {.key = key, .digest = {digest.high64, digest.low64}};
}

struct Entry {
    fs::path path;
    fs::file_time_type used;
    std::int64_t bytes;
    bool is_program;
};

/// Returns the cache's files, oldest first; what other processes remove meanwhile is left out.
std::vector<Entry> entries(const fs::path& folder) {
    std::vector<Entry> found;
    std::error_code gone;
    for (const auto& item : fs::directory_iterator(folder, gone)) {
        std::error_code lost;
        const auto used = item.last_write_time(lost);
        const auto bytes = lost ? 0 : item.file_size(lost);
        const bool is_program = item.path().extension() == SUFFIX;
        const bool is_leftover = item.path().stem().extension() == SUFFIX;  // KEY.program.tmp-PROCESS
        if (!lost && (is_program || is_leftover))
            found.push_back({item.path(), used, static_cast<std::int64_t>(bytes), is_program});
    }
    std::sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
    return found;
}

}  // namespace

ProgramCache::ProgramCache(fs::path folder, std::int64_t limit_bytes)
    : folder_(std::move(folder)), limit_bytes_(limit_bytes) {}

fs::path ProgramCache::file(const Key& key) const {
    return folder_ / fmt::format("{:016x}{:016x}{}", key[0], key[1], SUFFIX);
}

bool ProgramCache::is_ours() const {
    struct stat status {};
    if (::stat(folder_.c_str(), &status) != 0) return false;
    const bool ours = S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() && (status.st_mode & 0022) == 0;
    if (!ours) logger().debug("cache: {} is not used: others may write to it", folder_.string());
    return ours;
}

std::optional<std::string> ProgramCache::find(const Key& key) {
    if (!is_ours()) return std::nullopt;
    const auto path = file(key);
    try {
        std::error_code gone;
        if (!fs::exists(path, gone)) return std::nullopt;
        std::string text = read_file(path);
        Header header;
        if (text.size() > sizeof(header)) {
            std::memcpy(&header, text.data(), sizeof(header));
            text.erase(0, sizeof(header));
            if (header == header_of(key, text)) {
                fs::last_write_time(path, fs::file_time_type::clock::now(), gone);
                return text;
            }
        }
        logger().debug("cache: {} is damaged and is made again", path.string());
        remove_path(path);
    } catch (const Error& error) {
        logger().debug("cache: {}", error.message());
    }
    return std::nullopt;
}

void ProgramCache::store(const Key& key, std::string_view bytes) {
    if (static_cast<std::int64_t>(bytes.size()) > limit_bytes_) return;
    try {
        if (!fs::exists(folder_)) {
            make_directories(folder_);
            fs::permissions(folder_, fs::perms::owner_all);
        }
        if (!is_ours()) return;
        const Header header = header_of(key, bytes);
        write_atomically(file(key), [&](FileWriter& writer) {
            writer.write(std::as_bytes(std::span(&header, 1)));
            writer.write(bytes);
        });
        shrink();
    } catch (const std::exception& error) {
        logger().debug("cache: a program was not kept: {}", error.what());
    }
}

void ProgramCache::remove(const Key& key) {
    std::error_code ignored;
    fs::remove(file(key), ignored);
}

void ProgramCache::shrink() const {
    std::int64_t total = 0;
    const auto found = entries(folder_);
    for (const auto& entry : found) total += entry.bytes;
    const auto now = fs::file_time_type::clock::now();
    std::error_code ignored;
    for (const auto& entry : found)
        if ((entry.is_program && total > limit_bytes_) || (!entry.is_program && now - entry.used > LEFTOVER_AGE)) {
            fs::remove(entry.path, ignored);
            total -= entry.bytes;
        }
}

ProgramCache::Size ProgramCache::size() const {
    Size size;
    for (const auto& entry : entries(folder_))
        if (entry.is_program) size = {size.programs + 1, size.bytes + entry.bytes};
    return size;
}

ProgramCache::Size ProgramCache::clear() {
    const auto before = size();
    std::error_code ignored;
    for (const auto& entry : entries(folder_)) fs::remove(entry.path, ignored);
    return before;
}

fs::path default_program_cache() { return user_cache_folder("programs"); }

}  // namespace podium
