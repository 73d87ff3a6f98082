#include "podium/tokenizers/added_tokens.h"

namespace podium {

void StringFinder::add(std::string_view text, TokenId id) {
    begins_[static_cast<unsigned char>(text.front())] = true;
    std::size_t node = 0;
    for (const char byte : text) {
        const auto [entry, is_new] = nodes_[node].next.try_emplace(static_cast<unsigned char>(byte), nodes_.size());
        node = entry->second;
        if (is_new) nodes_.emplace_back();
    }
    nodes_[node].id = id;
}

std::optional<StringFinder::Found> StringFinder::find(std::string_view text, std::size_t begin) const {
    if (nodes_[0].next.empty()) return std::nullopt;
    for (; begin < text.size(); ++begin) {
        if (!begins_[static_cast<unsigned char>(text[begin])]) continue;
        Found found{begin};
        std::size_t node = 0;
        for (std::size_t at = begin; at < text.size(); ++at) {
            const auto next = nodes_[node].next.find(static_cast<unsigned char>(text[at]));
            if (next == nodes_[node].next.end()) break;
            node = next->second;
            if (nodes_[node].id >= 0) found = {begin, at + 1 - begin, nodes_[node].id};
        }
        if (found.size != 0) return found;
    }
    return std::nullopt;
}

}  // namespace podium
