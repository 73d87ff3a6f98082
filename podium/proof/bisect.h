#pragma once

#include "podium/proof/case.h"
#include "podium/proof/trial.h"

namespace podium::proof {

/// Told what is being done, for people who wait.
using Progress = std::function<void(std::string_view)>;

/// A program that is said to go wrong, and all that is known of what it should compute.
struct Suspect {
    std::string name;
    ProgramText program;
    std::map<std::string, Reference> values;  ///< of parameters, results and, where known, what is between
    Compiled compiled;                        ///< how it goes wrong
    Tolerance tolerance;
    std::optional<DataType> operands;
};
/// Returns the case of `conformance`; what its values should be is what the interpreter says. `raw`: compiled without
/// podium's forms and protective flags.
Suspect suspect_of(const Case& sample, bool raw);

/// Returns the case that `podium conformance` calls "maximum f32 arguments seed 17"; nothing where the text is no such
/// name. Throws NOT_FOUND for an operation or a type that there is none of.
std::optional<Case> case_of(std::string_view line);

/// Returns the tolerance for programs of any operations: `ulps` units in the last place of a result's greatest element,
/// fewer for types of at most 16 bits; integers are exact.
Tolerance loose_tolerance(double ulps);

/// Returns the trial of a part of the suspect. What is not known is drawn: a program that crashes does so of any value.
Trial trial_of(const Suspect& suspect, const ProgramText& part);
inline Trial trial_of(const Suspect& suspect) { return trial_of(suspect, suspect.program); }

/// One thing about compiling that can be changed. PASS: a pass of the compiler turned off. FLAG: a flag of XLA set.
/// GIVEN: a flag that the user gave, left out. ARGUMENTS: the program's constants become its parameters, so that
/// nothing is computed while it is read or compiled.
enum class Lever { PASS, FLAG, GIVEN, ARGUMENTS };
struct Toggle {
    Lever lever;
    std::string name;
    XlaOptions::Value value = false;
};
/// Returns "xla_disable_hlo_passes=constant_folding".
std::string to_string(const Toggle& toggle);
/// Returns the trial with that changed too.
Trial with_toggle(const Suspect& suspect, Trial trial, const Toggle& toggle);

/// What changes the outcome.
struct Culprits {
    std::size_t passes = 0, flags = 0;  ///< how many were tried
    std::vector<Toggle> alone;          ///< each of them alone makes the program right
    std::vector<Toggle> together;       ///< where none does: the fewest found that do so together; empty where none do
    bool mended() const { return !alone.empty() || !together.empty(); }
};
/// Tries the passes that the compiler runs on the suspect's program, and the flags that are known to matter.
Culprits find_culprits(const Place& place, const Suspect& suspect, const Progress& progress);

/// The smallest program found that still goes wrong as the suspect does.
struct Shrunk {
    Suspect suspect;
    Observation found;
};
/// Shrinks the suspect. `mend`, where not empty: toggles that must make the small program right too, so that it shows
/// the same defect.
Shrunk shrink(const Place& place, const Suspect& suspect, const Observation& found, std::span<const Toggle> mend,
              const Progress& progress);

}  // namespace podium::proof
