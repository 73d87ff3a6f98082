#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace podium {

/// What a part of a device's memory is for.
enum class MemoryTag : std::uint8_t {
    PARAMETERS,
    GRADIENTS,
    OPTIMIZER_STATE,
    ACTIVATIONS,  ///< made by the forward pass and kept for the backward pass
    TEMPORARIES,  ///< made and used within one of them
    CODE,         ///< of the compiled program
    PADDING,      ///< between blocks, and what layouts add
    OTHER,        ///< batch, key, results
};
constexpr std::array<std::string_view, 8> MEMORY_TAG_NAMES{"PARAMETERS",  "GRADIENTS", "OPTIMIZER_STATE", "ACTIVATIONS",
                                                           "TEMPORARIES", "CODE",      "PADDING",         "OTHER"};
constexpr std::string_view name(MemoryTag tag) { return MEMORY_TAG_NAMES[static_cast<std::size_t>(tag)]; }

/// Bytes by tag.
class TaggedBytes {
public:
    std::int64_t& operator[](MemoryTag tag) { return bytes_[static_cast<std::size_t>(tag)]; }
    std::int64_t operator[](MemoryTag tag) const { return bytes_[static_cast<std::size_t>(tag)]; }
    std::int64_t sum() const {
        std::int64_t sum = 0;
        for (const auto bytes : bytes_) sum += bytes;
        return sum;
    }

private:
    std::array<std::int64_t, MEMORY_TAG_NAMES.size()> bytes_{};
};

}  // namespace podium
