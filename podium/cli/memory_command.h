#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// Adds `memory`: what fills a device's memory during a training step.
void add_memory(CLI::App& app, std::function<int()>& run);

}  // namespace podium
