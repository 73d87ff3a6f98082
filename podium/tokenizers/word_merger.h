#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "podium/tokenizers/merge_table.h"

namespace podium {

/// Merges the bytes of one word after the other; keeps its memory between them.
class WordMerger {
public:
    using ByteIds = std::array<TokenId, 256>;

    /// Both must outlive this.
    WordMerger(const ByteIds& bytes, const MergeTable& merges) : bytes_(bytes), merges_(merges) {}

    /// Appends the tokens of `word`: of all merges that can be made, the one of the lowest rank is made, of these the
    /// leftmost, until there is none. Takes n log n for n bytes.
    /// Source: Sennrich et al. 2016, arXiv:1508.07909, Algorithm 1.
    void append_tokens(std::string_view word, std::vector<TokenId>& tokens);

private:
    struct Symbol {
        TokenId id;
        std::int64_t previous, next;  // -1 and the number of symbols at the ends
    };
    struct Candidate {
        std::uint32_t rank;
        TokenId result;
        std::int64_t at;

        bool operator<(const Candidate& other) const {  // the heap's top is the largest
            return rank != other.rank ? rank > other.rank : at > other.at;
        }
    };

    /// Adds the merge of the symbols at `at` and `next`, where there is one.
    void consider(std::int64_t at, std::int64_t next);
    Candidate pop();
    void merge(const Candidate& candidate);

    const ByteIds& bytes_;
    const MergeTable& merges_;
    std::vector<Symbol> symbols_;
    std::vector<Candidate> heap_;
};

}  // namespace podium
