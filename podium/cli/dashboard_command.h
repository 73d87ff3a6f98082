#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace podium {

/// Adds `podium dashboard`; when it is parsed, `run` is what it does.
void add_dashboard(CLI::App& app, std::function<int()>& run);

}  // namespace podium
