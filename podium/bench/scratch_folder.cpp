#include "podium/bench/scratch_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include "podium/base/file.h"

namespace podium::bench {

ScratchFolder::ScratchFolder()
    : path_(std::filesystem::temp_directory_path() / fmt::format("podium-bench-{}", ::getpid())) {
    make_directories(path_);
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace podium::bench
