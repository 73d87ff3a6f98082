#include <fmt/format.h>

#include "podium/base/error.h"
#include "podium/tokenizers/word_model.h"

namespace podium {

Vocabulary::Vocabulary(std::vector<std::string> tokens_by_id) : tokens(std::move(tokens_by_id)) {
    for (const auto& token : tokens)
        if (!ids.emplace(token, static_cast<TokenId>(ids.size())).second)
            fail(Code::INVALID_DATA, "the token \"{}\" is there twice", token);
}

TokenId Vocabulary::find(std::string_view token) const {
    const auto found = ids.find(token);
    return found == ids.end() ? -1 : found->second;
}

bool Vocabulary::append_bytes(std::string_view text, std::vector<TokenId>& ids_of_bytes) const {
    const auto before = ids_of_bytes.size();
    for (const char byte : text) {
        ids_of_bytes.push_back(find(fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte))));
        if (ids_of_bytes.back() >= 0) continue;
        ids_of_bytes.resize(before);
        return false;
    }
    return true;
}

}  // namespace podium
