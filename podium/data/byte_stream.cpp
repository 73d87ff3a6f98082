#include "podium/data/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "podium/base/error.h"

namespace podium::data {
namespace {

constexpr std::uint64_t SAMPLE_BYTES = 4096;

void read_bytes(const std::string& path, std::uint64_t offset, std::span<std::uint8_t> out) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::size_t done = 0;
    ssize_t got = file < 0 ? -1 : 1;
    while (got > 0 && done < out.size()) {
        got = ::pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got > 0) done += static_cast<std::size_t>(got);
        if (got < 0 && errno == EINTR) got = 1;
    }
    const int error = errno;
    if (file >= 0) ::close(file);
    if (got < 0) fail(Code::INVALID_DATA, "data: cannot read '{}': {}", path, std::generic_category().message(error));
    if (done < out.size())
        fail(Code::INVALID_DATA, "data: '{}' ends at byte {}, {} were there when it was opened; start again", path,
             offset + done, offset + out.size());
}

}  // namespace

MappedFile map_file(const std::string& path) {
    try {
        return MappedFile(path);
    } catch (const Error& error) {
        fail(Code::INVALID_DATA, "data: {}", error.message());
    }
}

ByteStream::ByteStream(std::vector<FoundFile> files, std::size_t mapped_files) {
    files_.reserve(files.size());
    ends_.reserve(files.size());
    for (auto& found : files) {
        File file{std::move(found.path), std::nullopt};
        std::uint64_t size = found.size_bytes;
        if (files_.size() < mapped_files) {
            file.mapped = map_file(file.path);
            size = file.mapped->bytes().size();
        }
        ends_.push_back(size_bytes() + size + 1);
        files_.push_back(std::move(file));
    }
}

void ByteStream::read_file(const File& file, std::uint64_t offset, std::span<std::uint8_t> out) const {
    if (out.empty()) return;
    if (file.mapped)
        std::memcpy(out.data(), file.mapped->bytes().data() + offset, out.size());
    else
        read_bytes(file.path, offset, out);
}

void ByteStream::read(std::uint64_t start, std::span<std::uint8_t> out) const {
    if (ends_.empty()) fail(Code::OUT_OF_RANGE, "data: asked for {} bytes of a stream without files", out.size());
    start %= size_bytes();
    auto index = static_cast<std::size_t>(std::ranges::upper_bound(ends_, start) - ends_.begin());
    std::uint64_t offset = start - (index == 0 ? 0 : ends_[index - 1]);
    while (!out.empty()) {
        const std::uint64_t size = ends_[index] - (index == 0 ? 0 : ends_[index - 1]) - 1;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size - offset));
        read_file(files_[index], offset, out.first(count));
        out = out.subspan(count);
        if (!out.empty()) {
            out.front() = '\n';
            out = out.subspan(1);
        }
        offset = 0;
        index = (index + 1) % files_.size();
    }
}

std::uint64_t fingerprint(std::span<const FoundFile> files) {
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
    XXH3_64bits_reset(state.get());
    const auto add = [&](const void* data, std::size_t size) { XXH3_64bits_update(state.get(), data, size); };
    std::vector<std::uint8_t> sample;
    for (const auto& file : files) {
        sample.resize(static_cast<std::size_t>(std::min(file.size_bytes, SAMPLE_BYTES)));
        add(file.name.c_str(), file.name.size() + 1);
        add(&file.size_bytes, sizeof(file.size_bytes));
        read_bytes(file.path, 0, sample);
        add(sample.data(), sample.size());
        read_bytes(file.path, file.size_bytes - sample.size(), sample);
        add(sample.data(), sample.size());
    }
    return XXH3_64bits_digest(state.get());
}

}  // namespace podium::data
