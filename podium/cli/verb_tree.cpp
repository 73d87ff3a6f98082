#include "podium/cli/verb_tree.h"

#include <fmt/format.h>

namespace podium {
namespace {

/// Returns the words of a type name's "{a,b}", which is how CLI11 writes a set of choices.
std::vector<std::string> choices_of(const std::string& type) {
    const auto open = type.find('{'), close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) return {};
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

OptionRow row_of(const CLI::Option& option) {
    OptionRow row{.help = option.get_description(), .is_positional = option.get_positional()};
    for (const auto& name : option.get_lnames()) row.names.push_back("--" + name);
    for (const auto& name : option.get_snames()) row.names.push_back("-" + name);
    if (option.get_items_expected_max() == 0) return row;
    row.choices = choices_of(option.get_type_name());
    row.value = row.choices.empty() ? option.get_single_name() : fmt::format("{}", fmt::join(row.choices, "|"));
    return row;
}

VerbRow tree_of(const CLI::App& app, const std::string& name) {
    VerbRow row{.name = name, .help = app.get_description(), .examples = app.get_footer()};
    for (const auto* option : app.get_options())
        if (!option->get_group().empty()) row.options.push_back(row_of(*option));
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
        if (!verb->get_group().empty())
            row.verbs.push_back(tree_of(*verb, fmt::format("{} {}", name, verb->get_name())));
    return row;
}

}  // namespace

VerbRow verb_tree(const CLI::App& app) { return tree_of(app, app.get_name()); }

std::vector<const VerbRow*> all_verbs(const VerbRow& root) {
    std::vector<const VerbRow*> rows{&root};
    for (const auto& verb : root.verbs)
        for (const auto* below : all_verbs(verb)) rows.push_back(below);
    return rows;
}

}  // namespace podium
