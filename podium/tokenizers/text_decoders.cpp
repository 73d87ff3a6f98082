#include "podium/tokenizers/text_decoders.h"

#include <charconv>
#include <optional>
#include <utility>

#include "podium/tokenizers/alphabet.h"
#include "podium/tokenizers/characters.h"
#include "podium/tokenizers/json_fields.h"
#include "podium/tokenizers/pre_tokenizers.h"
#include "podium/tokenizers/text_pattern.h"

namespace podium {
namespace {

using tokenizer_json::json;
using Texts = std::vector<std::string>;

/// Returns the decoder that changes each token by its number.
template <class F>
TextDecoder each_token(F f) {
    return [f = std::move(f)](Texts tokens) {
        for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = f(std::move(tokens[i]), i);
        return tokens;
    };
}

/// Returns the text without the spaces that English has none of. Source: upstream's decoders/wordpiece.rs.
std::string tidied(std::string text) {
    constexpr std::pair<const char*, const char*> ROWS[] = {
        {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
        {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto& [from, to] : ROWS) text = replaced(text, string_pattern(from), to);
    return text;
}

TextDecoder word_piece_decoder(const json& fields) {
    const bool cleans = tokenizer_json::flag_in(fields, "cleanup", true);
    return each_token(
        [prefix = tokenizer_json::text_or(fields, "prefix", "##"), cleans](std::string token, std::size_t number) {
            if (number > 0) token = token.starts_with(prefix) ? token.substr(prefix.size()) : " " + token;
            return cleans ? tidied(std::move(token)) : token;
        });
}

TextDecoder metaspace_decoder(const json& fields) {
    return each_token([options = metaspace_options(fields)](const std::string& token, std::size_t number) {
        const bool drops = number == 0 && options.prepend != MetaspaceOptions::Prepend::NEVER;
        return replaced(token, string_pattern(options.space), drops ? "" : " ");
    });
}

TextDecoder byte_level_decoder(const json&) {
    return each_token([](const std::string& token, std::size_t) { return unspell(token).value_or(token); });
}

TextDecoder replace_decoder(const json& fields) {
    return each_token([pattern = pattern_in(tokenizer_json::member(fields, "pattern")),
                       content = tokenizer_json::text_in(fields, "content")](const std::string& token, std::size_t) {
        return replaced(token, pattern, content);
    });
}

TextDecoder strip_decoder(const json& fields) {
    return each_token([content = tokenizer_json::text_in(fields, "content"),
                       start = tokenizer_json::size_or(fields, "start", 0),
                       stop = tokenizer_json::size_or(fields, "stop", 0)](std::string token, std::size_t) {
        if (content.empty()) return token;
        for (std::size_t i = 0; i < start && token.starts_with(content); ++i) token.erase(0, content.size());
        for (std::size_t i = 0; i < stop && token.ends_with(content); ++i) token.resize(token.size() - content.size());
        return token;
    });
}

/// "<0x0A>" is a byte.
TextDecoder byte_fallback_decoder(const json&) {
    return each_token([](std::string token, std::size_t) {
        constexpr std::size_t SIZE = 6, DIGITS = 3;
        constexpr int HEXADECIMAL = 16;
        if (token.size() != SIZE || !token.starts_with("<0x") || !token.ends_with('>')) return token;
        unsigned char byte = 0;
        const char* const end = token.data() + SIZE - 1;
        if (std::from_chars(token.data() + DIGITS, end, byte, HEXADECIMAL).ptr != end) return token;
        return std::string(1, static_cast<char>(byte));
    });
}

TextDecoder fuse_decoder(const json&) {
    return [](const Texts& tokens) {
        std::string whole;
        for (const auto& token : tokens) whole += token;
        return Texts{whole};
    };
}

TextDecoder decoder_sequence(const json& fields) {
    std::vector<TextDecoder> parts;
    for (const auto& each : tokenizer_json::list_in(fields, "decoders")) parts.push_back(decoder_in(each));
    return [parts = std::move(parts)](Texts tokens) {
        const auto size_of_all = [&] {
            std::size_t size = 0;
            for (const auto& token : tokens) size += token.size();
            return size;
        };
        const auto before = size_of_all();
        for (const auto& part : parts) {
            tokens = part(std::move(tokens));
            expect_modest_growth(before, size_of_all());
        }
        return tokens;
    };
}

const tokenizer_json::TypeRow<TextDecoder> DECODERS[] = {{"ByteFallback", byte_fallback_decoder},
                                                         {"ByteLevel", byte_level_decoder},
                                                         {"Fuse", fuse_decoder},
                                                         {"Metaspace", metaspace_decoder},
                                                         {"Replace", replace_decoder},
                                                         {"Sequence", decoder_sequence},
                                                         {"Strip", strip_decoder},
                                                         {"WordPiece", word_piece_decoder}};

}  // namespace

TextDecoder decoder_in(const json& fields) {
    if (!fields.is_null()) return tokenizer_json::made_by_type(DECODERS, fields, "decoder");
    return each_token([](const std::string& token, std::size_t number) { return number > 0 ? " " + token : token; });
}

}  // namespace podium
