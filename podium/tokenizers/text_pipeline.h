#pragma once

#include <memory>

#include "podium/tokenizers/normalizers.h"
#include "podium/tokenizers/post_processors.h"
#include "podium/tokenizers/pre_tokenizers.h"
#include "podium/tokenizers/text_decoders.h"
#include "podium/tokenizers/word_model.h"

namespace podium {

/// What a tokenizer does to the texts between added tokens, one after the other, and to tokens.
struct TextPipeline {
    Normalizer normalizer;       ///< null: none
    PreTokenizer pre_tokenizer;  ///< null: the text is one piece
    std::shared_ptr<const WordModel> model;
    TextTemplate model_input;
    TextDecoder decoder;
};

}  // namespace podium
