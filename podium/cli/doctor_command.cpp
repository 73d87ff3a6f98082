#include "podium/cli/doctor_command.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "podium/base/file.h"
#include "podium/bench/train_cases.h"
#include "podium/cli/child_process.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/plugin_report.h"
#include "podium/exec/backends.h"
#include "podium/exec/evaluate.h"
#include "podium/exec/kernel_choice.h"
#include "podium/exec/peak.h"
#include "podium/ir/ops.h"
#include "podium/runtime/pjrt/onednn.h"
#include "podium/train/recovery.h"

namespace podium {
namespace {

constexpr std::string_view DOCTOR_EXAMPLES = R"(Examples:
  podium doctor
  podium doctor --plugin other.so      what another plugin would do
  podium doctor --json | jq '.checks[] | select(.state != "ok")'
Exit code 0: fit to train; 5: the plugin is missing, does not run, or computes wrongly.)";

constexpr double KERNEL_SECONDS = 0.8;  // for each form

struct DoctorOptions {
    std::string plugin;
    bool json = false, in_child = false;
};

enum class State { FINE, NOTE, BAD };
constexpr std::string_view name(State state) {
    return state == State::FINE ? "ok" : state == State::NOTE ? "note" : "bad";
}

struct Check {
    std::string name;
    State state;
    std::string text;
};

Check cores() { return {"cores", State::FINE, fmt::format("{}", std::thread::hardware_concurrency())}; }

Check memory() {
    const auto bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
    return {"memory", State::FINE, fmt::format("{} MiB", bytes >> 20)};
}

/// Large pages make the CPU plugin's steps shorter; the kernel says with brackets what it does.
Check huge_pages() {
    constexpr std::string_view WHERE = "/sys/kernel/mm/transparent_hugepage/enabled";
    try {
        const auto text = read_file(WHERE);
        if (text.find("[never]") == std::string::npos)
            return {"huge pages", State::FINE, text.substr(0, text.find('\n'))};
        return {"huge pages", State::NOTE, fmt::format("off: steps are slower; as root: echo madvise > {}", WHERE)};
    } catch (const Error&) {
        return {"huge pages", State::NOTE, "this kernel has none: steps are slower"};
    }
}

Check allocator() {
    const bool ours = dlsym(RTLD_DEFAULT, "podium_keeps_large_blocks") != nullptr;
    return {"allocator", ours ? State::FINE : State::NOTE,
            ours ? "keeps the pages of large blocks" : "the system's: steps are slower"};
}

Check plugin(const DoctorOptions& options) {
    std::string problems;
    for (const auto& report : inspect_plugins(options.plugin)) {
        if (report.is_default)
            return {"plugin", State::FINE,
                    fmt::format("{}, PJRT {}, StableHLO {}", report.found.path, report.api_version,
                                report.stablehlo_range)};
        if (report.found.type == DeviceType::CPU) problems += report.problem + "; ";
    }
    return {"plugin", State::BAD, problems.empty() ? "none for the CPU: run podium plugin install cpu" : problems};
}

/// Returns what `program` computes on `device`.
HostArray computed_on(Device device, Tensor (*program)()) {
    const DeviceScope scope(device);
    return program().to_host();
}

/// A small program, and the largest difference from the interpreter's result that its roundings explain.
struct Probe {
    std::string_view name, what;
    Tensor (*program)();
    double tolerance;
};

Tensor wave(Dims dims) { return sin(tensor(HostArray::scalar(0.7F)) * iota(std::move(dims), 1, DataType::FLOAT32)); }

constexpr std::array PROBES{
    Probe{"arithmetic", "a matrix product, tanh and a sum agree with podium's interpreter",
          [] {
              return sum(tanh(matmul(wave({16, 32}), wave({32, 8}))), {1});
          },
          1e-4},
    Probe{"NaN in maximum", "the plugin's fast form loses NaNs; podium turns it off (xla_cpu_enable_fast_min_max)",
          [] {
              return maximum(wave({4, 4}), tensor(HostArray::scalar(std::numeric_limits<float>::quiet_NaN())));
          },
          0},
    Probe{"folded constants",
          "the plugin folds some gathers, sums of booleans and NaNs wrongly; podium keeps such constants from it",
          [] {
              const auto nothing = full({4}, std::numeric_limits<float>::quiet_NaN());
              return maximum(ones({4}), nothing);
          },
          0},
};

/// Returns whether both hold the same numbers up to `tolerance`, NaN being equal to NaN.
bool agree(const HostArray& a, const HostArray& b, double tolerance) {
    if (a.shape() != b.shape()) return false;
    for (std::int64_t i = 0; i < a.count(); ++i) {
        const double x = a.as_double(i), y = b.as_double(i);
        if (std::isnan(x) != std::isnan(y) || std::abs(x - y) > tolerance) return false;
    }
    return true;
}

Check run(const Probe& probe) {
    const std::string title(probe.name);
    try {
        const auto found = computed_on(Device(DeviceType::CPU), probe.program);
        const auto expected = computed_on(Device(DeviceType::INTERP), probe.program);
        if (agree(found, expected, probe.tolerance)) return {title, State::FINE, std::string(probe.what)};
        return {title, State::BAD, "the plugin's numbers differ from podium's interpreter; do not train with it"};
    } catch (const Error& error) {
        return {title, State::BAD, error.what()};
    }
}

/// How fast the devices multiply; runs then say what share of it they reach.
Check speed() {
    std::string text;
    for (const auto type : {DeviceType::CPU, DeviceType::CUDA})
        if (const Device device(type); device.is_available())
            text += fmt::format("{}{:.1f} GFLOP/s in f32 matrix products on {}", text.empty() ? "" : ", ",
                                measure_peak(device) / 1e9, to_string(device));
    return {"speed", State::FINE, text};
}

/// A kind of kernels, and what shows whether it is faster than what XLA makes.
struct KernelTrial {
    std::string_view name, what;
    KernelUse use;
    bench::Measurement (*measure)(const bench::Options&);
    bool by_library;
};
constexpr std::array KERNEL_TRIALS{
    KernelTrial{
        "loops", "33.5 million parameters updated by AdamW", {.loops = true, .library = {}}, bench::adam_33m, false},
    KernelTrial{
        "products", "a step of a multilayer perceptron", {.library = {.products = true}}, bench::mlp_step, true},
    KernelTrial{
        "convolutions", "a step of a residual network", {.library = {.convolutions = true}}, bench::cnn_step, true},
    KernelTrial{"attention", "a step of a GPT", {.library = {.attention = true}}, bench::gpt_step, true},
};

/// Which kernels are faster than what XLA makes; runs then use them.
std::vector<Check> kernels() {
    const auto least_ms = [](const KernelTrial& trial, KernelUse use) {
        set_kernels(use);
        return std::ranges::min(trial.measure({.seconds = KERNEL_SECONDS}).times_ms);
    };
    std::vector<Check> checks;
    KernelUse faster;
    choose_kernels(KernelChoice::XLA);
    for (const auto& trial : KERNEL_TRIALS) {
        const auto title = fmt::format("kernels: {}", trial.name);
        if (trial.by_library && !onednn::is_there()) {
            checks.push_back({title, State::NOTE, "XLA's: podium plugin install onednn gets faster ones"});
            continue;
        }
        const double xla = least_ms(trial, {}), podium = least_ms(trial, trial.use);
        const bool wins = podium < xla;
        if (wins) faster = united(faster, trial.use);
        checks.push_back({title, State::FINE,
                          fmt::format("{} in {:.1f} ms with podium's, {:.1f} ms with XLA's: {} are used", trial.what,
                                      podium, xla, wins ? "podium's" : "XLA's")});
    }
    keep_kernels(faster);
    return checks;
}

int examine(const DoctorOptions& options) {
    follow_parent();
    if (!options.plugin.empty()) set_plugin_path(DeviceType::CPU, options.plugin);
    std::vector<Check> checks{cores(), memory(), huge_pages(), allocator(), plugin(options)};
    if (checks.back().state == State::FINE)
        for (const auto& probe : PROBES) checks.push_back(run(probe));
    const bool fit =
        std::none_of(checks.begin(), checks.end(), [](const Check& check) { return check.state == State::BAD; });
    if (fit) {
        checks.push_back(speed());
        for (auto& check : kernels()) checks.push_back(std::move(check));
    }
    if (options.json) {
        auto rows = nlohmann::ordered_json::array();
        for (const auto& check : checks)
            rows.push_back({{"check", check.name}, {"state", name(check.state)}, {"text", check.text}});
        auto recovery = nlohmann::ordered_json::array();
        for (const auto& row : train::recovery_table())
            recovery.push_back(
                {{"error", name(row.code)}, {"remedy", row.remedy}, {"times", row.times}, {"what", row.what}});
        fmt::print(
            "{}\n",
            nlohmann::ordered_json{{"format", 1}, {"fit", fit}, {"checks", rows}, {"recovery", recovery}}.dump());
    } else {
        for (const auto& check : checks) fmt::print("{:<5} {:<21} {}\n", name(check.state), check.name, check.text);
        fmt::print("\nWhat a run tries after an error, in this order, and at most how often before it stops:\n");
        for (const auto& row : train::recovery_table())
            fmt::print("{:<15} {:<20} {:>3} {}\n", name(row.code), row.remedy, row.times, row.what);
    }
    return fit ? EXIT_DONE : EXIT_DEVICE;
}

int examine_apart(const DoctorOptions& options) {
    std::vector<std::string> words{"doctor"};
    if (!options.plugin.empty()) words.push_back(fmt::format("--plugin={}", options.plugin));
    if (options.json) words.emplace_back("--json");
    return run_in_child(words, "doctor");
}

}  // namespace

void add_doctor(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("doctor", "whether machine and plugin are fit to train");
    const auto options = std::make_shared<DoctorOptions>();
    verb->add_option("--plugin", options->plugin, "a PJRT plugin's file, instead of the one that is found");
    verb->add_flag("--json", options->json, "one JSON object on stdout");
    add_child_flag(*verb, options->in_child);
    verb->footer(std::string(DOCTOR_EXAMPLES));
    verb->final_callback([&run, options] {
        run = [options] { return options->in_child ? examine(*options) : examine_apart(*options); };
    });
}

}  // namespace podium
