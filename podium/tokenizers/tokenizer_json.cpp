#include <nlohmann/json.hpp>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/tokenizers/pipeline_json.h"
#include "podium/tokenizers/tokenizer.h"
#include "podium/tokenizers/vocabulary_json.h"

namespace podium {
namespace {

using nlohmann::ordered_json;
using tokenizer_json::json, tokenizer_json::member, tokenizer_json::quoted;

bool is_of_type(const json& fields, std::string_view type) {
    return fields.is_object() && member(fields, "type") == type;
}

/// True if a file is a plain byte-level BPE's, in which nothing but words, merges and added tokens changes the ids.
bool is_plain_byte_level(const json& file) {
    const auto &words = member(file, "pre_tokenizer"), &end = member(file, "post_processor");
    const auto& model = member(file, "model");
    if (!member(file, "normalizer").is_null() || !is_of_type(words, "ByteLevel") || member(words, "use_regex") == false)
        return false;
    if (!is_of_type(member(file, "decoder"), "ByteLevel") || !(end.is_null() || is_of_type(end, "ByteLevel")))
        return false;
    if (!model.is_object() || member(model, "byte_fallback") == true || member(model, "ignore_merges") == true)
        return false;
    return is_of_type(model, "BPE") || (model.contains("merges") && !model.contains("type"));
}

void expect_readable(const json& file) {
    if (!file.is_object()) fail(Code::INVALID_DATA, "it is no JSON object, but {}", quoted(file));
    if (const auto& version = member(file, "version"); version != "1.0")
        fail(Code::UNIMPLEMENTED, "version is {}, and only \"1.0\" is read", quoted(version));
    for (const auto* name : {"truncation", "padding"}) tokenizer_json::expect_null(file, name);
}

/// The parts that the ids of a text hang on, and what of them is not read. Offsets and lengths do not.
TokenizerParts parts_in(const json& file) {
    TokenizerParts parts;
    parts.add_prefix_space =
        tokenizer_json::flag_in(tokenizer_json::object_in(file, "pre_tokenizer"), "add_prefix_space", true);
    const auto& model = tokenizer_json::object_in(file, "model");
    tokenizer_json::expect_plain_bpe(model);
    parts.tokens = tokenizer_json::tokens_in(tokenizer_json::object_in(model, "vocab"));
    parts.merges = tokenizer_json::merges_in(model, parts.tokens);
    parts.added = tokenizer_json::added_tokens_in(file);
    return parts;
}

ordered_json byte_level(bool add_prefix_space) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}, {"use_regex", true}};
}

ordered_json json_of(const AddedToken& token) {
    return {{"id", token.id},
            {"content", token.content},
            {"single_word", token.single_word},
            {"lstrip", token.strip_left},
            {"rstrip", token.strip_right},
            {"normalized", token.normalized},
            {"special", token.special}};
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
        const auto parsed = tokenizer_json::parse(file.text());
        expect_readable(parsed);
        if (is_plain_byte_level(parsed)) return Tokenizer(parts_in(parsed));
        return tokenizer_json::pipeline_tokenizer(parsed, file.text());
    } catch (const Error& error) {
        fail(error.code(), "cannot read the tokenizer {}: {}", path.string(), error.message());
    }
}

std::string to_tokenizer_json(const Tokenizer& tokenizer) {
    if (!tokenizer.is_byte_level()) return tokenizer.json();
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
