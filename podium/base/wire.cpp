#include "podium/base/wire.h"

#include <bit>
#include <cstring>

#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::uint64_t VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5;

template <class T>
void append(std::string& text, T bits) {
    text.append(reinterpret_cast<const char*>(&bits), sizeof bits);
}

/// Takes values off the front of a message.
class Cursor {
public:
    explicit Cursor(std::string_view rest, std::size_t at = 0) : rest_(rest), at_(at) {}
    bool done() const { return rest_.empty(); }
    std::size_t at() const { return at_; }
    std::string_view take(std::uint64_t size) {
        if (size > rest_.size())
            fail(Code::INVALID_DATA,
                 "protobuf: the message is cut short: at byte {}, {} bytes are wanted and {} are there", at_, size,
                 rest_.size());
        const auto head = rest_.substr(0, size);
        rest_.remove_prefix(size);
        at_ += size;
        return head;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1)[0]);
            value |= static_cast<std::uint64_t>(byte & 127) << shift;
            if (byte < 128) return value;
        }
        fail(Code::INVALID_DATA, "protobuf: the number that ends at byte {} has more than ten bytes", at_);
    }
    template <class T>
    std::uint64_t fixed() {
        T value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

private:
    std::string_view rest_;
    std::size_t at_;
};

}  // namespace

void WireWriter::varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) text_ += static_cast<char>(value | 128);
    text_ += static_cast<char>(value);
}

WireWriter& WireWriter::integer(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3 | VARINT);
    varint(static_cast<std::uint64_t>(value));
    return *this;
}

WireWriter& WireWriter::floating(int field, float value) {
    varint(static_cast<std::uint64_t>(field) << 3 | FIXED_32);
    append(text_, std::bit_cast<std::uint32_t>(value));
    return *this;
}

WireWriter& WireWriter::floating(int field, double value) {
    varint(static_cast<std::uint64_t>(field) << 3 | FIXED_64);
    append(text_, std::bit_cast<std::uint64_t>(value));
    return *this;
}

WireWriter& WireWriter::bytes(int field, std::string_view value) {
    varint(static_cast<std::uint64_t>(field) << 3 | BYTES);
    varint(value.size());
    text_ += value;
    return *this;
}

void read_fields(std::string_view message, const std::function<void(const WireField&)>& visit, std::size_t base) {
    Cursor cursor(message, base);
    while (!cursor.done()) {
        const auto tag = cursor.varint();
        WireField field{.field = static_cast<int>(tag >> 3), .at = cursor.at()};
        switch (tag & 7) {
            case VARINT: field.number = cursor.varint(); break;
            case FIXED_64: field.number = cursor.fixed<std::uint64_t>(); break;
            case BYTES: {
                const auto size = cursor.varint();
                field.at = cursor.at();
                field.bytes = cursor.take(size);
                break;
            }
            case FIXED_32: field.number = cursor.fixed<std::uint32_t>(); break;
            default:
                fail(Code::INVALID_DATA, "protobuf: at byte {}, field {} has unknown wire type {}", field.at,
                     field.field, tag & 7);
        }
        visit(field);
    }
}

void read_numbers(const WireField& field, const std::function<void(std::int64_t)>& visit) {
    if (field.bytes.data() == nullptr) return visit(static_cast<std::int64_t>(field.number));
    for (Cursor cursor(field.bytes); !cursor.done();) visit(static_cast<std::int64_t>(cursor.varint()));
}

}  // namespace podium
