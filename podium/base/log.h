#pragma once

#include <spdlog/spdlog.h>

namespace podium {

/// Returns the process's logger. It writes to stderr; stdout belongs to results.
spdlog::logger& logger();

}  // namespace podium
