#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "podium/data/byte_stream.h"
#include "podium/data/id_file.h"

namespace podium::data {

/// The tokens of documents, one after another; after the last comes the first. Bytes of whole files are read where they
/// lie, with a newline after each; a tokenizer's ids, and the texts of records, from an IdFile. Safe to read from many
/// threads.
class TokenRing {
public:
    /// Throws what ByteStream and IdFile throw.
    TokenRing(std::span<const FoundFile> files, const Encoding& encoding);

    /// Returns the number of tokens.
    std::uint64_t size() const;
    /// Fills `out` with the tokens from `start` on.
    void read(std::uint64_t start, std::span<std::int32_t> out) const;

private:
    std::variant<std::monostate, ByteStream, IdFile> source_;
};

}  // namespace podium::data
