#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/base/memory_tag.h"
#include "podium/plan/hlo_traffic.h"

namespace podium::plan {

/// One program for one topology.
struct CompileJob {
    std::string plugin;       ///< libtpu.so
    std::string topology;     ///< "v5e:4x4"
    std::string chip_config;  ///< libtpu's, of that generation
    std::string text;         ///< StableHLO
    std::vector<MemoryTag> tags;
    std::size_t loss = 0;           ///< its place among the results
    int optimization_level = -1;    ///< 0 … 3; -1 is the compiler's own
    std::int64_t device_count = 1;  ///< that the text is for
};

/// What the compiler said of it.
struct CompileAnswer {
    enum class Status { COMPILED, OUT_OF_MEMORY, REFUSED, CRASHED, TIMED_OUT };
    Status status = Status::CRASHED;
    std::string message;  ///< of what did not compile: the compiler's words, the signal
    std::int64_t peak_bytes = 0, limit_bytes = 0;
    TaggedBytes memory;
    HloTraffic traffic;
    std::vector<std::string> largest;  ///< "1.50G f32[…] …", what holds the memory where it does not fit
    double seconds = 0;                ///< the compiler's own
    bool from_cache = false;
};
constexpr auto enum_names(CompileAnswer::Status) {
    using Status = CompileAnswer::Status;
    return std::array{std::pair<Status, std::string_view>{Status::COMPILED, "compiled"},
                      std::pair<Status, std::string_view>{Status::OUT_OF_MEMORY, "out_of_memory"},
                      std::pair<Status, std::string_view>{Status::REFUSED, "refused"},
                      std::pair<Status, std::string_view>{Status::CRASHED, "crashed"},
                      std::pair<Status, std::string_view>{Status::TIMED_OUT, "timed_out"}};
}

/// How jobs are run.
struct CompileOptions {
    std::vector<std::string> child_command;  ///< of the process that calls `run_compile_job` with the file behind it
    std::filesystem::path cache_folder;      ///< empty keeps no answers
    double timeout_s = 1800;
};

/// Returns the answer: kept from before, or of a child process, whose crash or hang is an answer too. `key` says what
/// the text says, without source lines. Waits; may be called from several threads.
CompileAnswer compile_in_child(const CompileJob& job, const std::string& key, const CompileOptions& options);
/// Returns the answer that is kept, if any, without compiling.
std::optional<CompileAnswer> kept_answer(const CompileJob& job, const std::string& key, const CompileOptions& options);

/// The child's part: reads the job in `folder`, compiles, and writes the answer there.
void run_compile_job(const std::filesystem::path& folder);

}  // namespace podium::plan
