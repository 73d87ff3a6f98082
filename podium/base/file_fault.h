#pragma once

#include <filesystem>

#include "podium/base/file.h"

namespace podium {

/// Returns the errno that the hook wants `operation` on `path` to fail with, or 0. Called by the file writer only.
int injected_file_fault(FileOperation operation, const std::filesystem::path& path);

}  // namespace podium
