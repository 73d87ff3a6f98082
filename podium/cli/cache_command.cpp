#include "podium/cli/cache_command.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "podium/base/error.h"
#include "podium/cli/exit_codes.h"
#include "podium/exec/compile.h"
#include "podium/exec/program_cache.h"

namespace podium {
namespace {

constexpr std::string_view CACHE_EXAMPLES = R"(Examples:
  podium cache                          where compiled programs lie, and what they take
  podium cache --clear                  removes them; they are compiled again when needed
  PODIUM_CACHE=off podium train x.yaml  this run neither reads nor writes any
  PODIUM_CACHE=/scratch/programs        a folder of your own instead of ~/.cache/podium/programs
Programs are kept by what they were made of (text, options, plugin, processor), at most 1 GiB of them; those used least
recently go first. Damaged ones are made again.)";

struct CacheOptions {
    bool clear = false, json = false;
};

/// Returns the folder; empty where programs are not kept.
std::filesystem::path chosen_folder() {
    const char* const chosen = std::getenv("PODIUM_CACHE");
    if (chosen == nullptr || *chosen == '\0') return default_program_cache();
    return std::string_view(chosen) == "off" ? std::filesystem::path() : std::filesystem::path(chosen);
}

int show(const CacheOptions& options) {
    const auto folder = chosen_folder();
    if (folder.empty()) fail(Code::INVALID_ARGUMENT, "cache: it is off; unset PODIUM_CACHE, or set it to a folder");
    ProgramCache cache(folder, DEFAULT_PROGRAM_CACHE_BYTES);
    const auto size = options.clear ? cache.clear() : cache.size();
    if (options.json)
        fmt::print("{}\n", nlohmann::ordered_json{{"format", 1},
                                                  {"folder", folder.string()},
                                                  {"programs", size.programs},
                                                  {"bytes", size.bytes},
                                                  {"cleared", options.clear}}
                               .dump());
    else
        fmt::print("{}: {} programs, {:.1f} MB{}\n", folder.string(), size.programs,
                   static_cast<double>(size.bytes) / 1e6, options.clear ? ", removed" : "");
    return EXIT_DONE;
}

}  // namespace

void add_cache(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("cache", "compiled programs on disk: where, how many, and away with them");
    const auto options = std::make_shared<CacheOptions>();
    verb->add_flag("--clear", options->clear, "removes all of them");
    verb->add_flag("--json", options->json, "one JSON object on stdout");
    verb->footer(std::string(CACHE_EXAMPLES));
    verb->callback([options, &run] { run = [options] { return show(*options); }; });
}

void use_program_cache() { set_program_cache(chosen_folder()); }

}  // namespace podium
