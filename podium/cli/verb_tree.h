#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace podium {

/// A flag, option or positional argument as manual and completions show it.
struct OptionRow {
    std::vector<std::string> names;    ///< "--data", "-d"; none for a positional
    std::string value;                 ///< what it takes, "steps" or "1|2"; empty for a flag
    std::vector<std::string> choices;  ///< the only values there are, empty for any
    std::string help;
    bool is_positional;
};

/// A verb, with the verbs below it.
struct VerbRow {
    std::string name;  ///< "podium plugin install"
    std::string help, examples;
    std::vector<OptionRow> options;
    std::vector<VerbRow> verbs;

    /// Returns the name's last word.
    std::string word() const { return name.substr(name.rfind(' ') + 1); }
};

/// Returns what the parser's definitions say; hidden options and verbs are left out.
VerbRow verb_tree(const CLI::App& app);

/// Returns the verb and all verbs below it, parents first.
std::vector<const VerbRow*> all_verbs(const VerbRow& root);

}  // namespace podium
