#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "podium/ir/graph.h"
#include "podium/onnx/definition.h"
#include "podium/runtime/device.h"

namespace podium::onnx {

/// An ONNX model as a function of podium: every node becomes podium's own operations, for the shapes of the inputs that
/// it is called with. Copies share everything. Sizes that a node computes from values are those of the file's
/// initializers; where they depend on the inputs, only `run` can know them.
class Model {
public:
    explicit Model(ModelDefinition definition);

    /// What the model is fed: its inputs but for those that have initializers.
    const std::vector<ValueDefinition>& inputs() const;
    /// What it gives, in order.
    const std::vector<ValueDefinition>& outputs() const;
    /// Returns the initializers that are floating-point numbers, by name: what training changes.
    Tree parameters() const;

    /// Returns the outputs by name, recorded: inside `jit`, `grad` and the other functions of functions too.
    /// Initializers that `parameters` does not have are constants of the program; so are inputs of the file that have
    /// one and are not given. Throws NOT_FOUND for inputs that are missing, SHAPE_MISMATCH, DTYPE_MISMATCH,
    /// INVALID_DATA, UNIMPLEMENTED for types of nodes without a row, TRACED_VALUE where a shape depends on values that
    /// are not known here.
    Tree operator()(const Tree& parameters, const Tree& inputs) const;

    /// Returns the outputs by name, computed on a device. One program is made for each set of shapes; where shapes
    /// depend on values, parts of the model run one after another.
    BasicTree<HostArray> run(const BasicTree<HostArray>& inputs, Device device = Device(DeviceType::CPU, 0)) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Returns the model in the file; see `read_model` for what is refused.
Model load(const std::filesystem::path& file);

}  // namespace podium::onnx
