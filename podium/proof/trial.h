#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/proof/compare.h"
#include "podium/proof/program_text.h"
#include "podium/runtime/backend.h"

namespace podium {
class PjrtBackend;
}

namespace podium::proof {

/// Where programs are tried: a plugin's first device, loaded in child processes only.
struct Place {
    std::string plugin;
    DeviceType type = DeviceType::CPU;
    unsigned limit_s = 60;  ///< a program that takes longer counts as crashed
};

/// What a value should be; see `compare`.
struct Reference {
    HostArray value, without_denormals;
};

/// How a program in text is compiled.
struct Compiled {
    XlaOptions options;
    bool barriers = false;         ///< those of `with_barriers` are put in
    bool constant_inputs = false;  ///< see `PjrtProgram`
};

/// A program, what goes in, and what should come out.
struct Trial {
    ProgramText program;
    std::vector<HostArray> inputs;    ///< one a parameter
    std::vector<Reference> expected;  ///< one a result
    Compiled compiled;
    Tolerance tolerance;
    std::optional<DataType> operands;  ///< whose type the tolerance goes by; each result's own where nothing is said
};

/// REFUSED: not compiled, in words. CRASHED: the process died or hung.
enum class Outcome { AGREES, DIFFERS, CRASHED, REFUSED };
std::string_view name(Outcome outcome);

struct Observation {
    Outcome outcome = Outcome::CRASHED;
    std::string detail;         ///< the worst element, the error's words, or the signal
    std::size_t result = 0;     ///< with the worst element
    std::int64_t element = -1;  ///< of that result, row-major
};

/// Returns one observation a trial; ends behind the first with the outcome `until`.
std::vector<Observation> observe(const Place& place, std::span<const Trial> trials, std::optional<Outcome> until = {});

/// Returns the value of each of the program's values that can be had by compiling every operation alone, its operands
/// as arguments, without optimizations. `known` has the parameters' values. `failures` gets a line for each operation
/// that does not run even so.
std::map<std::string, Reference> values_one_by_one(const Place& place, const ProgramText& program,
                                                   const std::map<std::string, Reference>& known,
                                                   std::vector<std::string>& failures);

/// Returns the passes that the compiler runs on the program, in their order, each once: the plugin's own log names
/// them. One that dies of the program is the last.
std::vector<std::string> passes_of(const Place& place, const Trial& trial);

}  // namespace podium::proof
