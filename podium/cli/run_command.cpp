#include "podium/cli/run_command.h"

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "podium/arrays/npy.h"
#include "podium/base/file.h"
#include "podium/cli/child_process.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/program_options.h"
#include "podium/cli/run_onnx.h"
#include "podium/runtime/pjrt/discover.h"
#include "podium/runtime/pjrt/foreign_text.h"
#include "podium/runtime/pjrt/pjrt_backend.h"
#include "podium/runtime/pjrt/quantized_text.h"

namespace podium {
namespace {

constexpr std::string_view RUN_EXAMPLES = R"(Examples:
  podium run add.mlir --input 0=x.npy --input 1=y.npy --output-dir out      writes out/0.npy, ...
  podium run model.onnx --input image=x.npy --output-dir out                an ONNX model: inputs by name or position
  podium run step.mlir --output-dir out --flag xla_cpu_enable_fast_min_max=true
  podium run step.mlir --output-dir out --device tpu --plugin libtpu.so
  podium run all_reduce.mlir --output-dir out --replicas 2      0.npy has a row for each replica
The program runs in a process of its own: a plugin that crashes is an error, and nothing is written.
bf16 is stored as ml_dtypes stores it: np.load("0.npy").view(ml_dtypes.bfloat16).)";

struct RunOptions {
    std::string program, output_dir, device = "cpu", plugin;
    std::vector<std::string> inputs, flags;
    int replicas = 1;
    unsigned timeout_s = 0;
    bool json = false, in_child = false;
};

/// Returns the input files by position: 0, 1, … without a gap.
std::vector<std::string> input_files(const RunOptions& options) {
    std::vector<std::string> ordered;
    for (const auto& [position, file] : files_by_position("run", "--input", options.inputs)) {
        if (position != ordered.size())
            fail(Code::INVALID_ARGUMENT, "run: --input {} is given, --input {} is not", position, ordered.size());
        ordered.push_back(file);
    }
    return ordered;
}

std::vector<HostArray> read_inputs(const std::vector<std::string>& files, const PjrtExecutable& program) {
    const auto& parameters = program.parameters();
    if (files.size() != parameters.size())
        fail(Code::INVALID_ARGUMENT,
             "run: the program has {} parameters, {} inputs were given; give --input 0=... to {}", parameters.size(),
             files.size(), parameters.size() - 1);
    std::vector<HostArray> arrays;
    for (std::size_t i = 0; i < files.size(); ++i)
        arrays.push_back(read_value("run", fmt::format("parameter {}", i), files[i], parameters[i]->shape));
    return arrays;
}

Device device_of(const RunOptions& options) {
    const Device device(options.device);
    if (device.type == DeviceType::INTERP)
        fail(Code::INVALID_ARGUMENT, "run: the interpreter runs podium's own graphs, not text; name a plugin's device");
    return device;
}

/// Returns the devices, one for each replica, from the one that was named on.
Mesh mesh_of(const RunOptions& options, const Device& first) {
    if (options.replicas == 1) return Mesh(first);
    DeviceSet set{first.type, {}};
    for (int i = 0; i < options.replicas; ++i) set.indices.push_back(first.index + i);
    return {{{"replica", options.replicas}}, set};
}

/// Returns a result's value; of several replicas, one after the other along a new first dimension.
HostArray value_of(const PjrtBuffer& result) {
    if (result.shard_count() == 1) return result.to_host();
    Shape shape = result.shape();
    shape.dims.insert(shape.dims.begin(), static_cast<std::int64_t>(result.shard_count()));
    auto all = HostArray::uninitialized(shape);
    for (std::size_t i = 0; i < result.shard_count(); ++i) {
        const auto each = result.shard_to_host(i);
        if (each.size_bytes() > 0)
            std::memcpy(all.mutable_data() + i * each.size_bytes(), each.data(), each.size_bytes());
    }
    return all;
}

/// Writes 0.npy, 1.npy, … and says so; `names` are the outputs' own, where they have any.
void write_outputs(const RunOptions& options, const std::vector<HostArray>& outputs,
                   const std::vector<std::string>& names) {
    make_directories(options.output_dir);
    auto lines = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto file = std::filesystem::path(options.output_dir) / fmt::format("{}.npy", i);
        write_npy(file, outputs[i]);
        lines.push_back({{"file", file.string()}, {"shape", to_string(outputs[i].shape())}});
        if (i < names.size()) lines.back()["name"] = names[i];
        const auto name = i < names.size() ? fmt::format("  {}", names[i]) : "";
        if (!options.json) fmt::print("{}  {}{}\n", file.string(), to_string(outputs[i].shape()), name);
    }
    if (options.json) fmt::print("{}\n", nlohmann::ordered_json{{"format", 1}, {"outputs", lines}}.dump());
}

int run_here(const RunOptions& options) {
    follow_parent(options.timeout_s);
    const auto device = device_of(options);
    if (is_onnx_file(options.program)) {
        const auto results = run_onnx(options.program, options.inputs, device, options.plugin);
        write_outputs(options, results.leaves(), results.paths()->names());
        return EXIT_DONE;
    }
    const auto found = find_plugin(device.type, {.explicit_path = options.plugin});
    const auto path = options.plugin.empty() ? found.value().path : options.plugin;
    PjrtBackend backend(*PjrtPlugin::load(path).value(), device.type, device.index + options.replicas);
    const auto mesh = mesh_of(options, device);
    const auto plain = without_quantized_types(read_file(options.program));
    const auto text = device.type == DeviceType::CPU ? with_barriers(plain) : plain;
    const auto program =
        backend.compile_text({.text = text, .mesh = mesh, .name = options.program, .replicas = options.replicas > 1},
                             {.flags = xla_flags("run", options.flags)});
    const auto here = std::make_shared<const Placement>(mesh);
    std::vector<BufferPtr> arguments;
    std::vector<Buffer*> handles;
    for (const auto& array : read_inputs(input_files(options), *program)) {
        arguments.push_back(backend.upload(array, here));
        handles.push_back(arguments.back().get());
    }
    const auto results = program->execute(handles, {});
    std::vector<HostArray> outputs;
    outputs.reserve(results.size());
    for (const auto& result : results) outputs.push_back(value_of(static_cast<const PjrtBuffer&>(*result)));

    write_outputs(options, outputs, {});
    return EXIT_DONE;
}

int run_apart(const RunOptions& options) {
    // What needs no plugin is refused before a process is made.
    device_of(options);
    xla_flags("run", options.flags);
    if (!is_onnx_file(options.program))
        input_files(options);
    else if (!options.flags.empty() || options.replicas > 1)
        fail(Code::INVALID_ARGUMENT, "run: --flag and --replicas are for StableHLO text; leave them out for {}",
             options.program);
    std::vector<std::string> words{"run",      options.program, "--output-dir", options.output_dir,
                                   "--device", options.device};
    const auto add = [&](const std::string& flag, const std::string& value) {
        words.push_back(fmt::format("{}={}", flag, value));
    };
    if (!options.plugin.empty()) add("--plugin", options.plugin);
    for (const auto& input : options.inputs) add("--input", input);
    for (const auto& flag : options.flags) add("--flag", flag);
    add("--replicas", std::to_string(options.replicas));
    add("--timeout", std::to_string(options.timeout_s));
    if (options.json) words.emplace_back("--json");
    return run_in_child(words, fmt::format("run {}", options.program));
}

}  // namespace

void add_run(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("run", "run any StableHLO text, or an ONNX model, with NumPy files");
    const auto options = std::make_shared<RunOptions>();
    verb->add_option("program", options->program, "StableHLO text, FILE.mlir, or a model, FILE.onnx")->required();
    verb->add_option("--input", options->inputs, "POSITION=FILE.npy, one for each parameter; NAME=FILE.npy for a model")
        ->allow_extra_args(false);
    verb->add_option("--output-dir", options->output_dir, "folder for 0.npy, 1.npy, ...")->required();
    verb->add_option("--device", options->device, "kind[:index]; cpu where not said");
    verb->add_option("--plugin", options->plugin, "a PJRT plugin's file, instead of the one that is found");
    verb->add_option("--flag", options->flags, "NAME=VALUE, any of XLA's flags")->allow_extra_args(false);
    verb->add_option("--replicas", options->replicas, "processes that replica_id tells apart, a device each")
        ->check(CLI::PositiveNumber);
    verb->add_option("--timeout", options->timeout_s, "seconds, after which it is stopped with code 5; 0 is none");
    verb->add_flag("--json", options->json, "one JSON object on stdout");
    add_child_flag(*verb, options->in_child);
    verb->footer(std::string(RUN_EXAMPLES));
    verb->final_callback(
        [&run, options] { run = [options] { return options->in_child ? run_here(*options) : run_apart(*options); }; });
}

}  // namespace podium
