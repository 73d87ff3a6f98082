#include "podium/cli/optimizers_command.h"

#include <nlohmann/json.hpp>

#include "podium/cli/exit_codes.h"
#include "podium/config/config.h"
#include "podium/optim/optimizers.h"
#include "podium/runs/run_files.h"
#include "podium/train/train_config.h"

namespace podium {
namespace {

constexpr std::string_view OPTIMIZERS_EXAMPLES = R"(Examples:
  podium optimizers                          a table of all methods, and the memory of their state
  podium optimizers --parameters 124e6       for a model of so many parameters
  podium optimizers --config gpt.yaml        for a config's model, or a run's, tensor by tensor
  podium optimizers --state-type 8bit        with moments in 8 bits, as optimizer.state_type keeps them
  podium optimizers --json | jq '.[].name'   their names, as optimizer.name takes them)";

struct OptimizersFlags {
    bool json = false;
    double parameters = 1e9;
    std::string state_type, config;
};

/// Returns what --state-type means; throws INVALID_ARGUMENT.
optim::StateType state_type_of(const std::string& text) {
    if (const auto type = find_named<optim::StateType>(text)) return *type;
    std::vector<std::string_view> names;
    for (const auto& each : enum_names(optim::StateType())) names.push_back(each.second);
    fail(Code::INVALID_ARGUMENT, "--state-type is \"{}\"; it may be {}", text, fmt::join(names, ", "));
}

/// The model whose memory is counted: a number of parameters in matrices, or all tensors of a config's model.
struct CountedModel {
    double parameters;
    optim::StateType type = optim::StateType::PARAMETER;
    BasicTree<Shape> shapes = {};

    optim::StateSize state_of(const optim::OptimizerRow& row) const {
        if (!shapes.empty()) return optim::state_size(row, type, shapes);
        auto size = optim::state_size(row, type);
        size.bytes = size.bytes_per_parameter * parameters;
        return size;
    }
};

CountedModel counted_model(const OptimizersFlags& flags) {
    CountedModel model{.parameters = flags.parameters};
    if (!flags.config.empty()) {
        const std::filesystem::path given = flags.config;
        const auto config = config::read_file<train::TrainConfig>(is_run(given) ? config_of(given) : given);
        const TraceScope scope;
        model.shapes = train::Model(config.model)
                           .init(Key{scope.parameter(Shape(DataType::UINT32, {2}))})
                           .map([](const Tensor& tensor) { return Shape(tensor.type(), tensor.dims()); });
        model.type = config.optimizer.state_type;
    }
    if (!flags.state_type.empty()) model.type = state_type_of(flags.state_type);
    return model;
}

int list_optimizers(const OptimizersFlags& flags) {
    constexpr std::string_view LINE = "{:<28}{:>6}{:>8}{:>12}  {:<31}{}\n";
    if (!flags.json) fmt::print(LINE, "optimizer", "slots", "bytes", "memory", "like", "source");
    const CountedModel model = counted_model(flags);
    auto list = nlohmann::ordered_json::array();
    for (const auto& row : optim::optimizers()) {
        const auto size = model.state_of(row);
        const auto likes = optim::like_names(row);
        if (flags.json)
            list.push_back({{"name", row.name},
                            {"source", row.source},
                            {"slots", size.slots},
                            {"bytes_per_parameter", size.bytes_per_parameter},
                            {"bytes", size.bytes},
                            {"like", likes}});
        else
            fmt::print(LINE, row.name, size.slots, fmt::format("{:.3g}", size.bytes_per_parameter),
                       fmt::format("{:.3g} GB", size.bytes / 1e9), fmt::format("{}", fmt::join(likes, " ")),
                       row.source);
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
    verb->add_option("--state-type", flags->state_type,
                     "in what moments are kept: parameter, bf16 or 8bit; else the config's");
    verb->add_option("--config", flags->config, "a training config or a run's folder, instead of --parameters")
        ->check(CLI::ExistingPath)
        ->excludes("--parameters");
    verb->footer(std::string(OPTIMIZERS_EXAMPLES));
    verb->final_callback([&run, flags] { run = [flags] { return list_optimizers(*flags); }; });
}

}  // namespace podium
