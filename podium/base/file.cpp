#include "podium/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "podium/base/error.h"
#include "podium/base/file_fault.h"

namespace podium {
namespace {

namespace fs = std::filesystem;

Code code_of(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
        case EMFILE:
        case ENFILE: return Code::RESOURCE_EXHAUSTED;
        case ENOENT:
        case ENOTDIR: return Code::NOT_FOUND;
        case EISDIR: return Code::INVALID_ARGUMENT;
        case EEXIST:
        case ENOTEMPTY: return Code::ALREADY_EXISTS;
        case EACCES:
        case EPERM:
        case EROFS: return Code::PERMISSION_DENIED;
        case EIO: return Code::DATA_LOSS;
        default: return Code::UNKNOWN;
    }
}

[[noreturn]] void fail_call(std::string_view operation, const fs::path& path, int error) {
    fail(code_of(error), "cannot {} {}: {}{}", operation, path.string(), std::generic_category().message(error),
         error == ENOSPC || error == EDQUOT ? "; free some space or choose another folder" : "");
}

/// Returns call()'s result, repeated while signals interrupt it.
template <class Call>
auto uninterrupted(Call&& call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

/// Returns call()'s result, after the injected faults; throws where it is negative.
template <class Call>
auto checked(FileOperation point, std::string_view operation, const fs::path& path, Call&& call) {
    if (const int injected = injected_file_fault(point, path); injected != 0) fail_call(operation, path, injected);
    const auto result = uninterrupted(call);
    if (result < 0) fail_call(operation, path, errno);
    return result;
}

/// An open descriptor for reading, closed at the end of its scope.
class Reader {
public:
    explicit Reader(const fs::path& path, int flags = 0)
        : descriptor(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags); })) {
        if (descriptor < 0) fail_call("open", path, errno);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { ::close(descriptor); }
    const int descriptor;
};

fs::path parent_of(const fs::path& path) {
    const auto parent = (path.has_filename() ? path : path.parent_path()).parent_path();
    return parent.empty() ? "." : parent;
}

}  // namespace

FileWriter::FileWriter(fs::path path) : path_(std::move(path)) {
    descriptor_ = checked(FileOperation::CREATE, "create", path_,
                          [&] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666); });
}

FileWriter::~FileWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void FileWriter::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto written = checked(FileOperation::WRITE, "write", path_,
                                     [&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void FileWriter::close() {
    checked(FileOperation::FSYNC, "sync", path_, [&] { return ::fsync(descriptor_); });
    if (::close(std::exchange(descriptor_, -1)) != 0) fail_call("close", path_, errno);
}

void sync_directory(const fs::path& folder) {
    const Reader directory(folder, O_DIRECTORY);
    checked(FileOperation::SYNC_DIRECTORY, "sync folder", folder, [&] { return ::fsync(directory.descriptor); });
}

void make_directories(const fs::path& folder) {
    std::error_code ignored;
    if (folder.empty() || fs::is_directory(folder, ignored)) return;
    make_directories(parent_of(folder));
    checked(FileOperation::CREATE, "create folder", folder, [&] {
        if (::mkdir(folder.c_str(), 0777) == 0) return 0;
        const int error = errno;
        const bool made_by_another = error == EEXIST && fs::is_directory(folder, ignored);
        errno = error;
        return made_by_another ? 0 : -1;
    });
    sync_directory(parent_of(folder));
}

void commit_rename(const fs::path& from, const fs::path& to) {
    checked(FileOperation::RENAME, "rename to", to, [&] { return std::rename(from.c_str(), to.c_str()); });
    sync_directory(parent_of(to));
}

bool commit_exchange(const fs::path& first, const fs::path& second) {
    int error = injected_file_fault(FileOperation::RENAME, second);
    if (error == 0 && ::renameat2(AT_FDCWD, first.c_str(), AT_FDCWD, second.c_str(), RENAME_EXCHANGE) != 0)
        error = errno;
    if (error == EINVAL || error == ENOSYS) return false;
    if (error != 0) fail_call("swap in", second, error);
    sync_directory(parent_of(second));
    return true;
}

void remove_path(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) fail_call("remove", path, error.value());
}

void write_atomically(const fs::path& path, const std::function<void(FileWriter&)>& write) {
    const fs::path temporary = fmt::format("{}.tmp-{}", path.string(), ::getpid());
    try {
        FileWriter file(temporary);
        write(file);
        file.close();
        commit_rename(temporary, path);
    } catch (...) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        throw;
    }
}

void write_atomically(const fs::path& path, std::string_view bytes) {
    write_atomically(path, [&](FileWriter& file) { file.write(bytes); });
}

std::string read_file(const fs::path& path) {
    const Reader file(path);
    std::string text;
    std::array<char, 1 << 16> chunk;
    while (true) {
        const auto count = uninterrupted([&] { return ::read(file.descriptor, chunk.data(), chunk.size()); });
        if (count < 0) fail_call("read", path, errno);
        if (count == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

MappedFile::MappedFile(const fs::path& path) {
    const Reader file(path, O_NONBLOCK);  // a pipe must not block us: it is refused below
    struct stat status {};
    if (::fstat(file.descriptor, &status) != 0) fail_call("examine", path, errno);
    if (!S_ISREG(status.st_mode))
        fail(Code::INVALID_ARGUMENT, "cannot map {}: it is not a regular file", path.string());
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;
    void* const address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor, 0);
    if (address == MAP_FAILED) fail_call("map", path, errno);
    bytes_.reset(static_cast<const std::byte*>(address),
                 [address, size = size_](const std::byte*) { ::munmap(address, size); });
}

}  // namespace podium
