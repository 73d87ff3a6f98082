#include "podium/data/id_file.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "podium/base/error.h"
#include "podium/base/log.h"
#include "podium/data/byte_stream.h"

namespace podium::data {
namespace {

namespace fs = std::filesystem;

/// Text is encoded in pieces of about so much, so that ids take little memory.
constexpr std::size_t PIECE_BYTES = std::size_t{1} << 20;
constexpr std::array<std::string_view, 5> END_OF_DOCUMENT{"<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[SEP]"};

/// What stands behind the ids.
struct Trailer {
    std::array<char, 8> magic{'p', 'o', 'd', 'i', 'u', 'm', 'i', '1'};
    std::uint64_t damaged_records = 0;
};

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Returns the id that stands behind each document.
TokenId behind_documents(const Tokenizer* tokenizer) {
    if (tokenizer == nullptr) return '\n';
    const auto end = end_of_document(*tokenizer);
    if (end) return *end;
    const auto newline = tokenizer->encode("\n");
    if (newline.empty())
        fail(Code::INVALID_ARGUMENT,
             "data: the tokenizer has neither a token that ends a document ({}) nor one for a newline",
             fmt::join(END_OF_DOCUMENT, ", "));
    return newline.back();
}

/// True if the tokenizer's words and added tokens never reach from a visible character over a newline, and what comes
/// after a cut gets no space of its own.
bool cuts_at_newlines(const Tokenizer& tokenizer) {
    const auto& parts = tokenizer.parts();
    return tokenizer.is_byte_level() && !parts.add_prefix_space &&
           std::ranges::none_of(parts.added,
                                [](const AddedToken& added) { return std::ranges::any_of(added.content, is_blank); });
}

/// Returns the length of a text's first piece.
std::size_t piece(std::string_view text) {
    for (std::size_t at = PIECE_BYTES; at < text.size(); ++at)
        if (text[at] == '\n' && text[at - 1] > ' ' && text[at - 1] < '\x7f') return at;
    return text.size();
}

/// Writes the ids of files, each of `width` bytes, little-endian as all machines that podium runs on.
class IdWriter {
public:
    IdWriter(FileWriter& out, const Encoding& encoding, std::size_t width)
        : out_(out),
          encoding_(encoding),
          width_(width),
          end_(behind_documents(encoding.tokenizer.get())),
          cuts_(encoding.tokenizer && cuts_at_newlines(*encoding.tokenizer)) {}

    void write(std::span<const FoundFile> files) {
        for (const auto& file : files) all_ += file.size_bytes;
        Damage damage;
        for (const auto& file : files)
            for_each_document(file, encoding_.records, damage, [&](std::string_view text) { document(text); });
        if (damage.records > 0)
            logger().warn("data: passed over {} damaged record{}; the first is {}", damage.records,
                          damage.records == 1 ? "" : "s", damage.first);
        flush();
        done_ = all_;
        tell();
        const Trailer trailer{.damaged_records = damage.records};
        out_.write(std::as_bytes(std::span(&trailer, 1)));
    }

private:
    void document(std::string_view text) {
        while (!text.empty()) {
            const auto part = text.substr(0, cuts_ ? piece(text) : text.size());
            text.remove_prefix(part.size());
            if (encoding_.tokenizer)
                add(encoding_.tokenizer->encode(part));
            else
                waiting_ += part;
            if (waiting_.size() >= PIECE_BYTES) flush();
            done_ += part.size();
            tell();
        }
        add(std::span(&end_, 1));
    }

    void add(std::span<const TokenId> ids) {
        for (const auto id : ids) waiting_.append(reinterpret_cast<const char*>(&id), width_);
    }

    void flush() {
        out_.write(waiting_);
        waiting_.clear();
    }

    void tell() const {
        if (encoding_.progress) encoding_.progress(done_, all_);
    }

    FileWriter& out_;
    const Encoding& encoding_;
    std::size_t width_;
    TokenId end_;
    bool cuts_;
    std::uint64_t done_ = 0, all_ = 0;
    std::string waiting_;
};

/// Returns where these ids lie, or will.
fs::path path_of(std::span<const FoundFile> files, const Encoding& encoding) {
    if (encoding.folder.empty())
        fail(Code::FAILED_PRECONDITION, "data: no place for tokens: neither XDG_CACHE_HOME nor HOME is set; set one");
    std::string key = encoding.tokenizer ? to_tokenizer_json(*encoding.tokenizer) : "bytes";
    key += '\n' + encoding.records.field + '\n';
    const auto add = [&](auto number) { key.append(reinterpret_cast<const char*>(&number), sizeof(number)); };
    add(fingerprint(files));
    for (const auto& file : files) add(fs::last_write_time(file.path).time_since_epoch().count());
    const auto hash = XXH3_128bits(key.data(), key.size());
    return encoding.folder / fmt::format("{:016x}{:016x}.ids", hash.high64, hash.low64);
}

/// Returns the trailer; nothing where there is none.
std::optional<Trailer> trailer_of(std::span<const std::byte> bytes) {
    Trailer trailer;
    if (bytes.size() < sizeof(trailer)) return std::nullopt;
    std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof(trailer), sizeof(trailer));
    return trailer.magic == Trailer().magic ? std::optional(trailer) : std::nullopt;
}

/// Returns the ids at `path`, encoded now unless they were before.
MappedFile mapped(const fs::path& path, std::span<const FoundFile> files, const Encoding& encoding, std::size_t width) {
    if (fs::exists(path))
        if (MappedFile found(path); trailer_of(found.bytes())) return found;
    make_directories(encoding.folder);
    write_atomically(path, [&](FileWriter& out) { IdWriter(out, encoding, width).write(files); });
    return MappedFile(path);
}

std::size_t width_of(std::size_t vocabulary) {
    if (vocabulary <= 256) return 1;
    return vocabulary <= std::size_t{1} << 16 ? 2 : 4;
}

}  // namespace

std::optional<TokenId> end_of_document(const Tokenizer& tokenizer) {
    for (const auto name : END_OF_DOCUMENT)
        for (const auto& added : tokenizer.parts().added)
            if (added.content == name) return added.id;
    return std::nullopt;
}

IdFile::IdFile(std::span<const FoundFile> files, const Encoding& encoding)
    : vocabulary_(encoding.tokenizer ? encoding.tokenizer->size() : 256),
      width_(width_of(vocabulary_)),
      path_(path_of(files, encoding)),
      ids_(mapped(path_, files, encoding, width_)),
      damaged_records_(trailer_of(ids_.bytes()).value_or(Trailer()).damaged_records) {
    if (damaged_records_ > encoding.records.damaged_records)
        fail(Code::INVALID_DATA, "data: {} records are damaged; data.damaged_records allows {}", damaged_records_,
             encoding.records.damaged_records);
}

std::uint64_t IdFile::size() const { return (ids_.bytes().size() - sizeof(Trailer)) / width_; }

void IdFile::read(std::uint64_t start, std::span<std::int32_t> out) const {
    if (start > size() || out.size() > size() - start)
        fail(Code::OUT_OF_RANGE, "data: asked for ids {} to {} of {}", start, start + out.size(), size());
    const auto* at = ids_.bytes().data() + start * width_;
    for (auto& id : out) {
        std::uint32_t value = 0;
        std::memcpy(&value, at, width_);
        if (value >= vocabulary_)
            fail(Code::INVALID_DATA, "data: '{}' is damaged; remove it, it is made again", path_.string());
        id = static_cast<std::int32_t>(value);
        at += width_;
    }
}

}  // namespace podium::data
