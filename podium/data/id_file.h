#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "podium/base/file.h"
#include "podium/data/documents.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium::data {

/// How text becomes ids.
struct Encoding {
    std::shared_ptr<const Tokenizer> tokenizer;  // null: the bytes themselves
    std::filesystem::path folder;                // where ids are kept between runs
    RecordOptions records;
    /// Called now and then while text is encoded; may be empty.
    std::function<void(std::uint64_t done_bytes, std::uint64_t all_bytes)> progress;
};

/// Returns the id of the tokenizer's `<|endoftext|>` or its like, or nothing where it has none.
std::optional<TokenId> end_of_document(const Tokenizer& tokenizer);

/// The ids of documents, one after another, each followed by the id that ends one: `<|endoftext|>` or its like where
/// the tokenizer has it, else a newline's. Without a tokenizer ids are bytes. Mapped from a file in the encoding's
/// folder that is made once and found again as long as the encoding and the files' names, sizes, times, first and last
/// bytes are the same.
class IdFile {
public:
    /// Encodes what was not encoded before. Throws INVALID_DATA where a file cannot be read or more records are damaged
    /// than may be, and what the file writer throws where the folder cannot be written.
    IdFile(std::span<const FoundFile> files, const Encoding& encoding);

    /// Returns the number of ids.
    std::uint64_t size() const;
    /// Returns the number of damaged records that were passed over.
    std::uint64_t damaged_records() const { return damaged_records_; }
    /// Fills `out` with the ids from `start` on. Throws OUT_OF_RANGE for what is not there, and INVALID_DATA where the
    /// file holds an id that is none.
    void read(std::uint64_t start, std::span<std::int32_t> out) const;

private:
    std::size_t vocabulary_, width_;  // width: the bytes of an id: 1, 2 or 4
    std::filesystem::path path_;
    MappedFile ids_;
    std::uint64_t damaged_records_ = 0;
};

}  // namespace podium::data
