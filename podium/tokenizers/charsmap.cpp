#include "podium/tokenizers/charsmap.h"

#include <array>
#include <cstring>

#include "podium/base/error.h"
#include "podium/tokenizers/characters.h"

namespace podium {
namespace {

constexpr std::size_t MOST_CLUSTER_BYTES = 5;  // longer clusters are looked up character by character

std::string from_base64(std::string_view text) {
    constexpr std::string_view DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr unsigned DIGIT_BITS = 6, BYTE_BITS = 8;
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text.substr(0, text.find_last_not_of('=') + 1)) {
        const auto digit = DIGITS.find(c);
        if (digit == std::string_view::npos) fail(Code::INVALID_DATA, "precompiled_charsmap is no base64");
        bits = bits << DIGIT_BITS | static_cast<std::uint32_t>(digit);
        count += DIGIT_BITS;
        if (count < BYTE_BITS) continue;
        count -= BYTE_BITS;
        bytes.push_back(static_cast<char>(bits >> count));
    }
    return bytes;
}

// A unit of the double array. Source: https://github.com/s-yata/darts-clone, darts.h, DoubleArrayUnit.
constexpr std::uint32_t LABEL_MASK = (1U << 31) | 0xFF, VALUE_MASK = (1U << 31) - 1;
bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

}  // namespace

Charsmap::Charsmap(std::string_view base64) {
    const auto bytes = from_base64(base64);
    std::uint32_t size = 0;
    if (bytes.size() >= sizeof(size)) std::memcpy(&size, bytes.data(), sizeof(size));
    if (size == 0 || size % sizeof(std::uint32_t) != 0 || size > bytes.size() - sizeof(size))
        fail(Code::INVALID_DATA, "precompiled_charsmap has {} bytes, which hold no table of {}", bytes.size(), size);
    units_.resize(size / sizeof(std::uint32_t));
    std::memcpy(units_.data(), bytes.data() + sizeof(size), size);
    strings_ = bytes.substr(sizeof(size) + size);
    strings_.push_back('\0');
}

const char* Charsmap::find(std::string_view text) const {
    std::size_t node = offset_of(units_[0]);
    for (const char c : text) {
        node ^= static_cast<unsigned char>(c);
        if (c == '\0' || node >= units_.size()) return nullptr;
        const auto unit = units_[node];
        if ((unit & LABEL_MASK) != static_cast<unsigned char>(c)) return nullptr;
        node ^= offset_of(unit);
        if (!has_leaf(unit)) continue;
        const std::size_t value = node < units_.size() ? units_[node] & VALUE_MASK : strings_.size();
        return value < strings_.size() ? strings_.c_str() + value : nullptr;
    }
    return nullptr;
}

std::string Charsmap::normalized(std::string_view text) const {
    std::string result;
    std::size_t begin = 0;
    for (const auto end : grapheme_ends(text)) {
        const auto cluster = text.substr(begin, end - begin);
        begin = end;
        if (const char* found = cluster.size() <= MOST_CLUSTER_BYTES ? find(cluster) : nullptr; found != nullptr) {
            result += found;
            continue;
        }
        for (std::size_t at = 0; at < cluster.size();) {
            const auto character = cluster.substr(at, character_at(cluster, at).size);
            at += character.size();
            if (const char* found = find(character); found != nullptr)
                result += found;
            else
                result += character;
        }
    }
    return result;
}

}  // namespace podium
