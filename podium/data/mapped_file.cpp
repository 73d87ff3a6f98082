#include "podium/data/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "podium/base/error.h"

namespace podium::data {

MappedFile::MappedFile(const std::string& path) {
    const auto fail_here = [&](const char* verb, int error) {
        fail(Code::INVALID_DATA, "data: cannot {} '{}': {}", verb, path, std::generic_category().message(error));
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail_here("open", errno);
    struct stat status {};
    const bool known = ::fstat(file, &status) == 0;
    void* address = nullptr;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (known && size > 0) address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    const int error = errno;
    ::close(file);
    if (!known || address == MAP_FAILED) fail_here("map", error);
    if (size > 0) bytes_ = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace podium::data
