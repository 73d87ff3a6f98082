#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium conformance`: what a plugin computes, compared with the reference.
void add_conformance(CLI::App& app, std::function<int()>& run);

}  // namespace podium
