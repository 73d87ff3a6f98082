#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace podium {

constexpr std::int64_t DEFAULT_PROGRAM_CACHE_BYTES = std::int64_t{1} << 30;

/// Serialized programs in a folder, one file each, for any number of processes. Its own troubles (no rights, a full
/// disk, damage) are debug lines in the log: what is not found is compiled.
class ProgramCache {
public:
    /// A hash of all that a program is made of.
    using Key = std::array<std::uint64_t, 2>;

    struct Size {
        std::int64_t programs = 0, bytes = 0;
    };

    /// The folder is made at the first `store`. One that others may write to is not used: its programs would be run.
    ProgramCache(std::filesystem::path folder, std::int64_t limit_bytes);

    /// Returns the program's bytes; a damaged file is removed and nothing is returned.
    std::optional<std::string> find(const Key& key);
    /// Keeps the program; then removes those that were used least recently, until the rest fits.
    void store(const Key& key, std::string_view bytes);
    void remove(const Key& key);
    /// Removes all programs and returns what they took.
    Size clear();
    Size size() const;
    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path file(const Key& key) const;
    bool is_ours() const;
    void shrink() const;

    std::filesystem::path folder_;
    std::int64_t limit_bytes_;
};

/// Returns the user's folder of compiled programs: podium/programs in $XDG_CACHE_HOME, else in ~/.cache; empty where
/// neither is known.
std::filesystem::path default_program_cache();

}  // namespace podium
