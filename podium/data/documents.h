#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "podium/data/find_files.h"

namespace podium::data {

/// How records of structured files are read.
struct RecordOptions {
    std::string field = "text";         // of a JSON object, or a Parquet column: what holds the text
    std::uint64_t damaged_records = 0;  // so many are passed over before it is an error
};

/// What was passed over: records that are no JSON object, or whose field is no text or null.
struct Damage {
    std::uint64_t records = 0;
    std::string first;  // "notes.jsonl line 7: …"
};

/// True for files of records: .jsonl and .ndjson, whose lines are JSON objects, and .parquet.
bool has_records(const FoundFile& file);

/// Calls `take` with each document of a file, in order: the field of each record, or the file as a whole. Adds what it
/// passes over to `damage`. Throws INVALID_DATA where the file cannot be read, or where there is more damage than the
/// options allow.
void for_each_document(const FoundFile& file, const RecordOptions& options, Damage& damage,
                       const std::function<void(std::string_view text)>& take);

}  // namespace podium::data
