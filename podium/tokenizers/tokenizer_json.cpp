#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int DEPTH_LIMIT = 16;  // a tokenizer's parts are nested five deep
constexpr std::size_t QUOTED_SIZE = 80;

/// Returns the JSON text of `value`, shortened.
std::string quoted(const json& value) {
    auto text = value.dump(-1, ' ', true);
    if (text.size() > QUOTED_SIZE) text.replace(QUOTED_SIZE, std::string::npos, "…");
    return text;
}

json parse_json(std::string_view text) {
    const auto limit_depth = [](int depth, json::parse_event_t event, json&) {
        const bool opens = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
        if (opens && depth >= DEPTH_LIMIT) fail(Code::INVALID_DATA, "the JSON is nested too deep");
        return true;
    };
    try {
        return json::parse(text, limit_depth);
    } catch (const json::exception& error) {
        fail(Code::INVALID_DATA, "it is no JSON: {}", error.what());
    }
}

/// Returns a member of an object, null where it is absent.
const json& member(const json& object, const char* name) {
    static const json ABSENT;
    const auto found = object.find(name);
    return found == object.end() ? ABSENT : *found;
}

const json& object_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_object()) fail(Code::INVALID_DATA, "{} is no object, but {}", name, quoted(value));
    return value;
}

bool flag_in(const json& object, const char* name, bool absent) {
    const auto& value = member(object, name);
    if (value.is_null()) return absent;
    if (!value.is_boolean()) fail(Code::INVALID_DATA, "{} is neither true nor false, but {}", name, quoted(value));
    return value.get<bool>();
}

const std::string& text_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_string()) fail(Code::INVALID_DATA, "{} is no text, but {}", name, quoted(value));
    return value.get_ref<const std::string&>();
}

TokenId id_of(const json& value, std::string_view token) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<TokenId>::max())
        fail(Code::INVALID_DATA, "the token \"{}\" has the id {}, which is none", token, quoted(value));
    return value.get<TokenId>();
}

/// Throws UNIMPLEMENTED for a flag that would change the ids.
void expect_off(const json& object, const char* name, std::string_view where) {
    if (flag_in(object, name, false))
        fail(Code::UNIMPLEMENTED, "{} of {} is true, and only false is read", name, where);
}

void expect_null(const json& object, const char* name) {
    if (const auto& value = member(object, name); !value.is_null())
        fail(Code::UNIMPLEMENTED, "{} is {}, and only null is read", name, quoted(value));
}

/// Returns the object of that name, whose type has to be `type`.
const json& typed(const json& object, const char* name, std::string_view type) {
    const auto& value = member(object, name);
    const auto& found = value.is_object() ? member(value, "type") : value;
    if (!value.is_object() || found != type)
        fail(Code::UNIMPLEMENTED, "{} is {}, and only {} is read", name, quoted(found), type);
    return value;
}

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

std::vector<TokenMerge> merges_in(const json& list, const std::vector<std::string>& tokens) {
    if (!list.is_array()) fail(Code::INVALID_DATA, "merges is no list, but {}", quoted(list));
    std::unordered_map<std::string_view, TokenId> ids;
    for (const auto& token : tokens) ids.emplace(token, static_cast<TokenId>(ids.size()));
    std::vector<TokenMerge> merges;
    for (const auto& each : list) {
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

AddedToken added_token_in(const json& fields) {
    if (!fields.is_object()) fail(Code::INVALID_DATA, "an added token is no object, but {}", quoted(fields));
    AddedToken token{.content = text_in(fields, "content"),
                     .special = flag_in(fields, "special", false),
                     .normalized = flag_in(fields, "normalized", false)};
    token.id = id_of(member(fields, "id"), token.content);
    for (const auto* flag : {"single_word", "lstrip", "rstrip"})
        expect_off(fields, flag, fmt::format("the added token \"{}\"", token.content));
    return token;
}

/// The parts that the ids of a text hang on, and what of them is not read. Offsets and lengths do not.
TokenizerParts parts_in(const json& file) {
    if (!file.is_object()) fail(Code::INVALID_DATA, "it is no JSON object, but {}", quoted(file));
    if (const auto& version = member(file, "version"); version != "1.0")
        fail(Code::UNIMPLEMENTED, "version is {}, and only \"1.0\" is read", quoted(version));
    for (const auto* name : {"truncation", "padding", "normalizer"}) expect_null(file, name);
    if (!member(file, "post_processor").is_null()) typed(file, "post_processor", "ByteLevel");
    typed(file, "decoder", "ByteLevel");

    TokenizerParts parts;
    const auto& pre_tokenizer = typed(file, "pre_tokenizer", "ByteLevel");
    parts.add_prefix_space = flag_in(pre_tokenizer, "add_prefix_space", true);
    if (!flag_in(pre_tokenizer, "use_regex", true))
        fail(Code::UNIMPLEMENTED, "use_regex of the pre_tokenizer is false, and only true is read");

    const auto& model = object_in(file, "model");
    if (const bool is_of_2020 = model.contains("merges") && !model.contains("type"); !is_of_2020)
        typed(file, "model", "BPE");
    if (const auto& dropout = member(model, "dropout"); !dropout.is_null() && dropout != 0)
        fail(Code::UNIMPLEMENTED, "dropout is {}, and only null is read", quoted(dropout));
    for (const auto* name : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (const auto& affix = member(model, name); !affix.is_string() || !affix.get_ref<const std::string&>().empty())
            expect_null(model, name);
    for (const auto* name : {"byte_fallback", "ignore_merges"}) expect_off(model, name, "the model");
    parts.tokens = tokens_in(object_in(model, "vocab"));
    parts.merges = merges_in(member(model, "merges"), parts.tokens);
    if (const auto& added = member(file, "added_tokens"); added.is_array())
        for (const auto& each : added) parts.added.push_back(added_token_in(each));
    else if (!added.is_null())
        fail(Code::INVALID_DATA, "added_tokens is no list, but {}", quoted(added));
    return parts;
}

ordered_json byte_level(bool add_prefix_space) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}, {"use_regex", true}};
}

ordered_json json_of(const AddedToken& token) {
    return {{"id", token.id},  {"content", token.content},       {"single_word", false},    {"lstrip", false},
            {"rstrip", false}, {"normalized", token.normalized}, {"special", token.special}};
}

ordered_json bpe_model() {
    return {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"ignore_merges", false}};
}

ordered_json vocabulary_of(const std::vector<std::string>& tokens) {
    ordered_json::object_t vocabulary;
    ordered_json::object_t::Container& entries = vocabulary;  // its own emplace would look at all tokens before
    for (const auto& token : tokens) entries.emplace_back(token, entries.size());
    return vocabulary;
}

}  // namespace

Tokenizer read_tokenizer(const std::filesystem::path& path) {
    const MappedFile file(path);
    try {
        return Tokenizer(parts_in(parse_json(file.text())));
    } catch (const Error& error) {
        fail(error.code(), "cannot read the tokenizer {}: {}", path.string(), error.message());
    }
}

std::string to_tokenizer_json(const Tokenizer& tokenizer) {
    const auto& parts = tokenizer.parts();
    ordered_json file{{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
    auto& added = file["added_tokens"] = ordered_json::array();
    for (const auto& token : parts.added) added.push_back(json_of(token));
    file["normalizer"] = nullptr;
    file["pre_tokenizer"] = byte_level(parts.add_prefix_space);
    file["post_processor"] = nullptr;
    file["decoder"] = byte_level(true);
    auto& model = file["model"] = bpe_model();
    model["vocab"] = vocabulary_of(parts.tokens);
    auto& merges = model["merges"] = ordered_json::array();
    for (const auto& merge : parts.merges) merges.push_back({parts.tokens[merge.left], parts.tokens[merge.right]});
    try {
        return file.dump(2);
    } catch (const ordered_json::exception& error) {
        fail(Code::INVALID_ARGUMENT, "a token cannot be written as JSON: {}", error.what());
    }
}

void write_tokenizer(const std::filesystem::path& path, const Tokenizer& tokenizer) {
    write_atomically(path, to_tokenizer_json(tokenizer));
}

}  // namespace podium
