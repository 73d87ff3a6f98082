#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium doctor`: whether this machine and its plugin are fit to train, and what was found.
void add_doctor(CLI::App& app, std::function<int()>& run);

}  // namespace podium
