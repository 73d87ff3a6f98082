#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace podium {

/// Adds `podium train`; when it is parsed, `run` is what it does.
void add_train(CLI::App& app, std::function<int()>& run);

}  // namespace podium
