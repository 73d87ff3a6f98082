#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace podium::net {

/// SHA-256 of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();

    void update(std::span<const std::byte> bytes);
    /// Returns the hash of all pieces in lower-case hexadecimal; nothing may be added afterwards.
    std::string finish();

private:
    std::shared_ptr<void> context_;
};

/// Returns the hash of a file's bytes.
std::string sha256_of(const std::filesystem::path& file);

}  // namespace podium::net
