#include "podium/arrays/npz.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <string>
#include <vector>

#include "podium/arrays/npy_bytes.h"
#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::size_t CHUNK_BYTES = 1 << 20;
constexpr std::string_view SUFFIX = ".npy";

using ZipReader = std::unique_ptr<archive, decltype(&archive_read_free)>;

[[noreturn]] void fail_reading(archive* reader) {
    const char* const reason = archive_error_string(reader);
    fail(Code::INVALID_DATA, "this is no whole .npz file: {}", reason != nullptr ? reason : "it ends too early");
}

ZipReader open_zip(const std::filesystem::path& path) {
    ZipReader reader(archive_read_new(), archive_read_free);
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_filename(reader.get(), path.c_str(), CHUNK_BYTES) != ARCHIVE_OK) fail_reading(reader.get());
    return reader;
}

/// Returns the bytes of the member that the reader stands at.
std::shared_ptr<const std::string> member_bytes(archive* reader) {
    auto bytes = std::make_shared<std::string>();
    while (true) {
        const auto before = bytes->size();
        bytes->resize(before + CHUNK_BYTES);
        const auto count = archive_read_data(reader, bytes->data() + before, CHUNK_BYTES);
        if (count < 0) fail_reading(reader);
        bytes->resize(before + static_cast<std::size_t>(count));
        if (count == 0) return bytes;
    }
}

HostArray find_array(const std::filesystem::path& path, std::string_view name) {
    const auto reader = open_zip(path);
    std::vector<std::string> names;
    archive_entry* entry = nullptr;
    while (true) {
        const int outcome = archive_read_next_header(reader.get(), &entry);
        if (outcome == ARCHIVE_EOF) break;
        if (outcome != ARCHIVE_OK) fail_reading(reader.get());
        const char* const text = archive_entry_pathname(entry);
        std::string found = text != nullptr ? text : "";
        if (!found.ends_with(SUFFIX)) continue;
        found.resize(found.size() - SUFFIX.size());
        if (found == name) {
            const auto bytes = member_bytes(reader.get());
            return npy_of(*bytes, bytes);
        }
        names.push_back(std::move(found));
    }
    fail(Code::INVALID_DATA, "it holds no array \"{}\"; there {} {}", name, names.size() == 1 ? "is" : "are",
         names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

HostArray read_npz(const std::filesystem::path& path, std::string_view name) {
    try {
        return find_array(path, name);
    } catch (const Error& error) {
        fail(error.code(), "cannot read {}: {}", path.string(), error.message());
    }
}

}  // namespace podium
