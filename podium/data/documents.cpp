#include "podium/data/documents.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>

#include "podium/base/error.h"
#include "podium/data/byte_stream.h"

namespace podium::data {

bool has_records(const FoundFile& file) {
    const auto extension = std::filesystem::path(file.path).extension();
    return extension == ".jsonl" || extension == ".ndjson";
}

void for_each_document(const FoundFile& file, const RecordOptions& options, Damage& damage,
                       const std::function<void(std::string_view text)>& take) {
    const auto mapped = map_file(file.path);
    if (!has_records(file)) return take(mapped.text());
    simdjson::dom::parser parser;  // reads the whole record, so that one that was cut off is damage
    std::uint64_t number = 0;
    for (auto rest = mapped.text(); !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        std::string_view text;
        const auto error = parser.parse(line.data(), line.size()).at_key(options.field).get(text);
        if (!error) {
            take(text);
            continue;
        }
        if (damage.records++ == 0)
            damage.first =
                fmt::format("{} line {}: \"{}\": {}", file.path, number, options.field, simdjson::error_message(error));
        if (damage.records > options.damaged_records)
            fail(Code::INVALID_DATA,
                 "data: {}; records are objects with the text in \"{}\" (data.field), and data.damaged_records ({}) "
                 "says "
                 "how many may be passed over",
                 damage.first, options.field, options.damaged_records);
    }
}

}  // namespace podium::data
