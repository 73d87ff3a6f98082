#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "podium/base/tree.h"
#include "podium/runtime/backend.h"

namespace podium {

struct Op;
struct Node;

/// A place in the user's source. Paths are relative to the project (-fmacro-prefix-map).
struct Location {
    const char* file = "";
    std::uint32_t line = 0;

    Location() = default;
    Location(const std::source_location& place) : file(place.file_name()), line(place.line()) {}
};
/// Returns "examples/gpt.cpp:12".
std::string to_string(const Location& location);

/// What users hold: a cheap, immutable handle of a value, either recorded (a node of a graph) or evaluated.
class Tensor {
public:
    Tensor() = default;
    explicit Tensor(std::shared_ptr<Node> node) : node_(std::move(node)) {}
    /// Zeros on a device: `Tensor({2, 3}, DataType::FLOAT32, Device(DeviceType::CPU, 0))`. Throws UNAVAILABLE.
    Tensor(Dims dims, DataType type, Device device);

    const Shape& shape() const;
    const Dims& dims() const { return shape().dims; }
    DataType type() const { return shape().type; }
    std::int64_t rank() const { return shape().rank(); }
    /// Returns the size of dimension `axis`; negative axes count from the end.
    std::int64_t dim(std::int64_t axis) const;
    /// True if this handle holds a tensor at all.
    bool defined() const { return node_ != nullptr; }
    /// True if the bytes are there or on their way.
    bool evaluated() const;

    /// Returns the one element; evaluates and waits. Throws TRACED_VALUE inside a trace, SHAPE_MISMATCH unless a
    /// scalar.
    template <class T>
    T item(Location place = std::source_location::current()) const {
        const HostArray host = to_host(place);
        if (host.count() != 1) fail(Code::SHAPE_MISMATCH, "item: {} is not one element", to_string(shape()));
        return host.span<T>()[0];
    }
    /// Returns the bytes, row-major; evaluates and waits. Throws TRACED_VALUE inside a trace.
    HostArray to_host(Location place = std::source_location::current()) const;

    /// Returns the tensor on that device, itself where it is there; evaluates, and waits where it must copy.
    Tensor to(Device device, Location place = std::source_location::current()) const;

    const std::shared_ptr<Node>& node() const { return node_; }
    Node* operator->() const { return node_.get(); }

private:
    std::shared_ptr<Node> node_;
};
using Tensors = std::vector<Tensor>;
using Tree = BasicTree<Tensor>;

/// One recorded operation, or the leaf that an evaluated tensor has become.
struct Node {
    const Op* op = nullptr;
    Shape shape;
    Tensors operands;
    std::vector<Dims> attributes;                       ///< their meaning is the row's
    std::shared_ptr<const HostArray> literal;           ///< of a constant
    std::vector<std::shared_ptr<const Graph>> regions;  ///< closed: they refer to their own parameters only
    const Op* inner = nullptr;                          ///< the combiner of reduce, scatter and all_reduce
    std::vector<Shape> results;                         ///< of an op with several results; `result` nodes project them
    std::string label;                                  ///< path of a parameter, name of a composite
    Location location;
    std::int64_t level = 0;           ///< 0 can be evaluated; otherwise the number of the trace it belongs to
    BufferPtr buffer;                 ///< set once evaluated; then there are no operands
    std::atomic<bool> ready = false;  ///< `buffer` is set and will not change
    std::atomic<const std::string*> donated = nullptr;  ///< name of the program that the bytes were given to

    Node() = default;
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    std::int64_t integer(std::size_t attribute) const { return attributes[attribute][0]; }
};

/// A closed function: results computed from parameters, constants and nothing else.
struct Graph {
    std::string name = "main";
    Tensors parameters;  ///< `parameter` nodes; their shapes' axes say how a mesh splits them
    Tensors results;
    std::vector<std::vector<std::string>> result_axes;  ///< how a mesh splits each result; empty means nothing is said
    std::vector<std::int64_t> reuse;  ///< for each result, the parameter whose memory it may take, or -1; may be empty
};
using GraphPtr = std::shared_ptr<const Graph>;

/// Returns every node that `roots` need, operands before users, each once. Regions are not entered.
std::vector<Node*> topological(std::span<const Tensor> roots);

/// The same, as handles.
Tensors topological_tensors(std::span<const Tensor> roots);

/// Guards the recorded (not traced) part of all graphs while it is walked or evaluated.
std::recursive_mutex& recording_mutex();

/// The number of traces the calling thread is inside.
int trace_level();
/// The number of the innermost of them; 0 outside.
std::int64_t current_trace();

/// Enters a trace for the scope's life: tensors made from `parameter` are unreadable and belong to this thread.
class TraceScope {
public:
    TraceScope();
    ~TraceScope();
    TraceScope(const TraceScope&) = delete;
    TraceScope& operator=(const TraceScope&) = delete;
    /// Returns the trace's number: traces that began earlier have lower ones, and none has it again.
    std::int64_t level() const { return level_; }
    /// Returns a new parameter of the trace.
    Tensor parameter(const Shape& shape, std::string label = {}) const;

private:
    std::int64_t level_, outer_;
};

/// While one lives, jitted functions called by this thread are recorded instead of run, and what depends on `variables`
/// cannot be read: a gradient walks through it.
class InlineScope {
public:
    explicit InlineScope(const Tensors& variables);
    ~InlineScope();
    InlineScope(const InlineScope&) = delete;
    InlineScope& operator=(const InlineScope&) = delete;

private:
    std::size_t outer_;  ///< how many variables belong to the scopes around this one
};
/// Returns the variables of the calling thread's InlineScopes.
std::span<const Node* const> open_variables();
/// True inside a trace or an InlineScope.
bool inlining();

/// A graph whose outside references have become extra parameters, and what they referred to.
struct Closed {
    std::shared_ptr<Graph> graph;
    Tensors captures;  ///< outside values, one for each parameter after the first `parameters.size()`
};

/// Closes the function `parameters` → `results` of the trace numbered `level`: values from outside become parameters.
/// Constants are copied in. Throws TRACED_VALUE in an outermost trace that uses a value of a finished one.
Closed close(std::span<const Tensor> parameters, std::span<const Tensor> results, std::int64_t level);

/// Returns a node of its own like the tensor's, on other operands.
Tensor with_operands(const Tensor& tensor, Tensors operands);

/// Returns the graph's results with `arguments` in place of its parameters, recorded at the caller's level.
Tensors inline_graph(const Graph& graph, std::span<const Tensor> arguments);

/// Returns `roots` with each key of `replace` exchanged for its value and everything between copied.
Tensors substitute(std::span<const Tensor> roots, const std::unordered_map<const Node*, Tensor>& replace);

}  // namespace podium
