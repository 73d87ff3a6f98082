#pragma once

#include "podium/tokenizers/json_fields.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium::tokenizer_json {

/// Returns the tokenizer of a file that is no plain byte-level BPE's. text: what `file` was parsed of.
Tokenizer pipeline_tokenizer(const json& file, std::string_view text);

}  // namespace podium::tokenizer_json
