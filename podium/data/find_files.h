#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace podium::data {

/// A regular file of a corpus.
struct FoundFile {
    std::string path;
    /// The path below the fixed part of its pattern ("guide/a.md" for docs/**/*.md): the same wherever the corpus lies.
    std::string name;
    std::uint64_t size_bytes = 0;
};

/// Returns the regular files that the patterns name, sorted by path, each file once however many paths lead to it.
/// A pattern is a file, a folder (every file below it), or a glob of `*`, `?`, `[..]` within a segment and `**` for any
/// number of folders; several may stand in one string, separated by commas. Links are followed. As in a shell, names
/// that start with a dot are taken only where the pattern spells the dot, and links that lead nowhere are no files.
/// Throws INVALID_DATA where a pattern names no file, with the nearest folder there is, or where a folder is
/// unreadable.
std::vector<FoundFile> find_files(std::span<const std::string> patterns);

}  // namespace podium::data
