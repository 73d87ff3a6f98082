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
    bool normalized = false;  // looked for after those that are not

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

}  // namespace podium
