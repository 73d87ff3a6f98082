#include "podium/tokenizers/merge_table.h"

#include <bit>

namespace podium {

MergeTable::MergeTable(std::span<const TokenMerge> merges)
    : entries_(std::bit_ceil(2 * merges.size() + 2)), shift_(64 - std::countr_zero(entries_.size())) {
    std::uint32_t rank = 0;
    for (const auto& merge : merges) {
        const auto pair = pair_of(merge.left, merge.right);
        entries_[slot_of(pair)] = {pair, rank++, merge.result};
    }
}

}  // namespace podium
