#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "podium/tokenizers/merge_table.h"

namespace podium {

/// Merges the bytes of one word after the other; keeps its memory between them.
class WordMerger {
public:
    using ByteIds = std::array<TokenId, 256>;

    /// The merges must outlive this.
    explicit WordMerger(const MergeTable& merges) : merges_(merges) {}

    /// Appends the tokens of `word`, whose bytes are the tokens `bytes`.
    void append_tokens(const ByteIds& bytes, std::string_view word, std::vector<TokenId>& tokens);
    /// Appends what becomes of `symbols`: of all merges that can be made, the one of the lowest rank is made, of these
    /// the leftmost, until there is none. Takes n log n for n symbols. Source: Sennrich et al. 2016, arXiv:1508.07909,
    /// Algorithm 1.
    void append_merged(std::span<const TokenId> symbols, std::vector<TokenId>& tokens);

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

    void begin();
    void push(TokenId symbol);
    /// Appends the merged symbols.
    void finish(std::vector<TokenId>& tokens);
    /// Adds the merge of the symbols at `at` and `next`, where there is one.
    void consider(std::int64_t at, std::int64_t next);
    Candidate pop();
    void merge(const Candidate& candidate);

    const MergeTable& merges_;
    std::vector<Symbol> symbols_;
    std::vector<Candidate> heap_;
};

}  // namespace podium
