#include "podium/cli/command.h"

#include <algorithm>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>

#include "podium/base/nearest.h"
#include "podium/cli/about.h"
#include "podium/cli/cache_command.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/verbs.h"

namespace podium {
namespace {

constexpr std::string_view COMMAND_EXAMPLES = R"(Examples:
  podium devices                                          what is there to run on
  podium train examples/gpt.yaml --data 'docs/**/*.md' --out runs/first
  podium sample runs/first --prompt "The mesh"
  podium train --resume runs/first --steps 1000           goes on, to the same bits
  podium VERB --help                                      teaches each verb by example)";

void report(std::string_view code, std::string_view message, bool json) {
    fmt::print(stderr, "podium: {}\n", message);
    if (!json) return;
    const nlohmann::ordered_json line{{"format", 1}, {"event", "error"}, {"code", code}, {"message", message}};
    fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// Returns ", did you mean X?" where one of `known` is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    const auto near = nearest(word, known);
    return near.empty() ? std::string() : fmt::format("; did you mean {}?", near);
}

std::vector<std::string> flags_of(const CLI::App& verb) {
    std::vector<std::string> flags;
    for (const auto* option : verb.get_options())
        for (const auto& name : option->get_lnames()) flags.push_back(fmt::format("--{}", name));
    return flags;
}

std::vector<std::string> names_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(verb->get_name());
    return names;
}

/// Returns the innermost verb that was named: install of `podium plugin install`.
const CLI::App& innermost(const CLI::App& app) {
    const auto named = app.get_subcommands();
    return named.empty() ? app : innermost(*named.front());
}

std::string full_name(const CLI::App& verb) {
    const auto* above = verb.get_parent();
    return above == nullptr ? verb.get_name() : fmt::format("{} {}", full_name(*above), verb.get_name());
}

void allow_extras(CLI::App& app) {
    app.allow_extras();
    for (auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) allow_extras(*verb);
}

/// Throws for the first word that neither the command nor the verb knows.
void refuse_unknown_words(const CLI::App& app) {
    const auto words = app.remaining(true);
    if (words.empty()) return;
    const auto word = words.front().substr(0, words.front().find('='));
    const CLI::App& verb = innermost(app);
    const auto help = full_name(verb);
    const auto verbs = names_of(verb);
    if (!word.starts_with('-') && !verbs.empty())
        fail(Code::INVALID_ARGUMENT, "there is no verb \"{}\"{}; {} --help lists them", word, suggestion(word, verbs),
             help);
    if (!word.starts_with('-')) fail(Code::INVALID_ARGUMENT, "unexpected \"{}\"; see {} --help", words.front(), help);
    fail(Code::INVALID_ARGUMENT, "there is no flag {}{}; see {} --help", word, suggestion(word, flags_of(verb)), help);
}

/// Fills `run`; returns whether there is something to run: help and version are done when this returns.
bool parse(CLI::App& app, std::span<const char* const> arguments) {
    std::vector<std::string> words(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the back
    try {
        app.parse(words);
    } catch (const CLI::Success& wanted) {
        app.exit(wanted, std::cout, std::cerr);
        return false;
    } catch (const CLI::ParseError& error) {
        refuse_unknown_words(app);
        fail(Code::INVALID_ARGUMENT, "{}; see {} --help", error.what(), full_name(innermost(app)));
    }
    refuse_unknown_words(app);
    return true;
}

}  // namespace

int run_command(std::span<const char* const> arguments) {
    const bool json = std::any_of(arguments.begin(), arguments.end(),
                                  [](const char* word) { return std::string_view(word) == "--json"; });
    try {
        CLI::App app("podium trains models on TPU pods, GPUs and CPUs, through PJRT plugins.", "podium");
        app.set_version_flag("--version", about, "version, commit, compiler and plugins");
        app.add_flag_callback(
            "--licenses", [] { throw CLI::CallForVersion(std::string(LICENSES), EXIT_DONE); },
            "the licences of podium and of what it links");
        app.footer(std::string(COMMAND_EXAMPLES));
        std::function<int()> run;
        for (const auto add : verbs()) add(app, run);
        allow_extras(app);
        if (!parse(app, arguments)) return EXIT_DONE;
        if (!run)
            fail(Code::INVALID_ARGUMENT, "name a verb: {}; podium --help explains", fmt::join(names_of(app), ", "));
        use_program_cache();
        return run();
    } catch (const Error& error) {
        report(name(error.code()), error.what(), json);
        return exit_code(error);
    } catch (const std::bad_alloc&) {
        report(name(Code::OUT_OF_MEMORY), "this machine's memory is used up; use a smaller batch or model", json);
        return EXIT_MEMORY;
    } catch (const std::exception& error) {
        report(name(Code::INTERNAL), fmt::format("{}; this is a defect of podium's, please report it", error.what()),
               json);
        return EXIT_DEFECT;
    }
}

}  // namespace podium
