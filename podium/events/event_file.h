#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "podium/events/event.h"

namespace podium {

/// Appends events to a file, one write(2) a line, so that a crash of the process loses none and a crash of the machine
/// at most those after the last checkpoint: `checkpoint` and `end` wait for the disk (fdatasync). A line is committed
/// by its newline. Any thread may call `write`.
class EventWriter {
public:
    /// Gets every line, without newline; called without a lock held, so it must bear concurrent calls.
    using Sink = std::function<void(std::string_view line)>;

    /// Opens or creates `path`, and cuts off a last line that a crash left unfinished.
    /// Throws NOT_FOUND, PERMISSION_DENIED or UNAVAILABLE where the file cannot be opened.
    explicit EventWriter(std::filesystem::path path, Sink sink = {});
    EventWriter(const EventWriter&) = delete;
    EventWriter& operator=(const EventWriter&) = delete;
    ~EventWriter();

    /// Throws INVALID_ARGUMENT for an event without its schema's fields, RESOURCE_EXHAUSTED for a full disk; then the
    /// file is as before.
    void write(const RunEvent& event);

private:
    void append(std::string_view bytes, bool durable);

    std::filesystem::path path_;
    Sink sink_;
    int descriptor_;
    std::mutex mutex_;
};

/// Returns the file's events in order, without a last line that has no newline: it was never committed.
/// Throws NOT_FOUND, INVALID_DATA with the line's number, and UNIMPLEMENTED for a newer format.
std::vector<RunEvent> read_events(const std::filesystem::path& path);

/// Removes the step, eval and checkpoint lines of steps after `step`, so that a run resumed there says no step twice.
/// All or nothing; other lines stay byte for byte. A file that does not exist has none. Throws as `read_events`.
void truncate_after(const std::filesystem::path& path, std::int64_t step);

}  // namespace podium
