#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace podium::plan {

/// How a process ended.
struct ChildEnd {
    bool timed_out = false;
    std::string how;         ///< "exit code 0", "SIGSEGV"
    std::string last_words;  ///< the last line of its stderr
};

/// Runs `command` with its output in the file `errors`, and kills it when `timeout_s` are over; it dies with us.
ChildEnd run_child(const std::vector<std::string>& command, const std::filesystem::path& errors, double timeout_s);

}  // namespace podium::plan
