#include "podium/tokenizers/vocabulary_json.h"

#include <unordered_map>

#include "podium/base/error.h"

namespace podium::tokenizer_json {
namespace {

/// Returns the two halves of a merge: ["a", "b"], or "a b" as older files have it.
std::pair<std::string, std::string> halves_of(const json& merge) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
        return {merge[0].get<std::string>(), merge[1].get<std::string>()};
    if (merge.is_string()) {
        const auto& text = merge.get_ref<const std::string&>();
        const auto space = text.find(' ');
        if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos)
            return {text.substr(0, space), text.substr(space + 1)};
    }
    fail(Code::INVALID_DATA, "the merge {} is not one of two tokens", quoted(merge));
}

AddedToken added_token_in(const json& fields) {
    if (!fields.is_object()) fail(Code::INVALID_DATA, "an added token is no object, but {}", quoted(fields));
    AddedToken token{.content = text_in(fields, "content"),
                     .special = flag_in(fields, "special", false),
                     .normalized = flag_in(fields, "normalized", false),
                     .single_word = flag_in(fields, "single_word", false),
                     .strip_left = flag_in(fields, "lstrip", false),
                     .strip_right = flag_in(fields, "rstrip", false)};
    token.id = id_of(member(fields, "id"), token.content);
    return token;
}

}  // namespace

std::vector<std::string> tokens_in(const json& vocabulary) {
    std::vector<std::string> tokens(vocabulary.size());
    for (const auto& [token, value] : vocabulary.items()) {
        const auto id = static_cast<std::size_t>(id_of(value, token));
        if (id >= tokens.size())
            fail(Code::INVALID_DATA, "the token \"{}\" has the id {}, but {} tokens have those from 0 to {}", token, id,
                 tokens.size(), tokens.size() - 1);
        if (token.empty() || !tokens[id].empty())
            fail(Code::INVALID_DATA, "the id {} belongs to \"{}\" and \"{}\"", id, tokens[id], token);
        tokens[id] = token;
    }
    return tokens;
}

void expect_plain_bpe(const json& model) {
    if (const auto& dropout = member(model, "dropout"); !dropout.is_null() && dropout != 0)
        fail(Code::UNIMPLEMENTED, "dropout is {}, and only null is read", quoted(dropout));
    for (const auto* name : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (const auto& affix = member(model, name); !affix.is_string() || !affix.get_ref<const std::string&>().empty())
            expect_null(model, name);
}

std::vector<TokenMerge> merges_in(const json& model, const std::vector<std::string>& tokens) {
    std::unordered_map<std::string_view, TokenId> ids;
    for (const auto& token : tokens) ids.emplace(token, static_cast<TokenId>(ids.size()));
    std::vector<TokenMerge> merges;
    for (const auto& each : list_in(model, "merges")) {
        const auto [left, right] = halves_of(each);
        const auto id = [&, &merge = each](const std::string& token) {
            const auto found = ids.find(token);
            if (found == ids.end())
                fail(Code::INVALID_DATA, "the merge {} needs the token \"{}\", which there is not", quoted(merge),
                     token);
            return found->second;
        };
        merges.push_back({id(left), id(right), id(left + right)});
    }
    return merges;
}

std::vector<AddedToken> added_tokens_in(const json& file) {
    std::vector<AddedToken> tokens;
    if (member(file, "added_tokens").is_null()) return tokens;
    for (const auto& each : list_in(file, "added_tokens")) tokens.push_back(added_token_in(each));
    return tokens;
}

}  // namespace podium::tokenizer_json
