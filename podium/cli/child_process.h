#pragma once

#include <span>
#include <string>
#include <string_view>

#include "podium/cli/verbs.h"

namespace podium {

/// Adds the hidden flag that tells a verb that it is the child of `run_in_child`.
void add_child_flag(CLI::App& verb, bool& is_child);

/// Runs this command anew with `words` and the child's flag, with our stdin, stdout and stderr, and returns its exit
/// code: what a plugin does to its process ends there. Throws UNAVAILABLE where the child died of a signal; `what`
/// says what it was doing.
int run_in_child(std::span<const std::string> words, std::string_view what);

/// In the child: die with the parent, and `timeout_s` seconds from now where that is not 0.
void follow_parent(unsigned timeout_s = 0);

}  // namespace podium
