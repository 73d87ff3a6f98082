#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "podium/base/error.h"

namespace podium::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// A file of this process that holds what a reader is given next.
inline const std::filesystem::path& file_of(const std::uint8_t* data, std::size_t size) {
    static const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("podium-fuzz-" + std::to_string(getpid()));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text_of(data, size);
    return path;
}

/// Calls a reader, for which podium's errors are answers; all else ends the program, and libFuzzer keeps the input.
template <class Read>
int attempt(Read read) {
    try {
        read();
    } catch (const Error&) {
    }
    return 0;
}

}  // namespace podium::fuzz
