#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium run`: compiles and runs StableHLO text, or an ONNX model, with NumPy files, in a process of its own.
void add_run(CLI::App& app, std::function<int()>& run);

}  // namespace podium
