#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "podium/events/event.h"

namespace podium {

/// Follows an events file as it grows.
class EventTail {
public:
    explicit EventTail(std::filesystem::path path) : path_(std::move(path)) {}

    /// Calls `visit` with each event committed since the last call. Where the file is another one than before, as
    /// after a resume, it calls `anew` and begins at its first line. A file that does not exist yet has no events.
    /// Throws INVALID_DATA with the line's number, and UNIMPLEMENTED for a newer format.
    void update(const std::function<void(const RunEvent&)>& visit, const std::function<void()>& anew = {});

private:
    std::filesystem::path path_;
    std::uint64_t inode_ = 0, offset_ = 0, lines_ = 0;  // of what was visited
};

}  // namespace podium
