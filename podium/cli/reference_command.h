#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium reference`: prints the tables of the documentation from the rows in the code.
void add_reference(CLI::App& app, std::function<int()>& run);

}  // namespace podium
