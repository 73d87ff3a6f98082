#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "podium/train/stored_run.h"

namespace podium {

/// What verbs that open a trained run ask for.
struct StoredFlags {
    std::string folder, device, plugin;
    bool best = false;

    /// Adds --best, --device and --plugin; the folder is the verb's own.
    void add_to(CLI::App& verb);
    /// Returns the device that was named, or the CPU, and makes the plugin that was named the one that is used.
    Device chosen_device() const;
    /// Returns the run, as `train::open_stored` does.
    train::StoredRun open() const;
};

}  // namespace podium
