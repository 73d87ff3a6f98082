#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "podium/tokenizers/merge_table.h"

namespace podium {

/// What of a model's input a part of a template is.
struct TemplatePart {
    enum class What { FIRST, SECOND, TOKENS } what = What::FIRST;  ///< of two texts, or tokens of its own
    std::vector<TokenId> tokens = {};
    std::int32_t type = 0;  ///< what models are told of whose tokens these are

    friend bool operator==(const TemplatePart&, const TemplatePart&) = default;
};

/// How tokens of one text, or of two, become what a model is fed.
struct TextTemplate {
    std::vector<TemplatePart> single{{}};
    std::vector<TemplatePart> pair{{}, {.what = TemplatePart::What::SECOND, .type = 1}};

    friend bool operator==(const TextTemplate&, const TextTemplate&) = default;
};

/// Returns the template of a tokenizer.json's post_processor; the plain one where that is null. Throws INVALID_DATA,
/// UNIMPLEMENTED for types without a row. Source: https://github.com/huggingface/tokenizers, processors.
TextTemplate post_processor_in(const nlohmann::json& fields);

}  // namespace podium
