#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace podium::net {

/// What is to be fetched, and how it is known to be that.
struct Download {
    std::string url;         ///< https, or http from this machine itself
    std::string sha256;      ///< of the whole file, in lower-case hexadecimal
    std::uint64_t size = 0;  ///< bytes
    /// Called now and then with the bytes that came.
    std::function<void(std::uint64_t)> progress = {};
};

/// Makes `file` what `download` names, all or nothing; the hash is taken while the bytes come. Redirects may lead to
/// https only, or from this machine to itself. Throws INVALID_ARGUMENT for an address or a redirect that is not
/// allowed, UNAVAILABLE where the server cannot be reached or refuses, INVALID_DATA for other bytes than those that
/// were named, RESOURCE_EXHAUSTED for a full disk.
void download(const Download& download, const std::filesystem::path& file);

}  // namespace podium::net
