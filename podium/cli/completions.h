#pragma once

#include <string>

#include "podium/cli/verb_tree.h"

namespace podium {

// Scripts that complete verbs, options and choices; where anything may stand, they leave the word to file names.

std::string bash_completion(const VerbRow& root);
std::string zsh_completion(const VerbRow& root);
std::string fish_completion(const VerbRow& root);

}  // namespace podium
