#include "podium/bench/scratch_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "podium/base/error.h"

namespace podium::bench {

ScratchFolder::ScratchFolder() {
    std::string name = std::filesystem::temp_directory_path() / "podium-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        fail(Code::PERMISSION_DENIED, "cannot create {}: {}", name, std::strerror(errno));
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace podium::bench
