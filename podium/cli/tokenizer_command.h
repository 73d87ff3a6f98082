#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium tokenizer`: trains byte-level BPE tokenizers and shows what they do.
void add_tokenizer(CLI::App& app, std::function<int()>& run);

}  // namespace podium
