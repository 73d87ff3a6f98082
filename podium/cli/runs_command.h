#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace podium {

/// Adds `podium runs list|show|compare`; when one is parsed, `run` is what it does.
void add_runs(CLI::App& app, std::function<int()>& run);

}  // namespace podium
