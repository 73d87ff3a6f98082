#include "podium/events/event_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::size_t PIECE_BYTES = 1 << 20;

[[noreturn]] void fail_read(const std::filesystem::path& path) {
    fail(Code::UNAVAILABLE, "cannot read the events file {}: {}", path.string(),
         std::generic_category().message(errno));
}

/// An open file for reading, or none where there is no such file.
class Descriptor {
public:
    explicit Descriptor(const std::filesystem::path& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (number_ < 0 && errno != ENOENT) fail_read(path);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

}  // namespace

void EventTail::update(const std::function<void(const RunEvent&)>& visit, const std::function<void()>& anew) {
    const Descriptor file(path_);
    if (file.number() < 0) return;
    struct stat state {};
    if (::fstat(file.number(), &state) != 0) fail_read(path_);
    const bool other = state.st_ino != inode_ || static_cast<std::uint64_t>(state.st_size) < offset_;
    if (other && offset_ > 0 && anew) anew();
    if (other) offset_ = lines_ = 0;
    inode_ = state.st_ino;
    std::string piece;
    for (;;) {
        const std::size_t kept = piece.size();
        piece.resize(kept + PIECE_BYTES);
        const auto count = ::pread(file.number(), piece.data() + kept, PIECE_BYTES, static_cast<off_t>(offset_ + kept));
        if (count < 0) fail_read(path_);
        piece.resize(kept + static_cast<std::size_t>(count));
        std::size_t begin = 0;
        for (auto end = piece.find('\n'); end != std::string::npos; end = piece.find('\n', begin)) {
            const std::string_view line(piece.data() + begin, end - begin);
            visit(parse_event(line, fmt::format("{}:{}", path_.native(), lines_ + 1)));
            ++lines_;
            offset_ += line.size() + 1;
            begin = end + 1;
        }
        piece.erase(0, begin);
        if (count == 0) return;
    }
}

}  // namespace podium
