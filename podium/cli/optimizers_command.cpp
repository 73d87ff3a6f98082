#include "podium/cli/optimizers_command.h"

#include <nlohmann/json.hpp>

#include "podium/cli/exit_codes.h"
#include "podium/optim/optimizers.h"

namespace podium {
namespace {

constexpr std::string_view OPTIMIZERS_EXAMPLES = R"(Examples:
  podium optimizers                          a table of all methods, and the memory of their state
  podium optimizers --parameters 124e6       for a model of so many parameters
  podium optimizers --json | jq '.[].name'   their names, as optimizer.name takes them)";

struct OptimizersFlags {
    bool json = false;
    double parameters = 1e9;
};

int list_optimizers(const OptimizersFlags& flags) {
    constexpr std::string_view LINE = "{:<28}{:>6}{:>8}{:>12}  {:<31}{}\n";
    if (!flags.json) fmt::print(LINE, "optimizer", "slots", "bytes", "memory", "like", "source");
    auto list = nlohmann::ordered_json::array();
    for (const auto& row : optim::optimizers()) {
        const auto size = optim::state_size(row);
        const auto likes = optim::like_names(row);
        if (flags.json)
            list.push_back({{"name", row.name},
                            {"source", row.source},
                            {"slots", size.slots},
                            {"bytes_per_parameter", size.bytes_per_parameter},
                            {"like", likes}});
        else
            fmt::print(LINE, row.name, size.slots, fmt::format("{:.3g}", size.bytes_per_parameter),
                       fmt::format("{:.3g} GB", size.bytes_per_parameter * flags.parameters / 1e9),
                       fmt::format("{}", fmt::join(likes, " ")), row.source);
    }
    if (flags.json) fmt::print("{}\n", list.dump());
    return EXIT_DONE;
}

}  // namespace

void add_optimizers(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("optimizers", "every optimizer: source, and what its state takes");
    const auto flags = std::make_shared<OptimizersFlags>();
    verb->add_flag("--json", flags->json, "one JSON list on stdout");
    verb->add_option("--parameters", flags->parameters,
                     "of the model whose memory the table shows, all matrices in f32")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    verb->footer(std::string(OPTIMIZERS_EXAMPLES));
    verb->final_callback([&run, flags] { run = [flags] { return list_optimizers(*flags); }; });
}

}  // namespace podium
