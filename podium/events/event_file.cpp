#include "podium/events/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "podium/base/error.h"
#include "podium/base/file.h"

namespace podium {
namespace {

[[noreturn]] void fail_call(std::string_view operation, const std::filesystem::path& path, int error) {
    const Code code = error == ENOSPC || error == EDQUOT || error == EFBIG  ? Code::RESOURCE_EXHAUSTED
                      : error == ENOENT || error == ENOTDIR                 ? Code::NOT_FOUND
                      : error == EACCES || error == EPERM || error == EROFS ? Code::PERMISSION_DENIED
                                                                            : Code::UNAVAILABLE;
    fail(code, "cannot {} the events file {}: {}", operation, path.string(), std::generic_category().message(error));
}

/// Returns the part of `text` up to its last newline, that included.
std::string_view committed(std::string_view text) { return text.substr(0, text.rfind('\n') + 1); }

/// Calls `visit(line, where)` for each committed line of a file's text, newlines included.
template <class Visit>
void for_each_line(const std::filesystem::path& path, std::string_view text, Visit&& visit) {
    text = committed(text);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n') + 1);
        visit(line, fmt::format("{}:{}", path.string(), number));
        text.remove_prefix(line.size());
    }
}

bool is_undone_by_resume(const RunEvent& event, std::int64_t step) {
    const bool repeats = event.name == "step" || event.name == "eval" || event.name == "checkpoint";
    return repeats && event.step().value() > step;
}

}  // namespace

EventWriter::EventWriter(std::filesystem::path path, Sink sink)
    : path_(std::move(path)),
      sink_(std::move(sink)),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail_call("open", path_, errno);
    try {
        const std::string text = read_file(path_);
        const std::size_t whole = committed(text).size();
        if (whole < text.size() && ::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0)
            fail_call("repair", path_, errno);
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

EventWriter::~EventWriter() { ::close(descriptor_); }

void EventWriter::write(const RunEvent& event) {
    const std::string line = to_json(event);
    append(line + "\n", event.name == "checkpoint" || event.name == "end");
    if (sink_) sink_(line);
}

void EventWriter::append(std::string_view bytes, bool durable) {
    const std::lock_guard lock(mutex_);
    const off_t before = ::lseek(descriptor_, 0, SEEK_END);
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            const int error = errno;
            const bool undone = before >= 0 && ::ftruncate(descriptor_, before) == 0;
            fail_call(undone ? "append to" : "append to or cut back", path_, error);
        }
    }
    if (durable && ::fdatasync(descriptor_) != 0) fail_call("sync", path_, errno);
}

std::vector<RunEvent> read_events(const std::filesystem::path& path) {
    std::vector<RunEvent> events;
    const std::string text = read_file(path);
    for_each_line(path, text, [&](auto line, const auto& where) { events.push_back(parse_event(line, where)); });
    return events;
}

void truncate_after(const std::filesystem::path& path, std::int64_t step) {
    if (!std::filesystem::exists(path)) return;
    const std::string text = read_file(path);
    std::string kept;
    for_each_line(path, text, [&](auto line, const auto& where) {
        if (!is_undone_by_resume(parse_event(line, where), step)) kept += line;
    });
    if (kept != text) write_atomically(path, kept);
}

}  // namespace podium
