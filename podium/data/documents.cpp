#include "podium/data/documents.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>

#include "podium/base/error.h"
#include "podium/data/byte_stream.h"
#include "podium/data/parquet.h"

namespace podium::data {
namespace {

std::string extension_of(const FoundFile& file) { return std::filesystem::path(file.path).extension(); }

bool is_parquet(const FoundFile& file) { return extension_of(file) == ".parquet"; }

/// Counts damaged records, and refuses more than the options allow.
class DamageCounter {
public:
    DamageCounter(const FoundFile& file, const RecordOptions& options, Damage& damage)
        : file_(file), options_(options), damage_(damage) {}

    void add(std::string_view place, std::uint64_t number, std::string_view reason) {
        if (damage_.records++ == 0)
            damage_.first = fmt::format("{} {} {}: \"{}\": {}", file_.path, place, number, options_.field, reason);
        if (damage_.records > options_.damaged_records)
            fail(Code::INVALID_DATA,
                 "data: {}; records are objects with the text in \"{}\" (data.field), and data.damaged_records ({}) "
                 "says how many may be passed over",
                 damage_.first, options_.field, options_.damaged_records);
    }

private:
    const FoundFile& file_;
    const RecordOptions& options_;
    Damage& damage_;
};

using Take = std::function<void(std::string_view text)>;

void for_each_line(std::string_view rest, const RecordOptions& options, DamageCounter& damage, const Take& take) {
    simdjson::dom::parser parser;  // reads the whole record, so that one that was cut off is damage
    for (std::uint64_t number = 1; !rest.empty(); ++number) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        std::string_view text;
        if (const auto error = parser.parse(line.data(), line.size()).at_key(options.field).get(text))
            damage.add("line", number, simdjson::error_message(error));
        else
            take(text);
    }
}

}  // namespace

bool has_records(const FoundFile& file) {
    const auto extension = extension_of(file);
    return extension == ".jsonl" || extension == ".ndjson" || is_parquet(file);
}

void for_each_document(const FoundFile& file, const RecordOptions& options, Damage& damage, const Take& take) {
    DamageCounter counter(file, options, damage);
    if (is_parquet(file)) {
        std::uint64_t number = 0;
        return for_each_row(file.path, options.field, [&](std::optional<std::string_view> text) {
            ++number;
            if (text)
                take(*text);
            else
                counter.add("row", number, "null");
        });
    }
    const auto mapped = map_file(file.path);
    if (has_records(file)) return for_each_line(mapped.text(), options, counter, take);
    take(mapped.text());
}

}  // namespace podium::data
