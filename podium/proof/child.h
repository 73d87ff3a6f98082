#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace podium::proof {

/// Hands one line to the parent.
using Report = std::function<void(std::string_view line)>;

/// Runs `work` in a process of its own (forked: the caller must not have loaded a plugin), calls `receive` with each
/// line that it reports, and returns "" where it came to its end, else how it died: "SIGSEGV". What it writes to stderr
/// is dropped. A child that says nothing for `silence_s` seconds is ended.
std::string run_in_fork(const std::function<void(const Report&)>& work, const Report& receive,
                        unsigned silence_s = 120);

}  // namespace podium::proof
