#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

namespace podium {

/// Adds a verb to the command. When the user names it, parsing sets `run` to what then returns the exit code.
using AddVerb = void (*)(CLI::App& app, std::function<int()>& run);

/// Returns all verbs, in the order in which `--help` lists them.
std::span<const AddVerb> verbs();

}  // namespace podium
