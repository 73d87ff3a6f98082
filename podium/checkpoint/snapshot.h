#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "podium/base/tree.h"
#include "podium/runtime/host_array.h"

namespace podium::checkpoint {

/// All that a run needs to go on as if it had never stopped. Copies share the tensors' bytes.
struct Snapshot {
    std::int64_t step = 0;                            ///< steps done
    std::uint64_t cursor = 0;                         ///< global index of the next sample
    std::array<std::uint32_t, 2> key{};               ///< the random key to go on with
    std::string config;                               ///< the run's resolved configuration, UTF-8
    BasicTree<HostArray> tensors;                     ///< parameters and optimizer state
    nlohmann::json extra = nlohmann::json::object();  ///< what callers add (best loss, …); at most 32 levels deep
};

}  // namespace podium::checkpoint
