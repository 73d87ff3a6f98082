#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace podium::plugins {

/// Unpacks the named members of a wheel (a zip file; or of a .tar.gz) into `folder`, each under the last part of its
/// name. Throws INVALID_DATA for a damaged wheel, one that lacks a member, and one with any name that leads out of its
/// folder.
void unpack(const std::filesystem::path& wheel, std::span<const std::string> members,
            const std::filesystem::path& folder);

}  // namespace podium::plugins
