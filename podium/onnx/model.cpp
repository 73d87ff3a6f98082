#include "podium/onnx/model.h"

#include <map>
#include <mutex>
#include <set>

#include "podium/exec/evaluate.h"
#include "podium/exec/jit.h"
#include "podium/onnx/call.h"

namespace podium::onnx {
namespace {

using ModelFunction = std::function<Tree(const Tree&, const Tree&)>;

/// Initializers with more elements are arguments of programs, not constants inside them.
constexpr std::int64_t CONSTANT_LIMIT = 64;

std::vector<ValueDefinition> fed(const GraphDefinition& graph) {
    std::set<std::string_view> names;
    for (const auto& [name, array] : graph.initializers) names.insert(name);
    std::vector<ValueDefinition> values;
    for (const auto& input : graph.inputs)
        if (!names.contains(input.name)) values.push_back(input);
    return values;
}

void expect_distinct_names(const ModelDefinition& model) {
    std::set<std::string_view> names;
    for (const auto& [name, array] : model.graph.initializers)
        if (!names.insert(name).second)
            fail(Code::INVALID_DATA, "{}: two initializers have the name \"{}\"", model.file, name);
    names.clear();
    for (const auto* values : {&model.graph.inputs, &model.graph.outputs}) {
        for (const auto& value : *values)
            if (!names.insert(value.name).second)
                fail(Code::INVALID_DATA, "{}: two inputs or outputs have the name \"{}\"", model.file, value.name);
        names.clear();
    }
}

void expect_fits(const ModelDefinition& model, const ValueDefinition& value, const Shape& shape) {
    if (value.kind != ValueDefinition::Kind::TENSOR) return;
    if (shape.type != value.type)
        fail(Code::DTYPE_MISMATCH, "{}: input \"{}\" is {}, {} was given", model.file, value.name, name(value.type),
             to_string(shape));
    bool fits = value.dims.empty() || value.dims.size() == shape.dims.size();
    for (std::size_t i = 0; fits && i < value.dims.size(); ++i)
        fits = value.dims[i] < 0 || value.dims[i] == shape.dims[i];
    if (!fits)
        fail(Code::SHAPE_MISMATCH, "{}: input \"{}\" is [{}] (-1 is any size), {} was given", model.file, value.name,
             join(value.dims), to_string(shape));
}

Tree record_model(const ModelDefinition& model, const Tree& parameters, const Tree& inputs) {
    Import import{.model = model};
    Scope scope;
    for (const auto& [name, array] : model.graph.initializers) {
        const bool given = parameters.contains(name);
        const Tensor tensor = given ? parameters[name] : constant(array);
        if (given && tensor.type() == array.type() && tensor.dims() == array.shape().dims)
            import.known.emplace(tensor.node().get(), array);
        scope.tensors[name] = tensor;
    }
    for (const auto& value : model.graph.inputs) {
        if (inputs.contains(value.name)) {
            scope.tensors[value.name] = inputs[value.name];
            expect_fits(model, value, inputs[value.name].shape());
        } else if (!scope.tensors.contains(value.name) && value.kind != ValueDefinition::Kind::OPTIONAL) {
            fail(Code::NOT_FOUND, "{}: input \"{}\" is not given", model.file, value.name);
        }
    }
    record_nodes(model.graph.nodes, scope, import, model.opsets);
    TreeBuilder<Tensor> outputs;
    for (const auto& output : model.graph.outputs) {
        const Tensor tensor = scope.find(output.name);
        if (!tensor.defined()) fail(Code::INVALID_DATA, "{}: nothing gives the output \"{}\"", model.file, output.name);
        outputs.add(output.name, tensor);
    }
    return outputs.build();
}

}  // namespace

struct Model::State {
    /// What is kept of one device.
    struct OnDevice {
        Tree parameters;  ///< evaluated
        std::optional<Jitted<ModelFunction>> program;
    };

    ModelDefinition definition;
    std::vector<ValueDefinition> inputs;
    std::mutex mutex;
    std::map<std::string, OnDevice> devices;
    bool shapes_need_values = false;

    OnDevice& on(Device device);
};

Model::State::OnDevice& Model::State::on(Device device) {
    const auto [place, is_new] = devices.try_emplace(to_string(device));
    if (is_new) {
        TreeBuilder<Tensor> arguments;
        for (const auto& [name, array] : definition.graph.initializers)
            if (array.count() > CONSTANT_LIMIT) arguments.add(name, put(array, device));
        place->second.parameters = arguments.build();
        const Mesh mesh(device);
        place->second.program = jit(ModelFunction([this](const Tree& parameters, const Tree& fed_inputs) {
                                        return record_model(definition, parameters, fed_inputs);
                                    }),
                                    {.name = "onnx", .names = {"parameters", "inputs"}, .mesh = &mesh});
    }
    return place->second;
}

Model::Model(ModelDefinition definition) : state_(std::make_shared<State>()) {
    expect_distinct_names(definition);
    state_->inputs = fed(definition.graph);
    state_->definition = std::move(definition);
}

const std::vector<ValueDefinition>& Model::inputs() const { return state_->inputs; }
const std::vector<ValueDefinition>& Model::outputs() const { return state_->definition.graph.outputs; }

Tree Model::parameters() const {
    TreeBuilder<Tensor> parameters;
    for (const auto& [name, array] : state_->definition.graph.initializers)
        if (is_float(array.type())) parameters.add(name, tensor(array));
    return parameters.build();
}

Tree Model::operator()(const Tree& parameters, const Tree& inputs) const {
    return record_model(state_->definition, parameters, inputs);
}

BasicTree<HostArray> Model::run(const BasicTree<HostArray>& inputs, Device device) const {
    const std::lock_guard lock(state_->mutex);
    auto& here = state_->on(device);
    const Tree arguments = inputs.map([&](const HostArray& array) { return put(array, device); });
    Tree results;
    bool done = false;
    if (!state_->shapes_need_values) try {
            results = (*here.program)(here.parameters, arguments);
            done = true;
        } catch (const Error& error) {
            if (error.code() != Code::TRACED_VALUE) throw;
            state_->shapes_need_values = true;
        }
    if (!done) {
        results = record_model(state_->definition, here.parameters, arguments);
        const Mesh mesh(device);
        evaluate(results.leaves(), std::source_location::current(), &mesh);
    }
    return results.map([](const Tensor& result) { return result.to_host(); });
}

Model load(const std::filesystem::path& file) { return Model(read_model(file)); }

}  // namespace podium::onnx
