#include "podium/cli/plan_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <memory>

#include "podium/base/file.h"
#include "podium/base/user_folder.h"
#include "podium/cli/child_process.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/plan_report.h"
#include "podium/config/config.h"
#include "podium/plan/plan.h"
#include "podium/runtime/pjrt/discover.h"

namespace podium {
namespace {

constexpr std::string_view PLAN_EXAMPLES = R"(Examples:
  podium plan examples/plan/llama3-8b.yaml --on v5e-256,v6e-256,v5p-128
  podium plan examples/plan/gpt-100m.yaml --on v5e-8 --mesh data=4,model=2 --fast
  podium plan examples/plan/gpt-100m.yaml --on v5e-8 --set train.batch=256 --set model.remat=true --tokens 10B
  podium plan step.mlir --on v6e-8 --mesh data=8       StableHLO of anyone
The step is compiled by libtpu (podium plugin install tpu), for TPUs that need not be here; no weight is made. A second
run answers from ~/.cache/podium/plans. Exit code 0: one fits; 8: none does.
--mesh splits as podium train does: data (the batch), fsdp (the batch, and parameters with their state), model (heads and
hidden layers), seq (the length), expert, and the axes of parallel.rules.)";

constexpr const char* JOB_FLAG = "--job";

struct PlanFlags {
    std::string source, on, mesh, plugin, job, tokens;
    std::vector<std::string> overrides, prices;
    double timeout_s = 1800;
    int jobs = 2;
    bool fast = false, json = false, no_cache = false;
};

/// Returns 1e10 for "10B"; 0 for nothing.
double number_of_tokens(const std::string& text) {
    if (text.empty()) return 0;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string unit(end, text.data() + text.size());
    const double factor = unit == "K" ? 1e3 : unit == "M" ? 1e6 : unit == "B" ? 1e9 : unit == "T" ? 1e12 : 1;
    if (error != std::errc() || (factor == 1 && !unit.empty()) || !(value > 0))
        fail(Code::INVALID_ARGUMENT, "--tokens {}: give a number, 10B or 3e9", text);
    return value * factor;
}

std::string libtpu(const std::string& explicit_path) {
    const auto found = find_plugin(DeviceType::TPU, {.explicit_path = explicit_path});
    if (found && (explicit_path.empty() || std::filesystem::exists(explicit_path))) return found->path;
    if (!explicit_path.empty()) fail(Code::NOT_FOUND, "--plugin {}: there is no such file", explicit_path);
    fail(
        Code::UNAVAILABLE,
        "plan: libtpu, the TPU's compiler, is not here; podium plugin install tpu gets it (205 MB). Without a network: "
        "put its wheel into ~/.cache/podium/wheels and add --offline, or name libtpu.so with --plugin or "
        "TPU_LIBRARY_PATH");
}

train::TrainConfig config_for(const PlanFlags& flags) {
    auto config = config::read_file<train::TrainConfig>(flags.source);
    if (config.data.paths.empty()) config.data.paths = {"."};  // none is read
    config = train::changed(std::move(config), {.overrides = flags.overrides});
    config.mesh.clear();
    if (config.train.batch.automatic)
        fail(Code::INVALID_CONFIG, "train.batch is auto, which needs a device; give --set train.batch=256");
    if (config.train.offload_optimizer)
        fail(Code::INVALID_CONFIG,
             "train.offload_optimizer makes two programs of a step, which are not planned; give "
             "--set train.offload_optimizer=false");
    return train::resolved(std::move(config));
}

plan::PlanOptions options_for(const PlanFlags& flags) {
    plan::PlanOptions options{.targets = catalog::find_slices(flags.on),
                              .fast = flags.fast,
                              .jobs = flags.jobs,
                              .total_tokens = number_of_tokens(flags.tokens)};
    if (!flags.mesh.empty()) options.mesh = parse_mesh_axes(flags.mesh);
    for (const auto& price : flags.prices) options.prices.override_price(price);
    options.plugin = libtpu(flags.plugin);
    options.compile = {.child_command = {"/proc/self/exe", "plan", JOB_FLAG}, .timeout_s = flags.timeout_s};
    if (!flags.no_cache) options.compile.cache_folder = user_cache_folder("plans");
    return options;
}

int make_plan(const PlanFlags& flags) {
    if (!flags.job.empty()) {
        follow_parent();
        plan::run_compile_job(flags.job);
        std::fflush(nullptr);
        _exit(EXIT_DONE);  // the compiler's own exit handlers have nothing to say
    }
    if (flags.source.empty() || flags.on.empty())
        fail(Code::INVALID_ARGUMENT, "plan: name a config or a .mlir file, and --on v5e-16; see podium plan --help");
    auto options = options_for(flags);
    PlanProgress progress(options.targets);
    options.progress = [&](std::size_t i, const plan::CompileAnswer* answer) { progress.tell(i, answer); };
    const bool is_text = std::filesystem::path(flags.source).extension() == ".mlir";
    const auto candidates =
        is_text ? plan::plan_text(read_file(flags.source), options) : plan::plan_config(config_for(flags), options);
    bool any_fits = false;
    for (const auto& candidate : candidates) {
        any_fits = any_fits || candidate.fits();
        if (flags.json) fmt::print("{}\n", plan::candidate_json(candidate).dump());
    }
    if (!flags.json) print_plan(candidates, options);
    return any_fits ? EXIT_DONE : EXIT_NOTHING_FITS;
}

}  // namespace

void add_plan(CLI::App& app, std::function<int()>& run) {
    const auto flags = std::make_shared<PlanFlags>();
    auto* const verb =
        app.add_subcommand("plan", "compiles a training step for TPUs that are not here: fits, time, cost");
    verb->add_option("source", flags->source, "YAML config, or StableHLO text (.mlir)");
    verb->add_option("--on", flags->on, "slices, by Google's names: v5e-16,v6e-8,v4-32,v5p-64,tpu7x-8");
    verb->add_option("--mesh", flags->mesh,
                     "axes of devices: data=4,model=4; default: all data, or all fsdp for large models");
    verb->add_option("--set", flags->overrides,
                     "any field of the config, each with its own --set: --set train.batch=64")
        ->allow_extra_args(false);
    verb->add_flag("--fast", flags->fast, "compile without optimizing: a verdict in seconds, close to the full one");
    verb->add_option("--tokens", flags->tokens, "of the whole run, 10B: for its cost");
    verb->add_option("--price", flags->prices, "US dollars a chip-hour instead of podium's list: v5e=1.10")
        ->allow_extra_args(false);
    verb->add_option("--jobs", flags->jobs, "compilers at once")->check(CLI::Range(1, 64))->capture_default_str();
    verb->add_option("--timeout", flags->timeout_s, "seconds for one compile")->capture_default_str();
    verb->add_option("--plugin", flags->plugin, "libtpu.so to use instead of the one that is found");
    verb->add_flag("--no-cache", flags->no_cache, "compile again what was answered before");
    verb->add_flag("--json", flags->json, "one JSON object a candidate on stdout, each on a line");
    verb->add_option(JOB_FLAG, flags->job)->group("");
    verb->footer(std::string(PLAN_EXAMPLES));
    verb->callback([flags, &run] { run = [flags] { return make_plan(*flags); }; });
}

}  // namespace podium
