#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace podium {

using TokenId = std::int32_t;

/// Two tokens side by side become one.
struct TokenMerge {
    TokenId left = 0, right = 0, result = 0;

    friend bool operator==(const TokenMerge&, const TokenMerge&) = default;
};

/// Merges by their pair, with their ranks: those that stand first are made first.
class MergeTable {
public:
    struct Entry {
        std::uint64_t pair = EMPTY;
        std::uint32_t rank = 0;
        TokenId result = 0;
    };

    MergeTable() : MergeTable(std::span<const TokenMerge>()) {}
    /// `merges` by rank; of two of one pair the later counts.
    explicit MergeTable(std::span<const TokenMerge> merges);

    /// Returns the merge of that pair, or null.
    const Entry* find(TokenId left, TokenId right) const {
        const Entry& entry = entries_[slot_of(pair_of(left, right))];
        return entry.pair == EMPTY ? nullptr : &entry;
    }

private:
    static constexpr std::uint64_t EMPTY = ~std::uint64_t{0};  // no pair: tokens are not negative

    static std::uint64_t pair_of(TokenId left, TokenId right) {
        return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
    }
    /// Returns where the pair stands, or would.
    std::size_t slot_of(std::uint64_t pair) const {
        auto slot = (pair * 0x9E3779B97F4A7C15U) >> shift_;
        while (entries_[slot].pair != pair && entries_[slot].pair != EMPTY) slot = (slot + 1) & (entries_.size() - 1);
        return slot;
    }

    std::vector<Entry> entries_;  // open addressing; at most half full
    int shift_ = 0;
};

}  // namespace podium
