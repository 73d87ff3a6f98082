#include "podium/tokenizers/pipeline_json.h"

#include <cmath>

#include "podium/base/error.h"
#include "podium/tokenizers/text_pipeline.h"
#include "podium/tokenizers/vocabulary_json.h"

namespace podium::tokenizer_json {
namespace {

/// A model, and the tokens that it makes.
struct ReadModel {
    std::shared_ptr<const WordModel> model;
    SharedVocabulary vocabulary;
};

ReadModel read_bpe(const json& fields) {
    expect_plain_bpe(fields);
    const auto vocabulary = std::make_shared<const Vocabulary>(tokens_in(object_in(fields, "vocab")));
    CharacterBpeOptions options{.merges = merges_in(fields, vocabulary->tokens),
                                .fuse_unknown = flag_in(fields, "fuse_unk", false),
                                .byte_fallback = flag_in(fields, "byte_fallback", false),
                                .ignore_merges = flag_in(fields, "ignore_merges", false)};
    if (const auto unknown = text_or(fields, "unk_token", ""); !unknown.empty()) {
        options.unknown = vocabulary->find(unknown);
        if (options.unknown < 0) fail(Code::INVALID_DATA, "the vocabulary has no unk_token \"{}\"", unknown);
    }
    return {character_bpe(vocabulary, std::move(options)), vocabulary};
}

ReadModel read_word_piece(const json& fields) {
    const auto vocabulary = std::make_shared<const Vocabulary>(tokens_in(object_in(fields, "vocab")));
    const WordPieceOptions absent;
    return {word_piece(vocabulary,
                       {.unknown = text_or(fields, "unk_token", absent.unknown),
                        .prefix = text_or(fields, "continuing_subword_prefix", absent.prefix),
                        .most_characters = size_or(fields, "max_input_chars_per_word", absent.most_characters)}),
            vocabulary};
}

ReadModel read_unigram(const json& fields) {
    std::vector<std::string> tokens;
    UnigramOptions options{.byte_fallback = flag_in(fields, "byte_fallback", false)};
    for (const auto& each : list_in(fields, "vocab")) {
        if (!each.is_array() || each.size() != 2 || !each[0].is_string() || !each[1].is_number() ||
            !std::isfinite(each[1].get<double>()))
            fail(Code::INVALID_DATA, "the vocabulary has {}, and no token with its score", quoted(each));
        tokens.push_back(each[0].get<std::string>());
        options.scores.push_back(each[1].get<double>());
    }
    if (tokens.empty()) fail(Code::INVALID_DATA, "the vocabulary is empty");
    if (const auto& unknown = member(fields, "unk_id"); !unknown.is_null()) {
        options.unknown = id_of(unknown, "unk_id");
        if (static_cast<std::size_t>(options.unknown) >= tokens.size())
            fail(Code::INVALID_DATA, "unk_id is {}, and there are {} tokens", options.unknown, tokens.size());
    }
    const auto vocabulary = std::make_shared<const Vocabulary>(std::move(tokens));
    return {unigram(vocabulary, std::move(options)), vocabulary};
}

constexpr TypeRow<ReadModel> MODELS[] = {{"BPE", read_bpe}, {"Unigram", read_unigram}, {"WordPiece", read_word_piece}};

/// Files of 2020 do not name the model's type: returns the fields with the one that they are of.
json with_type(json fields) {
    if (fields.contains("type")) return fields;
    if (fields.contains("merges"))
        fields["type"] = "BPE";
    else if (member(fields, "vocab").is_array())
        fields["type"] = "Unigram";
    else if (fields.contains("max_input_chars_per_word"))
        fields["type"] = "WordPiece";
    return fields;
}

}  // namespace

Tokenizer pipeline_tokenizer(const json& file, std::string_view text) {
    auto normalizer = normalizer_in(member(file, "normalizer"));
    auto pre_tokenizer = pre_tokenizer_in(member(file, "pre_tokenizer"));
    auto model_input = post_processor_in(member(file, "post_processor"));
    auto decoder = decoder_in(member(file, "decoder"));
    auto [model, vocabulary] = made_by_type(MODELS, with_type(object_in(file, "model")), "model");
    const TextPipeline pipeline{std::move(normalizer), std::move(pre_tokenizer), std::move(model),
                                std::move(model_input), std::move(decoder)};
    return Tokenizer(std::make_shared<const TextPipeline>(pipeline),
                     {.tokens = vocabulary->tokens, .added = added_tokens_in(file)}, std::string(text));
}

}  // namespace podium::tokenizer_json
