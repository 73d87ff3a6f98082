#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "podium/base/error.h"

namespace podium {

/// What the command's exit code says; users' scripts rely on the numbers.
struct ExitCode {
    int code;
    std::string_view meaning;
};

inline constexpr int EXIT_DONE = 0, EXIT_DEFECT = 1, EXIT_USAGE = 2, EXIT_DATA = 3, EXIT_CHECKPOINT = 4,
                     EXIT_DEVICE = 5, EXIT_MEMORY = 6, EXIT_NUMERICS = 7, EXIT_NOTHING_FITS = 8, EXIT_CLOUD = 9,
                     EXIT_PREEMPTED = 75;

inline constexpr std::array EXIT_CODES{
    ExitCode{EXIT_DONE, "done"},
    ExitCode{EXIT_DEFECT, "a defect of podium's: please report it"},
    ExitCode{EXIT_USAGE, "usage or config: a flag, a path, a config's key or value"},
    ExitCode{EXIT_DATA, "data: missing, empty, too short, or not what it says it is"},
    ExitCode{EXIT_CHECKPOINT, "checkpoint: none, damaged, of another model, or not writable"},
    ExitCode{EXIT_DEVICE,
             "device or plugin: not there, does not load, cannot compile the program, computes wrongly, or crashed"},
    ExitCode{EXIT_MEMORY, "out of memory"},
    ExitCode{EXIT_NUMERICS, "numerics: a NaN or an infinity where numbers should be"},
    ExitCode{EXIT_NOTHING_FITS, "nothing fits: no machine that was asked for holds the model"},
    ExitCode{EXIT_CLOUD, "cloud: credentials, quota, or a service's refusal"},
    ExitCode{EXIT_PREEMPTED, "preempted after a committed save: resume goes on from there"},
};

/// Returns every code that an Error can have, in the order of declaration.
std::vector<Code> all_codes();

/// Returns the exit code of a command that ends with such an error.
int exit_code(Code code);
inline int exit_code(const Error& error) { return exit_code(error.code()); }

}  // namespace podium
