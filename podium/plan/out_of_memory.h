#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podium::plan {

/// What libtpu says where a program does not fit.
struct OutOfMemoryReport {
    std::int64_t needed_bytes = 0, limit_bytes = 0;
    std::vector<std::string> largest;  ///< of its list of allocations
};

/// Returns the figures in libtpu's message, "Used 48.00G of 15.75G hbm"; nothing where it has none.
std::optional<OutOfMemoryReport> read_out_of_memory(std::string_view message);

}  // namespace podium::plan
