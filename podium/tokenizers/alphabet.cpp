#include "podium/tokenizers/alphabet.h"

#include <array>

namespace podium {
namespace {

constexpr unsigned TWO_BYTES_BEGIN = 0x80, TWO_BYTES_END = 0x800;

/// Printable Latin-1 stands for itself; the other bytes follow from U+0100 on, in order.
constexpr bool stands_for_itself(unsigned byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<std::array<char, 2>, 256> spellings{};
    std::array<unsigned char, 256> lengths{};
    std::array<short, 512> bytes{};  // by character; -1 where it stands for none

    constexpr Alphabet() {
        bytes.fill(-1);
        unsigned next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const unsigned character = stands_for_itself(byte) ? byte : next++;
            bytes[character] = static_cast<short>(byte);
            if (character < TWO_BYTES_BEGIN) {
                spellings[byte] = {static_cast<char>(character)};
                lengths[byte] = 1;
            } else {
                spellings[byte] = {static_cast<char>(0xC0 | character >> 6),
                                   static_cast<char>(0x80 | (character & 0x3F))};
                lengths[byte] = 2;
            }
        }
    }
};
constexpr Alphabet ALPHABET;

}  // namespace

std::string_view spelling_of_byte(unsigned char byte) {
    return {ALPHABET.spellings[byte].data(), ALPHABET.lengths[byte]};
}

std::string spell(std::string_view bytes) {
    std::string spelled;
    for (const char byte : bytes) spelled += spelling_of_byte(static_cast<unsigned char>(byte));
    return spelled;
}

std::optional<std::string> unspell(std::string_view spelled) {
    std::string bytes;
    for (std::size_t i = 0; i < spelled.size(); ++i) {
        unsigned character = static_cast<unsigned char>(spelled[i]);
        if (character >= TWO_BYTES_BEGIN) {
            const unsigned next = i + 1 < spelled.size() ? static_cast<unsigned char>(spelled[++i]) : 0;
            if (character >> 5 != 0x6 || next >> 6 != 0x2) return std::nullopt;
            character = (character & 0x1F) << 6 | (next & 0x3F);
            if (character < TWO_BYTES_BEGIN || character >= TWO_BYTES_END) return std::nullopt;
        }
        if (character >= ALPHABET.bytes.size() || ALPHABET.bytes[character] < 0) return std::nullopt;
        bytes.push_back(static_cast<char>(ALPHABET.bytes[character]));
    }
    return bytes;
}

}  // namespace podium
