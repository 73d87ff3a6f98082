#include "podium/data/token_ring.h"

#include <algorithm>
#include <vector>

#include "podium/base/error.h"

namespace podium::data {

TokenRing::TokenRing(std::span<const FoundFile> files, const Encoding& encoding) {
    if (files.empty()) return;
    if (encoding.tokenizer || std::ranges::any_of(files, has_records))
        source_.emplace<IdFile>(files, encoding);
    else
        source_.emplace<ByteStream>(std::vector(files.begin(), files.end()));
}

std::uint64_t TokenRing::size() const {
    if (const auto* ids = std::get_if<IdFile>(&source_)) return ids->size();
    const auto* bytes = std::get_if<ByteStream>(&source_);
    return bytes == nullptr ? 0 : bytes->size_bytes();
}

void TokenRing::read(std::uint64_t start, std::span<std::int32_t> out) const {
    if (size() == 0) fail(Code::OUT_OF_RANGE, "data: asked for {} tokens of no text", out.size());
    if (const auto* bytes = std::get_if<ByteStream>(&source_)) {
        std::vector<std::uint8_t> read(out.size());
        bytes->read(start, read);
        std::ranges::copy(read, out.begin());
        return;
    }
    const auto& ids = std::get<IdFile>(source_);
    for (start %= size(); !out.empty(); start = 0) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size() - start));
        ids.read(start, out.first(count));
        out = out.subspan(count);
    }
}

}  // namespace podium::data
