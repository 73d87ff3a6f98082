#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "podium/tokenizers/merge_table.h"

namespace podium {

/// A token that is found in the text before all else, and never merged with what is beside it.
struct AddedToken {
    TokenId id = 0;
    std::string content;
    bool special = true;
    bool normalized = false;                       // looked for after those that are not, in normalized text
    bool single_word = false;                      // not inside of a word
    bool strip_left = false, strip_right = false;  // white space beside it belongs to it

    friend bool operator==(const AddedToken&, const AddedToken&) = default;
};

/// Finds any of a set of strings. Takes no longer than the length of the text times that of the longest string.
class StringFinder {
public:
    struct Found {
        std::size_t begin = 0, size = 0;
        TokenId id = 0;
    };

    /// Adds a string that is not empty.
    void add(std::string_view text, TokenId id);
    /// Returns the first occurrence from `begin` on; of several at one place the longest.
    std::optional<Found> find(std::string_view text, std::size_t begin) const;

private:
    struct Node {
        std::unordered_map<unsigned char, std::size_t> next;
        TokenId id = -1;  // of the string that ends here
    };

    std::array<bool, 256> begins_{};  // by byte: whether a string begins with it
    std::vector<Node> nodes_{1};
};

/// Finds added tokens in texts.
class AddedTokenFinder {
public:
    /// Adds a token that is spelled so in the texts; `spelling` is not empty.
    void add(std::string_view spelling, const AddedToken& token);

    /// Calls on_text for each part of the text that is no token and on_token for each token's id, in their order.
    template <class OnText, class OnToken>
    void split(std::string_view text, const OnText& on_text, const OnToken& on_token) const {
        std::size_t end = 0;
        for (auto place = next(text, 0, 0); place; place = next(text, place->search, end)) {
            if (place->begin > end) on_text(text.substr(end, place->begin - end));
            on_token(place->id);
            end = place->end;
        }
        if (end < text.size()) on_text(text.substr(end));
    }

private:
    struct Place {
        std::size_t begin, end, search;  // where to look for the one behind it
        TokenId id;
    };
    /// Returns the next token from `from` on; what ends at `done` belongs to another one.
    std::optional<Place> next(std::string_view text, std::size_t from, std::size_t done) const;

    StringFinder finder_;  // of places in `tokens_`
    std::vector<AddedToken> tokens_;
};

}  // namespace podium
