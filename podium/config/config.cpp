#include "podium/config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "podium/base/error.h"
#include "podium/base/tree.h"

namespace podium::config {

std::string read_text(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        fail(Code::INVALID_CONFIG, "{}: expected a config file, found a folder", path.string());
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(Code::INVALID_CONFIG, "{}: cannot open the config: {}", path.string(), std::strerror(errno));
    std::string text(MAX_DOCUMENT_BYTES + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) fail(Code::INVALID_CONFIG, "{}: cannot read the config: {}", path.string(), std::strerror(errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > MAX_DOCUMENT_BYTES)
        fail(Code::INVALID_CONFIG, "{}: a config has at most {} bytes, this file has more; is it the right one?",
             path.string(), MAX_DOCUMENT_BYTES);
    return text;
}

std::vector<Difference> diff_rows(std::span<const FieldRow> old_rows, std::span<const FieldRow> new_rows,
                                  std::span<const std::string> allowed) {
    std::vector<Difference> differences;
    for (std::size_t i = 0; i < old_rows.size(); ++i) {
        const std::string& path = old_rows[i].path;
        const bool free =
            std::any_of(allowed.begin(), allowed.end(), [&](auto& pattern) { return matches(pattern, path); });
        if (!free && old_rows[i].value != new_rows[i].value)
            differences.push_back({path, old_rows[i].value, new_rows[i].value});
    }
    return differences;
}

}  // namespace podium::config
