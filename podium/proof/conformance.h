#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "podium/proof/case.h"
#include "podium/runtime/backend.h"

namespace podium::proof {

/// What became of a case. REFUSED: not compiled, in words; CLOSE: within the row's allowance.
enum class Verdict { EXACT, CLOSE, WRONG, CRASHED, REFUSED };
/// Returns "exact", "close", …
std::string_view name(Verdict verdict);

struct Finding {
    Verdict verdict = Verdict::CRASHED;
    double ulps = 0.0;   ///< of the worst element; infinite where no distance can be told
    std::string detail;  ///< the worst element, the error's words, or the signal; empty where exact
};

/// What runs programs, in a child process: what it loads and breaks is lost there.
struct Runner {
    std::function<std::vector<HostArray>(const Program&)> run;           ///< compiles, and returns the results
    std::function<void(const Program&)> accept = [](const Program&) {};  ///< throws what is known before compiling
};
/// Makes a runner, in a child process.
using MakeRunner = std::function<Runner()>;

/// Returns one finding a case. Cases are run many at a time, in child processes; those that fail together are run again
/// by halves, so that each has its own verdict.
std::vector<Finding> conform(std::span<const Case> cases, const MakeRunner& make_runner);

/// Makes runners of a PJRT plugin's file on its first device. `raw`: as the plugin is, without podium's lowerings and
/// protective flags.
MakeRunner plugin_runner(std::string path, DeviceType type, bool raw);

}  // namespace podium::proof
