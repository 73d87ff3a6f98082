#include "podium/cli/completions.h"

#include <fmt/format.h>

namespace podium {
namespace {

constexpr std::string_view NOTE = "Written by `podium reference` from the command's own definitions.";

/// Returns the text with a backslash before each character of `special`.
std::string escaped(std::string_view text, std::string_view special) {
    std::string made;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) made += '\\';
        made += c;
    }
    return made;
}

/// Returns 'text' as one word of a shell that ends a quoted word to put in a quote.
std::string shell_word(std::string_view text) {
    std::string made = "'";
    for (const char c : text) made += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return made + "'";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Returns the names of all verbs below the root as patterns of `case` or `switch`.
std::string verb_patterns(const VerbRow& root, std::string_view separator) {
    std::vector<std::string> names;
    for (const auto* verb : all_verbs(root))
        if (verb != &root) names.push_back(shell_word(verb->name));
    return fmt::format("{}", fmt::join(names, separator));
}

/// Returns what can stand next in a verb: verbs, options, and choices of positionals.
std::vector<std::string> words_of(const VerbRow& verb) {
    std::vector<std::string> words;
    words.reserve(verb.verbs.size() + verb.options.size());
    for (const auto& below : verb.verbs) words.push_back(below.word());
    for (const auto& option : verb.options) {
        words.insert(words.end(), option.names.begin(), option.names.end());
        if (option.is_positional) words.insert(words.end(), option.choices.begin(), option.choices.end());
    }
    return words;
}

}  // namespace

std::string bash_completion(const VerbRow& root) {
    std::vector<std::string> files;  // options whose value may be anything
    std::string values, words;
    const auto row = [](const std::string& pattern, const std::vector<std::string>& list) {
        return fmt::format("        {}) words={} ;;\n", pattern, shell_word(fmt::format("{}", fmt::join(list, " "))));
    };
    for (const auto* verb : all_verbs(root)) {
        words += row(shell_word(verb->name), words_of(*verb));
        for (const auto& option : verb->options)
            for (const auto& name : option.names) {
                const auto pattern = shell_word(verb->name + " " + name);
                if (!option.choices.empty())
                    values += row(pattern, option.choices);
                else if (!option.value.empty())
                    files.push_back(pattern);
            }
    }
    return fmt::format(R"(# bash completion for podium. {}
_podium() {{
    local verb=podium words='' word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$verb $word" in
            {}) verb="$verb $word" ;;
        esac
    done
    case "$verb ${{COMP_WORDS[COMP_CWORD-1]}}" in
        *=|{}) ;;
{}        *)
            case "$verb" in
{}            esac ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}")
}}
complete -o default -F _podium podium
)",
                       NOTE, verb_patterns(root, "|"), fmt::join(files, "|"), values, words);
}

std::string zsh_completion(const VerbRow& root) {
    constexpr std::string_view SPECIAL = "[]:\\";
    std::string cases;
    for (const auto* verb : all_verbs(root)) {
        std::string arguments;
        const auto add = [&](const std::string& argument) {
            arguments += fmt::format(" \\\n        {}", shell_word(argument));
        };
        int position = 0;
        for (const auto& option : verb->options) {
            const auto help = escaped(option.help, SPECIAL);
            const auto values =
                option.choices.empty() ? std::string("_files") : fmt::format("({})", fmt::join(option.choices, " "));
            for (const auto& name : option.names)
                add(fmt::format("*{}{}[{}]{}", name, option.value.empty() ? "" : "=", help,
                                option.value.empty() ? std::string() : fmt::format(":{}:{}", option.value, values)));
            if (option.is_positional) add(fmt::format("{}:{}:{}", ++position, escaped(option.value, SPECIAL), values));
        }
        std::vector<std::string> below;
        below.reserve(verb->verbs.size());
        for (const auto& row : verb->verbs)
            below.push_back(fmt::format("{}\\:\"{}\"", row.word(), escaped(first_line(row.help), "\"")));
        if (!below.empty()) add(fmt::format("1:verb:(({}))", fmt::join(below, " ")));
        cases += fmt::format("    ({}) _arguments{} ;;\n", shell_word(verb->name), arguments);
    }
    return fmt::format(R"(#compdef podium
# {}
local verb=podium
while (( CURRENT > 2 )); do
    case "$verb ${{words[2]}}" in
        ({}) verb="$verb ${{words[2]}}"; shift words; (( CURRENT-- )) ;;
        (*) break ;;
    esac
done
case $verb in
{}esac
)",
                       NOTE, verb_patterns(root, "|"), cases);
}

std::string fish_completion(const VerbRow& root) {
    std::string rows;
    for (const auto* verb : all_verbs(root)) {
        const auto line = [&](std::string_view rest, const std::string& help) {
            rows += fmt::format("complete -c podium -n {} {} -d {}\n", shell_word("__podium_at " + verb->name), rest,
                                shell_word(escaped(first_line(help), "\\")));
        };
        for (const auto& below : verb->verbs) line("-f -a " + below.word(), below.help);
        for (const auto& option : verb->options) {
            const auto choices = option.choices.empty()
                                     ? std::string()
                                     : " -f -a " + shell_word(fmt::format("{}", fmt::join(option.choices, " ")));
            for (const auto& name : option.names) {
                const bool is_long = name.starts_with("--");
                line(fmt::format("{} {}{}{}", is_long ? "-l" : "-s", name.substr(is_long ? 2 : 1),
                                 option.value.empty() ? "" : " -r", choices),
                     option.help);
            }
            if (option.is_positional && !choices.empty()) line(choices.substr(1), option.help);
        }
    }
    return fmt::format(R"(# {}
function __podium_at
    set -l verb podium
    for word in (commandline -opc)[2..-1]
        switch "$verb $word"
            case {}
                set verb "$verb $word"
        end
    end
    test "$verb" = "$argv"
end
{})",
                       NOTE, verb_patterns(root, " "), rows);
}

}  // namespace podium
