#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/base/file.h"
#include "podium/data/find_files.h"

namespace podium::data {

/// Files laid end to end without being copied, each followed by one newline of ours. Safe to read from many threads.
/// A file that another process shortens while it is mapped raises SIGBUS at the next touch: replace files by rename.
class ByteStream {
public:
    /// A process may hold some 65,000 mappings: files beyond this many are opened for each read instead.
    static constexpr std::size_t MAPPED_FILES = 16384;

    /// Throws INVALID_DATA, naming the file, where one cannot be opened or mapped.
    explicit ByteStream(std::vector<FoundFile> files, std::size_t mapped_files = MAPPED_FILES);

    std::uint64_t size_bytes() const { return ends_.empty() ? 0 : ends_.back(); }
    std::size_t file_count() const { return files_.size(); }
    /// Fills `out` with the bytes from `start` on; behind the last file comes the first one again.
    /// Throws INVALID_DATA, naming the file, where one cannot be read or has become shorter.
    void read(std::uint64_t start, std::span<std::uint8_t> out) const;

private:
    struct File {
        std::string path;
        std::optional<MappedFile> mapped;
    };
    void read_file(const File& file, std::uint64_t offset, std::span<std::uint8_t> out) const;

    std::vector<File> files_;
    std::vector<std::uint64_t> ends_;
};

/// Returns a file mapped; throws INVALID_DATA, naming it, where that cannot be.
MappedFile map_file(const std::string& path);

/// Returns a hash of the files' names, sizes, and first and last 4 KiB: changes with the data, not with where it lies.
std::uint64_t fingerprint(std::span<const FoundFile> files);

}  // namespace podium::data
