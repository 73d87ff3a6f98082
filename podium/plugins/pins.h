#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace podium::plugins {

/// A plugin's wheel on PyPI, and what of it is wanted.
struct Pin {
    std::string name;     ///< of the plugin and its folder: "cpu"
    std::string package;  ///< on PyPI
    std::string version;
    std::string url;
    std::string sha256;                ///< of the wheel
    std::uint64_t size;                ///< of the wheel, bytes
    std::vector<std::string> members;  ///< what is unpacked; the plugin's library comes first
    std::string license;               ///< what the user accepts
    std::string note;                  ///< what it needs besides, empty for nothing

    /// Returns the wheel's file name, the address's last part.
    std::string wheel() const { return url.substr(url.rfind('/') + 1); }
};

/// Returns the wheels that this podium was tried with, for x86-64.
const std::vector<Pin>& pins();

/// Returns the rows of a JSON file with a Pin's members, {"plugins": [{"name": ...}]}.
std::vector<Pin> read_pins(const std::filesystem::path& file);

/// Returns the row of a name; INVALID_ARGUMENT lists those that there are.
const Pin& find_pin(const std::vector<Pin>& rows, const std::string& name);

}  // namespace podium::plugins
