#include "podium/arrays/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "podium/arrays/foreign_bytes.h"
#include "podium/arrays/npy_bytes.h"
#include "podium/base/file.h"

namespace podium {
namespace {

static_assert(std::endian::native == std::endian::little, "npy and safetensors bytes are used as they are");

constexpr std::string_view MAGIC = "\x93NUMPY";
constexpr std::size_t NPY_HEADER_LIMIT_BYTES = 1 << 16;  // NumPy's own limit is 10,000
constexpr std::size_t NUMPY_RANK_LIMIT = 64;

struct Descr {
    DataType type;
    std::string_view code;
};
/// What NumPy has a name for; bf16 is spelled as ml_dtypes spells it.
constexpr auto DESCRS = std::to_array<Descr>({{DataType::BOOL, "|b1"},
                                              {DataType::INT8, "|i1"},
                                              {DataType::INT16, "<i2"},
                                              {DataType::INT32, "<i4"},
                                              {DataType::INT64, "<i8"},
                                              {DataType::UINT8, "|u1"},
                                              {DataType::UINT16, "<u2"},
                                              {DataType::UINT32, "<u4"},
                                              {DataType::UINT64, "<u8"},
                                              {DataType::FLOAT16, "<f2"},
                                              {DataType::BFLOAT16, "<V2"},
                                              {DataType::FLOAT32, "<f4"},
                                              {DataType::FLOAT64, "<f8"},
                                              {DataType::COMPLEX64, "<c8"},
                                              {DataType::COMPLEX128, "<c16"}});
/// The other types of one byte: ml_dtypes writes them all alike, so that a reader has to know which it is.
constexpr std::string_view NAMELESS = "|V1";

DataType type_of_descr(std::string_view descr) {
    for (const auto& row : DESCRS)
        if (row.code == descr || (descr.starts_with('|') && descr.substr(1) == "V2" && row.code == "<V2"))
            return row.type;
    if (descr.starts_with('>'))
        fail(Code::INVALID_DATA, "descr '{}' is big-endian; save it with .astype(a.dtype.newbyteorder('<'))", descr);
    if (descr == "<f1") return DataType::FLOAT8_E5M2;  // ml_dtypes writes it, and NumPy does not read it
    if (descr.ends_with("V1"))
        fail(Code::INVALID_DATA, "descr '{}' is one byte of an unnamed type; save it with .view('u1')", descr);
    fail(Code::INVALID_DATA, "descr '{}' is no element type that podium has", descr);
}

std::string_view descr_of_type(DataType type) {
    const auto* row = std::ranges::find(DESCRS, type, &Descr::type);
    return row == DESCRS.end() ? NAMELESS : row->code;
}

/// What the header's dictionary says.
struct NpyHeader {
    DataType type;
    bool fortran_order;
    Dims dims;
};

/// Reads the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class HeaderParser {
public:
    explicit HeaderParser(std::string_view text) : rest_(text) {}

    NpyHeader parse() {
        std::optional<DataType> type;
        std::optional<bool> fortran_order;
        std::optional<Dims> dims;
        expect('{');
        while (!accept('}')) {
            const auto key = string();
            expect(':');
            if (key == "descr" && !type)
                type = type_of_descr(string());
            else if (key == "fortran_order" && !fortran_order)
                fortran_order = boolean();
            else if (key == "shape" && !dims)
                dims = tuple();
            else
                fail(Code::INVALID_DATA, "the header has an unknown or second key '{}'", key);
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (!rest_.empty()) fail(Code::INVALID_DATA, "the header goes on after its dictionary");
        if (!type || !fortran_order || !dims)
            fail(Code::INVALID_DATA, "the header lacks one of descr, fortran_order, shape");
        return {*type, *fortran_order, std::move(*dims)};
    }

private:
    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }
    bool accept(char c) {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail(Code::INVALID_DATA, "the header should have '{}' before \"{}\"", c, rest_.substr(0, 20));
    }
    bool accept_word(std::string_view word) {
        skip_space();
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    std::string_view string() {
        const char quote = accept('"') ? '"' : (expect('\''), '\'');
        const auto end = rest_.find(quote);
        if (end == rest_.npos) fail(Code::INVALID_DATA, "a string in the header has no end");
        const auto text = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return text;
    }
    bool boolean() {
        if (accept_word("True")) return true;
        if (accept_word("False")) return false;
        fail(Code::INVALID_DATA, "fortran_order is neither True nor False");
    }
    Dims tuple() {
        Dims dims;
        expect('(');
        while (!accept(')')) {
            skip_space();
            std::int64_t dim = 0;
            const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), dim);
            if (error != std::errc()) fail(Code::INVALID_DATA, "a dimension in the header is no number");
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
            dims.push_back(dim);
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return dims;
    }

    std::string_view rest_;
};

/// Returns a row-major copy of column-major bytes.
HostArray from_column_major(const Shape& shape, const std::byte* data) {
    HostArray array(shape);
    const auto element = size_bytes(shape.type);
    Dims index(shape.dims.size(), 0);
    for (std::size_t to = 0; to < array.size_bytes(); to += element) {
        std::int64_t from = 0;
        for (std::size_t i = index.size(); i-- > 0;) from = from * shape.dims[i] + index[i];
        std::memcpy(array.mutable_data() + to, data + static_cast<std::size_t>(from) * element, element);
        for (std::size_t i = index.size(); i-- > 0;) {
            if (++index[i] < shape.dims[i]) break;
            index[i] = 0;
        }
    }
    return array;
}

}  // namespace

bool is_nameless(DataType type) { return descr_of_type(type) == NAMELESS; }

HostArray npy_of(std::string_view text, const std::shared_ptr<const void>& owner) {
    if (!text.starts_with(MAGIC) || text.size() < 12) fail(Code::INVALID_DATA, "this is no .npy file");
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
    const auto version = byte(6);
    if (version < 1 || version > 3) fail(Code::INVALID_DATA, "version {}.{} is not 1.0, 2.0 or 3.0", version, byte(7));
    const std::size_t start = version == 1 ? 10 : 12;
    const std::size_t length = version == 1 ? byte(8) | byte(9) << 8  // little-endian
                                            : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
    if (length > NPY_HEADER_LIMIT_BYTES || length > text.size() - start)
        fail(Code::INVALID_DATA, "the header's length of {} bytes is beyond the file or {}", length,
             NPY_HEADER_LIMIT_BYTES);
    NpyHeader header = HeaderParser(text.substr(start, length)).parse();
    const auto size = checked_size_bytes(header.type, header.dims);
    const std::size_t available = text.size() - start - length;
    Shape shape(header.type, std::move(header.dims));
    if (!size) fail(Code::INVALID_DATA, "no array can have the shape {}", to_string(shape));
    if (*size != available)
        fail(Code::INVALID_DATA, "{} takes {} bytes, the file has {}", to_string(shape), *size, available);
    auto array = array_over(std::move(shape), std::as_bytes(std::span(text)).data() + start + length, owner);
    return header.fortran_order && array.shape().rank() > 1 ? from_column_major(array.shape(), array.data()) : array;
}

HostArray read_npy(const std::filesystem::path& path) {
    const MappedFile file(path);
    try {
        return npy_of(file.text(), file.owner());
    } catch (const Error& error) {
        fail(error.code(), "cannot read {}: {}", path.string(), error.message());
    }
}

void write_npy(const std::filesystem::path& path, const HostArray& array) {
    const auto& shape = array.shape();
    if (shape.dims.size() > NUMPY_RANK_LIMIT)
        fail(Code::INVALID_ARGUMENT, "cannot write {}: NumPy arrays have at most {} dimensions, this one {}",
             path.string(), NUMPY_RANK_LIMIT, shape.dims.size());
    const auto descr = descr_of_type(shape.type);
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr,
                                     join(shape.dims, ", "), shape.dims.size() == 1 ? "," : "");
    const std::size_t before = MAGIC.size() + 4;                     // version and length
    header.append(63 - (before + header.size()) % 64, ' ') += '\n';  // the data starts at a multiple of 64
    write_atomically(path, [&](FileWriter& file) {
        const std::array<char, 4> version_and_length{1, 0, static_cast<char>(header.size() & 0xFF),
                                                     static_cast<char>(header.size() >> 8)};
        file.write(MAGIC);
        file.write(std::string_view(version_and_length.data(), version_and_length.size()));
        file.write(header);
        file.write(std::span(array.data(), array.size_bytes()));
    });
}

}  // namespace podium
