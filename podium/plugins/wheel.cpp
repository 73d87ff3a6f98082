#include "podium/plugins/wheel.h"

#include <archive.h>
#include <archive_entry.h>

#include <set>

#include "podium/base/error.h"
#include "podium/base/file.h"

namespace podium::plugins {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t CHUNK = 1 << 20;

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

[[noreturn]] void fail_damaged(const fs::path& wheel, archive* reader) {
    const char* const reason = archive_error_string(reader);
    fail(Code::INVALID_DATA, "wheel: {} is damaged: {}", wheel.string(), reason ? reason : "it ends too early");
}

Archive open(const fs::path& wheel) {
    Archive reader(archive_read_new(), archive_read_free);
    archive_read_support_format_zip(reader.get());
    archive_read_support_format_tar(reader.get());
    archive_read_support_filter_gzip(reader.get());
    if (archive_read_open_filename(reader.get(), wheel.c_str(), CHUNK) != ARCHIVE_OK) fail_damaged(wheel, reader.get());
    return reader;
}

/// Returns an entry's name; refuses what would lie outside of the folder that the wheel is unpacked to.
std::string name_of(archive_entry* entry, const fs::path& wheel) {
    const char* const text = archive_entry_pathname(entry);
    const fs::path name = text ? text : "";
    const bool leads_out = name.empty() || name.is_absolute() || name.native().find('\\') != std::string::npos ||
                           std::find(name.begin(), name.end(), "..") != name.end();
    if (leads_out)
        fail(Code::INVALID_DATA, "wheel: {} names \"{}\", which leads out of its folder; nothing of it is kept",
             wheel.string(), name.string());
    return name.string();
}

void copy_to(const fs::path& file, archive* reader, const fs::path& wheel) {
    FileWriter writer(file);
    std::vector<std::byte> chunk(CHUNK);
    while (true) {
        const auto count = archive_read_data(reader, chunk.data(), chunk.size());
        if (count < 0) fail_damaged(wheel, reader);
        if (count == 0) break;
        writer.write(std::span(chunk).first(static_cast<std::size_t>(count)));
    }
    writer.close();
}

}  // namespace

void unpack(const fs::path& wheel, std::span<const std::string> members, const fs::path& folder) {
    std::set<std::string> missing(members.begin(), members.end());
    const auto reader = open(wheel);
    archive_entry* entry = nullptr;
    while (true) {
        const int outcome = archive_read_next_header(reader.get(), &entry);
        if (outcome == ARCHIVE_EOF) break;
        if (outcome != ARCHIVE_OK) fail_damaged(wheel, reader.get());
        const auto name = name_of(entry, wheel);
        if (archive_entry_filetype(entry) != AE_IFREG || missing.erase(name) == 0) continue;
        copy_to(folder / fs::path(name).filename(), reader.get(), wheel);
    }
    if (!missing.empty()) fail(Code::INVALID_DATA, "wheel: {} holds no {}", wheel.string(), *missing.begin());
}

}  // namespace podium::plugins
