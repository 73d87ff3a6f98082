#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "podium/base/error.h"

namespace podium::fuzz {

/// Gives a reader one input, as each of the programs defines it; returns 0.
int read_once(std::string_view text);

/// A file of this process that holds what a reader is given next.
inline const std::filesystem::path& file_of(std::string_view text) {
    static const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("podium-fuzz-" + std::to_string(getpid()));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
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
