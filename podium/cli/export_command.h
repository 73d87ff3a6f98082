#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace podium {

/// Adds `podium export`; when it is parsed, `run` is what it does.
void add_export(CLI::App& app, std::function<int()>& run);

}  // namespace podium
