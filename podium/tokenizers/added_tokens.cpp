#include "podium/tokenizers/added_tokens.h"

#include <algorithm>

#include "podium/tokenizers/characters.h"

namespace podium {
namespace {

/// Returns where the last character before `end` > 0 begins.
std::size_t before_character(std::string_view text, std::size_t end) {
    constexpr unsigned CONTINUES = 0x80, CONTINUES_MASK = 0xC0;
    std::size_t at = end - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & CONTINUES_MASK) == CONTINUES) --at;
    return at;
}

bool is_inside_word(std::string_view text, std::size_t begin, std::size_t end) {
    return (begin > 0 && is_word(character_at(text, before_character(text, begin)).code)) ||
           (end < text.size() && is_word(character_at(text, end).code));
}

std::size_t white_begin(std::string_view text, std::size_t end) {
    while (end > 0 && is_white_space(character_at(text, before_character(text, end)).code))
        end = before_character(text, end);
    return end;
}

std::size_t white_end(std::string_view text, std::size_t begin) {
    while (begin < text.size() && is_white_space(character_at(text, begin).code))
        begin += character_at(text, begin).size;
    return begin;
}

}  // namespace

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

void AddedTokenFinder::add(std::string_view spelling, const AddedToken& token) {
    finder_.add(spelling, static_cast<TokenId>(tokens_.size()));
    tokens_.push_back(token);
}

std::optional<AddedTokenFinder::Place> AddedTokenFinder::next(std::string_view text, std::size_t from,
                                                              std::size_t done) const {
    while (const auto found = finder_.find(text, from)) {
        const auto& token = tokens_[found->id];
        Place place{found->begin, found->begin + found->size, 0, token.id};
        from = place.end;
        if (token.single_word && is_inside_word(text, place.begin, place.end)) continue;
        if (token.strip_left) place.begin = std::max(white_begin(text, place.begin), done);
        if (token.strip_right) place.end = white_end(text, place.end);
        place.search = place.end;
        return place;
    }
    return std::nullopt;
}

}  // namespace podium
