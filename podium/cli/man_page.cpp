#include "podium/cli/man_page.h"

#include <fmt/format.h>

#include "podium/cli/about.h"
#include "podium/cli/exit_codes.h"

namespace podium {
namespace {

constexpr std::pair<std::string_view, std::string_view> VARIABLES[] = {
    {"PJRT_NAMES_AND_LIBRARY_PATHS", "Plugins to use first: name:path,name:path."},
    {"TPU_LIBRARY_PATH", "The plugin for TPUs."},
    {"XDG_DATA_HOME", "Installed plugins lie in its podium/plugins; without it, in ~/.local/share/podium/plugins."},
    {"XDG_CACHE_HOME", "Fetched wheels lie in its podium/wheels; without it, in ~/.cache/podium/wheels."},
};

/// Returns the text as roff prints it: no line is a request, and hyphens are those that one can copy.
std::string plain(std::string_view text) {
    std::string made;
    for (const char c : text) {
        const bool begins_line = made.empty() || made.back() == '\n';
        if (begins_line && (c == '.' || c == '\'')) made += "\\&";
        if (c == '\\')
            made += "\\e";
        else if (c == '-')
            made += "\\-";
        else
            made += c;
    }
    return made;
}

std::string section(std::string_view title) { return fmt::format(".SH {}\n", title); }

std::string tagged(std::string_view tag, std::string_view text) {
    return fmt::format(".TP\n{}\n{}\n", tag, text.empty() ? "\\&" : plain(text));
}

std::string tag_of(const OptionRow& option) {
    std::vector<std::string> names;
    names.reserve(option.names.size());
    for (const auto& name : option.names) names.push_back(fmt::format("\\fB{}\\fR", plain(name)));
    auto tag = fmt::format("{}", fmt::join(names, ", "));
    if (!option.value.empty()) tag += fmt::format("{}\\fI{}\\fR", tag.empty() ? "" : " ", plain(option.value));
    return tag;
}

std::string options_of(const VerbRow& verb) {
    std::string text;
    for (const auto& option : verb.options) text += tagged(tag_of(option), option.help);
    return text;
}

/// Returns the lines as they stand.
std::string literal(const std::string& text) {
    return text.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", plain(text));
}

}  // namespace

std::string man_page(const VerbRow& root) {
    auto text = fmt::format(".TH PODIUM 1 \"\" \"podium {}\" \"User Commands\"\n", VERSION);
    text += section("NAME") + "podium \\- train models on TPU pods, GPUs and CPUs, through PJRT plugins\n";
    text += section("SYNOPSIS") + ".B podium\n\\fIverb\\fR [\\fIoption\\fR ...]\n";
    text += section("DESCRIPTION") + plain(root.help) + "\n" + options_of(root) + literal(root.examples);
    text += section("VERBS");
    for (const auto* verb : all_verbs(root))
        if (verb != &root)
            text += fmt::format(".SS {}\n{}\n{}{}", plain(verb->name), plain(verb->help), options_of(*verb),
                                verb->verbs.empty() ? literal(verb->examples) : std::string());
    text += section("EXIT STATUS");
    for (const auto& row : EXIT_CODES) text += tagged(std::to_string(row.code), row.meaning);
    text += section("ENVIRONMENT");
    for (const auto& [name, meaning] : VARIABLES) text += tagged(name, meaning);
    return text;
}

}  // namespace podium
