#pragma once

#include <string>
#include <vector>

#include "podium/tokenizers/added_tokens.h"
#include "podium/tokenizers/json_fields.h"

namespace podium::tokenizer_json {

/// Returns the tokens by id of an object of ids by token; throws INVALID_DATA where ids are not those from 0 on.
std::vector<std::string> tokens_in(const json& vocabulary);
/// Throws UNIMPLEMENTED for a BPE model that draws its merges, or marks words' beginnings or ends.
void expect_plain_bpe(const json& model);
/// Returns a BPE model's merges; throws INVALID_DATA for one whose tokens there are not.
std::vector<TokenMerge> merges_in(const json& model, const std::vector<std::string>& tokens);
/// Returns the added tokens of a file.
std::vector<AddedToken> added_tokens_in(const json& file);

}  // namespace podium::tokenizer_json
