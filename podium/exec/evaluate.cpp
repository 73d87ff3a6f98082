#include "podium/exec/evaluate.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/ir/creation.h"
#include "podium/ir/make_node.h"
#include "podium/ir/number.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

/// Makes the node a leaf that holds `buffer`, and lets go of what computed it.
void publish(Node& node, BufferPtr buffer) {
    node.buffer = std::move(buffer);
    node.op = &rows::evaluated;
    node.ready.store(true, std::memory_order_release);
    const Tensors operands = std::move(node.operands);
    node.operands.clear();
    node.attributes.clear();
    node.regions.clear();
    node.literal.reset();
}

[[noreturn]] void fail_mixed(const Tensor& tensor, const Mesh& mesh, const Mesh& other) {
    fail_at(
        Code::INVALID_ARGUMENT, tensor->location,
        fmt::format("{}: tensors of different devices meet: {}:{} and {}:{}; put one of them on the other's device",
                    tensor->op->name, name(mesh.type()), mesh.devices()[0], name(other.type()), other.devices()[0]));
}

[[noreturn]] void fail_traced(const Tensor& tensor, const Location& place) {
    fail_at(Code::TRACED_VALUE, place,
            fmt::format("the value of {} is read inside a trace, where it has none; choose with select or cond, or "
                        "return it from the function",
                        to_string(tensor.shape())));
}

void expect_not_donated(const Tensor& tensor, const Location& place) {
    if (const auto* taker = tensor->donated.load())
        fail_at(Code::DONATED, place,
                fmt::format("{} was donated to the call of \"{}\" and is gone; use the call's result",
                            to_string(tensor.shape()), *taker));
}

/// What one device computes.
struct Group {
    Mesh mesh;
    Tensors roots;
};

/// Returns the roots by the devices that what they are made of lies on.
std::vector<Group> group_by_mesh(const Tensors& order, const Tensors& roots, const Location& place,
                                 const Mesh* fallback) {
    std::unordered_map<const Node*, const Mesh*> meshes;  // null: any device will do
    const auto variables = open_variables();
    for (const auto& tensor : order) {
        if (std::find(variables.begin(), variables.end(), tensor.node().get()) != variables.end())
            fail_traced(tensor, place);
        const Mesh*& mesh = meshes[tensor.node().get()];
        if (tensor.evaluated()) {
            expect_not_donated(tensor, place);
            mesh = &tensor->buffer->placement()->mesh;
        }
        for (const auto& operand : tensor->operands) {
            const Mesh* other = meshes.find(operand.node().get())->second;
            if (mesh != nullptr && other != nullptr && !(*mesh == *other)) fail_mixed(tensor, *mesh, *other);
            if (mesh == nullptr) mesh = other;
        }
    }
    std::vector<Group> groups;
    for (const auto& root : roots) {
        const Mesh* known = meshes.at(root.node().get());
        if (known == nullptr) known = fallback;
        const Mesh mesh = known != nullptr ? *known : Mesh(default_device());
        const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.mesh == mesh; });
        if (found == groups.end())
            groups.push_back({mesh, {root}});
        else
            found->roots.push_back(root);
    }
    return groups;
}

/// Closes recorded tensors over their leaves: what is evaluated, constants and where slices begin become arguments, so
/// that pieces which differ in nothing else share a program.
class Closing {
public:
    Closing(const Mesh& mesh, Backend& backend) : whole_(std::make_shared<const Placement>(mesh)), backend_(backend) {}

    Graph graph(const Tensors& roots) {
        for (const auto& tensor : topological_tensors(roots)) values_.emplace(tensor.node().get(), closed(tensor));
        for (const auto& root : roots) graph_.results.push_back(values_.at(root.node().get()));
        graph_.result_axes.resize(roots.size());
        return std::move(graph_);
    }
    const std::vector<BufferPtr>& arguments() const { return arguments_; }

private:
    Tensor closed(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (tensor.evaluated()) return argument(node.buffer, node.buffer->placement()->axes);
        if (node.op->kind == Kind::CONSTANT) return argument(backend_.upload(*node.literal, whole_), {});
        Tensors operands;
        bool changed = false;
        for (const auto& operand : node.operands) {
            operands.push_back(values_.at(operand.node().get()));
            changed = changed || operands.back().node() != operand.node();
        }
        if (node.op == &rows::slice && has_unit_strides(node)) return dynamic(node, operands[0]);
        return changed ? with_operands(tensor, std::move(operands)) : tensor;
    }

    static bool has_unit_strides(const Node& slice) {
        const Dims& strides = slice.attributes[2];
        return std::all_of(strides.begin(), strides.end(), [](auto stride) { return stride == 1; });
    }

    Tensor dynamic(const Node& slice, const Tensor& x) {
        Tensors starts;
        for (std::size_t i = 0; i < x.dims().size(); ++i) {
            const auto start = HostArray::scalar(slice.attributes[0][i]);
            const bool whole = slice.shape.dims[i] == x.dims()[i];
            starts.push_back(whole ? constant(start, slice.location) : argument(backend_.upload(start, whole_), {}));
        }
        return dynamic_slice(Operand(x, slice.location), starts, slice.shape.dims);
    }

    Tensor argument(BufferPtr buffer, const std::vector<std::string>& axes) {
        graph_.parameters.push_back(scope_.parameter(Shape(buffer->shape().type, buffer->shape().dims, axes)));
        arguments_.push_back(std::move(buffer));
        return graph_.parameters.back();
    }

    const TraceScope scope_;
    PlacementPtr whole_;
    Backend& backend_;
    Graph graph_{.name = "eager"};
    std::vector<BufferPtr> arguments_;
    std::unordered_map<const Node*, Tensor> values_;
};

void run(const Group& group) {
    const auto backend = backend_for(group.mesh);
    Closing closing(group.mesh, *backend);
    const Graph graph = closing.graph(group.roots);
    const auto executable = compile(graph, group.mesh);
    std::vector<Buffer*> arguments;
    for (const auto& argument : closing.arguments()) arguments.push_back(argument.get());
    auto buffers = executable->execute(arguments, {});
    for (std::size_t i = 0; i < group.roots.size(); ++i) publish(*group.roots[i].node(), std::move(buffers[i]));
}

}  // namespace

void evaluate(std::span<const Tensor> tensors, Location place, const Mesh* fallback) {
    const std::lock_guard lock(recording_mutex());
    Tensors roots;
    for (const auto& tensor : tensors) {
        tensor.shape();  // an empty handle throws
        if (tensor->level > 0) fail_traced(tensor, place);
        expect_not_donated(tensor, place);
        if (!tensor.evaluated()) roots.push_back(tensor);
    }
    if (roots.empty()) return;
    for (const auto& group : group_by_mesh(topological_tensors(roots), roots, place, fallback)) run(group);
}

void wait_for(std::span<const Tensor> tensors, Location place) {
    evaluate(tensors, place);
    for (const auto& tensor : tensors) tensor->buffer->wait();
}

Tensor from_buffer(BufferPtr buffer) {
    auto node = make_node();
    node->op = &rows::evaluated;
    node->shape = Shape(buffer->shape().type, buffer->shape().dims);
    node->buffer = std::move(buffer);
    node->ready.store(true, std::memory_order_release);
    return Tensor(std::move(node));
}

Tensor put(const HostArray& array, PlacementPtr placement) {
    const auto backend = backend_for(placement->mesh);
    return from_buffer(backend->upload(array, std::move(placement)));
}
Tensor put(const HostArray& array, Device device) {
    return put(array, std::make_shared<const Placement>(Mesh(device)));
}

Tensor adopt(const HostArray& array, Device device) {
    const auto placement = std::make_shared<const Placement>(Mesh(device));
    auto buffer = backend_for(placement->mesh)->adopt(array, placement);
    return buffer == nullptr ? put(array, placement) : from_buffer(std::move(buffer));
}

HostArray view(const Tensor& tensor, Location place) {
    const BufferPtr& buffer = buffer_of(tensor, place);
    auto bytes = buffer->view();
    return bytes ? *std::move(bytes) : buffer->to_host();
}

const BufferPtr& buffer_of(const Tensor& tensor, Location place) {
    tensor.shape();  // an empty handle throws
    if (!tensor.evaluated()) evaluate({&tensor, 1}, place);
    expect_not_donated(tensor, place);
    return tensor->buffer;
}

Tensor::Tensor(Dims dims, DataType type, Device device)
    : Tensor(put(HostArray(Shape(type, std::move(dims))), device)) {}

Tensor Tensor::to(Device device, Location place) const {
    const auto& placement = *buffer_of(*this, place)->placement();
    return placement.mesh == Mesh(device) ? *this : put(to_host(place), device);
}
HostArray Tensor::to_host(Location place) const { return buffer_of(*this, place)->to_host(); }

Tensor constant(const Tensor& tensor, Location location) { return constant(tensor.to_host(location), location); }

Tensor tensor(const HostArray& array) { return put(array, default_device()); }

std::string to_text(const Tensor& tensor, Location place) {
    constexpr std::int64_t SHOWN = 6;
    const HostArray host = tensor.to_host(place);
    const Dims& dims = tensor.dims();
    const auto nested = [&](auto& self, std::size_t depth, std::int64_t start) -> std::string {
        if (depth == dims.size()) {
            const Number number = load(host, start);
            const auto real_text = [&](double value) {
                return part_type(host.type()) == DataType::FLOAT64 ? fmt::format("{}", value)
                                                                   : fmt::format("{}", static_cast<float>(value));
            };
            if (host.type() == DataType::BOOL) return std::get<std::uint64_t>(number) != 0 ? "true" : "false";
            if (is_float(host.type())) return real_text(std::get<double>(number));
            if (is_complex(host.type())) {
                const auto value = std::get<Complex128>(number);
                return fmt::format("({}, {})", real_text(value.real()), real_text(value.imag()));
            }
            return is_unsigned(host.type()) ? fmt::format("{}", std::get<std::uint64_t>(number))
                                            : fmt::format("{}", std::get<std::int64_t>(number));
        }
        const auto inner = row_major_strides(dims)[depth];
        std::string text = "[";
        for (std::int64_t i = 0; i < dims[depth]; ++i) {
            if (dims[depth] > SHOWN && i == SHOWN / 2) {
                text += ", …";
                i = dims[depth] - SHOWN / 2;
            }
            text += (i == 0 ? "" : ", ") + self(self, depth + 1, start + i * inner);
        }
        return text + "]";
    };
    return fmt::format("{} {}", nested(nested, 0, 0), to_string(tensor.shape()));
}

namespace {

/// Evaluates what is recorded and never read, before it grows without bound.
const bool LIMIT_IS_SET = [] {
    set_recording_limit([](const Tensor& tensor) { evaluate({&tensor, 1}); });
    return true;
}();

}  // namespace

}  // namespace podium
