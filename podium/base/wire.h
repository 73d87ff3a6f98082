#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace podium {

/// Writes one message in protobuf's wire format. Source: Protocol Buffers, Encoding.
class WireWriter {
public:
    /// Each adds field number `field`. Integers, booleans and enumerations are varints.
    WireWriter& integer(int field, std::int64_t value);
    WireWriter& floating(int field, float value);
    WireWriter& floating(int field, double value);
    WireWriter& bytes(int field, std::string_view value);
    WireWriter& message(int field, const WireWriter& value) { return bytes(field, value.text_); }
    const std::string& text() const { return text_; }

private:
    void varint(std::uint64_t value);

    std::string text_;
};

/// One field as it stands in a message: `number` of a varint or fixed field, `bytes` of a string or message.
struct WireField {
    int field = 0;
    std::uint64_t number = 0;
    std::string_view bytes;
    std::size_t at = 0;  ///< where `bytes`, or else the number, begins
};

/// Calls `visit` with each field of `message`, in order; throws INVALID_DATA, naming the byte, where it is cut short.
/// `base` is where the message begins in what holds it: places count from there.
void read_fields(std::string_view message, const std::function<void(const WireField&)>& visit, std::size_t base = 0);

/// Calls `visit` with each number of a repeated integer field, packed or not.
void read_numbers(const WireField& field, const std::function<void(std::int64_t)>& visit);

}  // namespace podium
