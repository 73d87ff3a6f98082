#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium bench`: measures cases that other frameworks measure under the same names.
void add_bench(CLI::App& app, std::function<int()>& run);

}  // namespace podium
