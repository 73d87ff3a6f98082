#pragma once

#include <span>

namespace podium {

/// Runs the command with the arguments after its name; returns its exit code. Every error ends here: words for people
/// on stderr, and with `--json` one object on stdout.
int run_command(std::span<const char* const> arguments);

}  // namespace podium
