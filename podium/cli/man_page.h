#pragma once

#include <string>

#include "podium/cli/verb_tree.h"

namespace podium {

/// Returns podium(1) in the man macros of roff.
std::string man_page(const VerbRow& root);

}  // namespace podium
