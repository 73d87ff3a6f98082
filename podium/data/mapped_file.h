#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace podium::data {

/// A file's bytes, mapped read-only; pages are read when touched and never count as the process's own memory.
/// The kernel's read-around adapts to random access by itself, so no advice is given.
/// A file that another process shortens while it is mapped raises SIGBUS at the next touch: replace files by rename.
class MappedFile {
public:
    /// Throws INVALID_DATA, naming the path, where the file cannot be opened or mapped.
    explicit MappedFile(const std::string& path);
    MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~MappedFile();

    /// Returns the bytes; empty for an empty file.
    std::span<const std::byte> bytes() const { return bytes_; }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace podium::data
