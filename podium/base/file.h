#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace podium {

// The one file writer. Every failing system call becomes an Error that names the operation, the path and the
// system's own words; a full disk or quota is RESOURCE_EXHAUSTED.

/// A new file, written front to back. The bytes are safe once `close` returned, the name once its directory is synced.
class FileWriter {
public:
    /// Creates `path`, or empties the file that is there.
    explicit FileWriter(std::filesystem::path path);
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;
    /// Closes the file; says nothing of errors, so finish with `close`.
    ~FileWriter();

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    /// Brings all bytes to the disk (fsync), then closes.
    void close();

private:
    std::filesystem::path path_;
    int descriptor_;
};

/// Brings names created in, renamed in or removed from `folder` to the disk.
void sync_directory(const std::filesystem::path& folder);
/// Creates `folder` and what is missing above it, and syncs each parent.
void make_directories(const std::filesystem::path& folder);
/// Renames and syncs the target's folder: after it, `to` is the new file or folder even if the power fails.
void commit_rename(const std::filesystem::path& from, const std::filesystem::path& to);
/// Swaps two names at once and syncs the folder of `second`; returns false where the file system cannot swap.
bool commit_exchange(const std::filesystem::path& first, const std::filesystem::path& second);
/// Removes a file or a whole folder; it may be absent.
void remove_path(const std::filesystem::path& path);

/// Makes `path` hold what `write` writes, all or nothing: a temporary beside it, fsync, rename.
void write_atomically(const std::filesystem::path& path, const std::function<void(FileWriter&)>& write);
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Returns the whole file; pipes too.
std::string read_file(const std::filesystem::path& path);

/// A regular file's bytes, read-only, mapped as long as a copy of this or of its owner lives.
class MappedFile {
public:
    explicit MappedFile(const std::filesystem::path& path);

    std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.get()), size_}; }
    /// Returns what keeps the bytes alive, for views of them.
    std::shared_ptr<const void> owner() const { return bytes_; }

private:
    std::size_t size_ = 0;
    std::shared_ptr<const std::byte> bytes_;
};

// Fault injection, for tests only.

/// The points at which the writer can be made to fail.
enum class FileOperation { CREATE, WRITE, FSYNC, RENAME, SYNC_DIRECTORY };

/// Called before each operation; returns the errno to fail with, or 0. It may end the process instead.
using FileFaultHook = std::function<int(FileOperation, const std::filesystem::path&)>;

/// Installs the process's hook; an empty one removes it. Without a call, the environment's PODIUM_FAULT counts.
void set_file_fault_hook(FileFaultHook hook);
/// Returns the hook for "kill:RENAME:3" (the third rename raises SIGKILL) or "enospc:WRITE:2"; throws INVALID_ARGUMENT.
FileFaultHook parse_file_fault(std::string_view text);

}  // namespace podium
