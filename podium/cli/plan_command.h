#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium plan`: compiles a training step for TPUs that are not here.
void add_plan(CLI::App& app, std::function<int()>& run);

}  // namespace podium
