#include "podium/cli/run_onnx.h"

#include "podium/arrays/npy.h"
#include "podium/cli/program_options.h"
#include "podium/exec/backends.h"
#include "podium/onnx/model.h"

namespace podium {
namespace {

/// Returns the file for input `i`, given by name or by position, and takes it out of `files`; "" where there is none.
std::string taken_file(std::map<std::string, std::string>& files, const std::string& name, std::size_t i) {
    for (const auto& key : {name, std::to_string(i)}) {
        const auto found = files.find(key);
        if (found == files.end()) continue;
        auto file = std::move(found->second);
        files.erase(found);
        return file;
    }
    return {};
}

/// Returns the array for an input; sizes that the model leaves open are the file's.
HostArray read_input(const onnx::ValueDefinition& value, const std::string& file) {
    if (value.kind != onnx::ValueDefinition::Kind::TENSOR)
        fail(Code::UNIMPLEMENTED, "run: input \"{}\" is no tensor of numbers, and arrays hold nothing else",
             value.name);
    Shape expected(value.type, value.dims);
    const Dims found = read_npy(file).shape().dims;
    if (expected.dims.empty()) expected.dims = found;
    for (std::size_t i = 0; i < expected.dims.size() && i < found.size(); ++i)
        if (expected.dims[i] < 0) expected.dims[i] = found[i];
    return read_value("run", fmt::format("input \"{}\"", value.name), file, expected);
}

}  // namespace

bool is_onnx_file(const std::string& program) { return program.ends_with(".onnx"); }

BasicTree<HostArray> run_onnx(const std::string& program, const std::vector<std::string>& inputs, Device device,
                              const std::string& plugin) {
    if (!plugin.empty()) set_plugin_path(device.type, plugin);
    const auto model = onnx::load(program);
    auto files = files_by_name("run", "--input", inputs);
    TreeBuilder<HostArray> arrays;
    for (std::size_t i = 0; i < model.inputs().size(); ++i) {
        const auto& value = model.inputs()[i];
        const auto file = taken_file(files, value.name, i);
        if (file.empty())
            fail(Code::INVALID_ARGUMENT, "run: the model's input {} is not given; give --input {}=FILE.npy", i,
                 value.name);
        arrays.add(value.name, read_input(value, file));
    }
    if (!files.empty())
        fail(Code::INVALID_ARGUMENT, "run: --input {}: the model has no such input; it has {}", files.begin()->first,
             model.inputs().size());
    return model.run(arrays.build(), device);
}

}  // namespace podium
