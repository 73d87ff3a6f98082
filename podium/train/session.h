#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "podium/train/train_config.h"

namespace podium::train {

/// What one `podium train` is asked for.
struct Session {
    std::optional<std::filesystem::path> config;  ///< a YAML file
    std::optional<std::string> preset;            ///< instead of a file: small, medium, large or auto
    std::optional<std::filesystem::path> out;     ///< of a new run; else runs/NAME-TIME
    std::optional<std::filesystem::path> resume;  ///< a run to go on with
    ConfigChanges changes;
    std::function<void(std::string_view line)> json;  ///< gets every event; may be empty
};

/// Starts or resumes a run and trains to its end; words go to stderr. A new run's folder is made only when config, data
/// and device are known to be good.
void run(const Session& session);

}  // namespace podium::train
