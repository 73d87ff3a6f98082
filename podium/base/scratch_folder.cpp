#include "podium/base/scratch_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "podium/base/error.h"

namespace podium {

ScratchFolder::ScratchFolder(std::string_view purpose) {
    std::string name = std::filesystem::temp_directory_path() / fmt::format("podium-{}-XXXXXX", purpose);
    if (::mkdtemp(name.data()) == nullptr)
        fail(Code::PERMISSION_DENIED, "cannot create {}: {}", name, std::strerror(errno));
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace podium
