#pragma once

#include <filesystem>
#include <string_view>

namespace podium {

/// A new folder of this user's among the temporary ones, "podium-PURPOSE-…", gone with the object.
class ScratchFolder {
public:
    /// Throws PERMISSION_DENIED where it cannot be made.
    explicit ScratchFolder(std::string_view purpose);
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace podium
