#include "podium/tokenizers/token_trie.h"

#include <algorithm>

namespace podium {

TokenTrie::TokenTrie(std::vector<std::pair<std::string_view, TokenId>> strings) {
    std::ranges::stable_sort(strings, {}, [](const auto& each) { return each.first; });
    std::vector<TokenMerge> edges;
    std::vector<TokenId> path{0};  // the nodes along the string before
    std::string_view before;
    for (const auto& [text, id] : strings) {
        const auto common = std::ranges::mismatch(text, before).in1 - text.begin();
        path.resize(static_cast<std::size_t>(common) + 1);
        for (const char byte : text.substr(static_cast<std::size_t>(common))) {
            const auto node = static_cast<TokenId>(ids_.size());
            edges.push_back({path.back(), static_cast<unsigned char>(byte), node});
            ids_.push_back(-1);
            path.push_back(node);
        }
        if (!text.empty()) ids_[path.back()] = id;
        before = text;
    }
    edges_ = MergeTable(edges);
}

}  // namespace podium
