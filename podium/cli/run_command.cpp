#include "podium/cli/run_command.h"

#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "podium/arrays/npy.h"
#include "podium/base/file.h"
#include "podium/cli/child_process.h"
#include "podium/cli/exit_codes.h"
#include "podium/runtime/pjrt/discover.h"
#include "podium/runtime/pjrt/foreign_text.h"
#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium {
namespace {

constexpr std::string_view RUN_EXAMPLES = R"(Examples:
  podium run add.mlir --input 0=x.npy --input 1=y.npy --output-dir out      writes out/0.npy, ...
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

/// Returns the two sides of "left=right"; throws INVALID_ARGUMENT naming the flag.
std::pair<std::string, std::string> split(const std::string& text, std::string_view flag, std::string_view form) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
        fail(Code::INVALID_ARGUMENT, "run: {} wants {}, not \"{}\"", flag, form, text);
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// Returns the number that the whole text is, or nothing.
template <class T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

XlaOptions::Value flag_value(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    if (const auto integer = number<std::int64_t>(text)) return *integer;
    if (const auto real = number<double>(text)) return *real;
    return text;
}

XlaOptions xla_options(const RunOptions& options) {
    XlaOptions made;
    for (const auto& text : options.flags) {
        const auto [name, value] = split(text, "--flag", "NAME=VALUE");
        made.flags[name] = flag_value(value);
    }
    return made;
}

/// Returns the input files by position: 0, 1, … without a gap.
std::vector<std::string> input_files(const RunOptions& options) {
    std::map<std::size_t, std::string> files;
    for (const auto& text : options.inputs) {
        const auto [left, file] = split(text, "--input", "POSITION=FILE.npy");
        const auto position = number<std::size_t>(left);
        if (!position)
            fail(Code::INVALID_ARGUMENT, "run: --input wants POSITION=FILE.npy, \"{}\" is no position", left);
        if (!files.emplace(*position, file).second)
            fail(Code::INVALID_ARGUMENT, "run: --input {} is given twice", *position);
    }
    std::vector<std::string> ordered;
    for (const auto& [position, file] : files) {
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
    for (std::size_t i = 0; i < files.size(); ++i) {
        arrays.push_back(read_npy(files[i]));
        const auto& expected = parameters[i]->shape;
        if (is_nameless(expected.type) && arrays.back().shape() == Shape(DataType::UINT8, expected.dims))
            arrays.back() = HostArray(expected, arrays.back().data(), arrays.back().owner());
        if (arrays.back().shape() != expected)
            fail(arrays.back().type() == expected.type ? Code::SHAPE_MISMATCH : Code::DTYPE_MISMATCH,
                 "run: parameter {} is {}, {} holds {}", i, to_string(expected), files[i],
                 to_string(arrays.back().shape()));
    }
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

int run_here(const RunOptions& options) {
    follow_parent(options.timeout_s);
    const auto device = device_of(options);
    const auto found = find_plugin(device.type, {.explicit_path = options.plugin});
    const auto path = options.plugin.empty() ? found.value().path : options.plugin;
    PjrtBackend backend(*PjrtPlugin::load(path).value(), device.type, device.index + options.replicas);
    const auto mesh = mesh_of(options, device);
    const auto found_text = read_file(options.program);
    const auto text = device.type == DeviceType::CPU ? with_barriers(found_text) : found_text;
    const auto program = backend.compile_text(
        {.text = text, .mesh = mesh, .name = options.program, .replicas = options.replicas > 1}, xla_options(options));
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

    make_directories(options.output_dir);
    auto lines = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto file = std::filesystem::path(options.output_dir) / fmt::format("{}.npy", i);
        write_npy(file, outputs[i]);
        lines.push_back({{"file", file.string()}, {"shape", to_string(outputs[i].shape())}});
        if (!options.json) fmt::print("{}  {}\n", file.string(), to_string(outputs[i].shape()));
    }
    if (options.json) fmt::print("{}\n", nlohmann::ordered_json{{"format", 1}, {"outputs", lines}}.dump());
    return EXIT_DONE;
}

int run_apart(const RunOptions& options) {
    // What needs no plugin is refused before a process is made.
    device_of(options);
    xla_options(options);
    input_files(options);
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
    auto* verb = app.add_subcommand("run", "run any StableHLO text with NumPy files");
    const auto options = std::make_shared<RunOptions>();
    verb->add_option("program", options->program, "StableHLO text, FILE.mlir")->required();
    verb->add_option("--input", options->inputs, "POSITION=FILE.npy, one for each parameter")->allow_extra_args(false);
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
