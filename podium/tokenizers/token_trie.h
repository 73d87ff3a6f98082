#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/tokenizers/merge_table.h"

namespace podium {

/// Strings with their numbers, found at a place of a text in as many steps as the longest has bytes.
class TokenTrie {
public:
    TokenTrie() = default;
    /// Of strings that are there twice the last counts; empty ones are never found.
    explicit TokenTrie(std::vector<std::pair<std::string_view, TokenId>> strings);

    /// Calls f(size, id) for each of the strings that `text` begins with, the shortest first.
    template <class F>
    void visit_prefixes(std::string_view text, const F& f) const {
        TokenId node = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            const auto* const edge = edges_.find(node, static_cast<unsigned char>(text[at]));
            if (edge == nullptr) return;
            node = edge->result;
            if (ids_[node] >= 0) f(at + 1, ids_[node]);
        }
    }

    /// The longest of the strings that `text` begins with: its size, 0 where there is none, and its number.
    struct Longest {
        std::size_t size = 0;
        TokenId id = -1;
    };
    Longest longest_prefix(std::string_view text) const {
        Longest found;
        visit_prefixes(text, [&](std::size_t size, TokenId id) { found = {size, id}; });
        return found;
    }

private:
    MergeTable edges_;              // from a node, by a byte, to the next one
    std::vector<TokenId> ids_{-1};  // by node: the string that ends there
};

}  // namespace podium
