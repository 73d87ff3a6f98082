#include "podium/exec/evaluate.h"

#include <mutex>
#include <unordered_map>

#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/ir/creation.h"
#include "podium/ir/number.h"

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
    fail_at(Code::INVALID_ARGUMENT, tensor->location,
            fmt::format("tensors of different devices meet: {}:{} and {}:{}; put one of them on the other's device",
                        name(mesh.type()), mesh.devices()[0], name(other.type()), other.devices()[0]));
}

}  // namespace

void evaluate(std::span<const Tensor> tensors) {
    const std::lock_guard lock(recording_mutex());
    Tensors roots;
    for (const auto& tensor : tensors) {
        if (tensor->level > 0)
            fail_at(Code::TRACED_VALUE, tensor->location,
                    fmt::format("the value of {} is read inside a trace, where it has none; choose with select or "
                                "cond, or return it from the function",
                                to_string(tensor.shape())));
        if (tensor->donated)
            fail_at(Code::DONATED, tensor->location,
                    fmt::format("{} was donated to a jitted call and is gone; use the call's result",
                                to_string(tensor.shape())));
        if (!tensor.evaluated()) roots.push_back(tensor);
    }
    if (roots.empty()) return;

    const Tensors order = topological_tensors(roots);
    std::optional<PlacementPtr> placed;
    for (const auto& tensor : order) {
        if (!tensor.evaluated()) continue;
        if (tensor->donated)
            fail_at(Code::DONATED, tensor->location,
                    fmt::format("{} was donated to a jitted call and is gone; use the call's result",
                                to_string(tensor.shape())));
        const auto& placement = tensor->buffer->placement();
        if (!placed)
            placed = placement;
        else if (!((*placed)->mesh == placement->mesh))
            fail_mixed(tensor, (*placed)->mesh, placement->mesh);
    }
    const Mesh mesh = placed ? (*placed)->mesh : Mesh(default_device());
    const auto whole = std::make_shared<const Placement>(mesh);
    const auto backend = backend_for(mesh);

    const TraceScope scope;
    Graph graph{.name = "eager"};
    std::vector<BufferPtr> arguments;
    std::unordered_map<const Node*, Tensor> replace;
    for (const auto& tensor : order) {
        const bool scalar = tensor->op->kind == Kind::CONSTANT && tensor.rank() == 0;
        if (!tensor.evaluated() && !scalar) continue;
        Shape shape = tensor.shape();
        if (!scalar) shape.axes = tensor->buffer->placement()->axes;
        graph.parameters.push_back(scope.parameter(shape));
        arguments.push_back(scalar ? backend->upload(*tensor->literal, whole) : tensor->buffer);
        replace.emplace(tensor.node().get(), graph.parameters.back());
    }
    graph.results = substitute(roots, replace);
    graph.result_axes.resize(roots.size());
    const auto executable = compile(graph, mesh);
    std::vector<Buffer*> raw;
    for (const auto& argument : arguments) raw.push_back(argument.get());
    auto buffers = executable->execute(raw, {});
    for (std::size_t i = 0; i < roots.size(); ++i) publish(*roots[i].node(), std::move(buffers[i]));
}

void wait_for(std::span<const Tensor> tensors) {
    for (const auto& tensor : tensors)
        if (!tensor.evaluated()) {
            evaluate(tensors);
            break;
        }
    for (const auto& tensor : tensors) buffer_of(tensor)->wait();
}

Tensor from_buffer(BufferPtr buffer) {
    auto node = std::make_shared<Node>();
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

const BufferPtr& buffer_of(const Tensor& tensor) {
    if (!tensor.evaluated()) evaluate({&tensor, 1});
    if (tensor->donated)
        fail_at(Code::DONATED, tensor->location,
                fmt::format("{} was donated to a jitted call and is gone; use the call's result",
                            to_string(tensor.shape())));
    return tensor->buffer;
}

Tensor::Tensor(Dims dims, DataType type, Device device) : Tensor(put(HostArray(Shape(type, std::move(dims))), device)) {}

HostArray Tensor::to_host() const {
    shape();  // an empty handle throws
    return buffer_of(*this)->to_host();
}

Tensor constant(const Tensor& tensor, Location location) { return constant(tensor.to_host(), location); }

Tensor tensor(const HostArray& array) { return put(array, default_device()); }

std::string to_text(const Tensor& tensor) {
    constexpr std::int64_t SHOWN = 6;
    const HostArray host = tensor.to_host();
    const Dims& dims = tensor.dims();
    const auto nested = [&](auto& self, std::size_t depth, std::int64_t start) -> std::string {
        if (depth == dims.size()) {
            const Number number = load(host, start);
            if (host.type() == DataType::BOOL) return std::get<std::uint64_t>(number) != 0 ? "true" : "false";
            if (is_float(host.type()) && host.type() != DataType::FLOAT64)
                return fmt::format("{}", static_cast<float>(std::get<double>(number)));
            return std::visit([](auto value) { return fmt::format("{}", value); }, number);
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
