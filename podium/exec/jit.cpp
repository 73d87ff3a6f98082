#include "podium/exec/jit.h"

#include <algorithm>
#include <map>

#include "podium/emit/stablehlo.h"
#include "podium/exec/backends.h"

namespace podium::detail {

/// One compiled program with the signature it answers to.
struct Entry {
    std::vector<Shape> shapes;
    std::vector<std::uint64_t> structure;
    std::vector<Static> statics;
    std::uint64_t rvalues = 0;

    std::any form;
    Graph graph;
    Mesh mesh;
    std::shared_ptr<Backend> backend;
    std::shared_ptr<Executable> executable;
    std::vector<PlacementPtr> placements;  ///< of the parameters
    std::vector<std::int64_t> reused;      ///< parameters whose memory a result takes
    std::vector<Shape> results;

    bool answers(const CallArguments& call) const {
        if (call.leaves.size() != shapes.size() || call.structure != structure || !(call.statics == statics))
            return false;
        for (std::size_t i = 0; i < shapes.size(); ++i)
            if (!(call.leaves[i].shape() == shapes[i])) return false;
        return true;
    }
};

namespace {

/// Returns the axes of the first rule for the path, or null; a mesh without axes splits nothing.
const std::vector<std::string>* axes_of(const std::vector<Rule>& rules, std::string_view path, const Mesh& mesh) {
    if (mesh.axes().empty()) return nullptr;
    for (const auto& rule : rules)
        if (matches(rule.pattern, path)) return &rule.axes;
    return nullptr;
}

/// Pairs each result with the first argument of its shape that may be taken and is not yet.
std::vector<std::int64_t> pair_reuse(const Graph& graph, const JitOptions& options, const CallArguments& call) {
    std::map<std::string, std::vector<std::int64_t>> free;
    for (const auto argument : options.donate) {
        if (argument >= call.first_leaf.size() || (call.rvalues >> argument & 1U) == 0) continue;
        const auto last = argument + 1 < call.first_leaf.size() ? call.first_leaf[argument + 1] : call.leaves.size();
        for (auto leaf = call.first_leaf[argument]; leaf < last; ++leaf)
            free[to_string(graph.parameters[leaf].shape())].push_back(static_cast<std::int64_t>(leaf));
    }
    std::vector<std::int64_t> reuse;
    for (auto& [shape, leaves] : free) std::reverse(leaves.begin(), leaves.end());
    for (const auto& result : graph.results) {
        auto& leaves = free[to_string(result.shape())];
        reuse.push_back(leaves.empty() ? -1 : leaves.back());
        if (!leaves.empty()) leaves.pop_back();
    }
    return reuse;
}

/// Throws if the trace used tensors that were evaluated before it.
void expect_no_captures(const Graph& graph) {
    for (const Node* node : topological(graph.results))
        if (node->op->kind == Kind::EVALUATED)
            fail_at(Code::TRACED_VALUE, node->location,
                    fmt::format("jit: the function uses {}, evaluated outside of it, which would be frozen into the "
                                "program; pass it as an argument, or "
                                "wrap it in pd::constant",
                                to_string(node->shape)));
}

Mesh mesh_of(const JitOptions& options, const CallArguments& call) {
    if (options.mesh != nullptr) return *options.mesh;
    for (const auto& leaf : call.leaves)
        if (leaf.evaluated()) return leaf->buffer->placement()->mesh;
    return Mesh(default_device());
}

}  // namespace

void CallArguments::clear() {
    leaves.clear();
    structure.clear();
    statics.clear();
    first_leaf.clear();
    rvalues = 0;
}

JitCore::JitCore(JitOptions options) : options_(std::move(options)) {}
JitCore::~JitCore() = default;

Entry* JitCore::find(const CallArguments& call) const {
    std::uint64_t donating = 0;
    for (const auto argument : options_.donate) donating |= std::uint64_t{1} << argument;
    const auto fits = [&](const Entry& entry) {
        return ((entry.rvalues ^ call.rvalues) & donating) == 0 && entry.answers(call);
    };
    if (Entry* latest = latest_.load(); latest != nullptr && fits(*latest)) return latest;
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_)
        if (fits(*entry)) return entry.get();
    return nullptr;
}

Entry* JitCore::make(const CallArguments& call, const Trace& trace, const PathsOf& argument_paths) {
    const auto paths = argument_paths();
    auto entry = std::make_unique<Entry>(Entry{.structure = call.structure,
                                               .statics = call.statics,
                                               .rvalues = call.rvalues,
                                               .mesh = mesh_of(options_, call)});
    Traced traced;
    {
        const TraceScope scope;
        Tensors parameters;
        for (std::size_t i = 0; i < call.leaves.size(); ++i) {
            Shape shape(call.leaves[i].type(), call.leaves[i].dims());
            entry->shapes.push_back(shape);
            if (const auto* axes = axes_of(options_.shardings, paths[i], entry->mesh)) shape.axes = *axes;
            parameters.push_back(scope.parameter(shape, paths[i]));
        }
        traced = trace(parameters);
        entry->graph = *close(parameters, traced.leaves, 0).graph;
    }
    Graph& graph = entry->graph;
    graph.name = options_.name;
    expect_no_captures(graph);
    graph.reuse = pair_reuse(graph, options_, call);
    for (std::size_t i = 0; i < graph.results.size(); ++i) {
        const auto* axes = axes_of(options_.shardings, traced.paths[i], entry->mesh);
        if (graph.reuse[i] >= 0) axes = &graph.parameters[static_cast<std::size_t>(graph.reuse[i])].shape().axes;
        graph.result_axes.push_back(axes == nullptr ? std::vector<std::string>() : *axes);
        entry->results.emplace_back(graph.results[i].type(), graph.results[i].dims());
        if (graph.reuse[i] >= 0) entry->reused.push_back(graph.reuse[i]);
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
        entry->placements.push_back(std::make_shared<const Placement>(entry->mesh, graph.parameters[i].shape().axes));
        try {
            entry->placements.back()->shard_shape(entry->shapes[i]);
        } catch (const Error& error) {
            fail(error.code(), "jit: argument {}: {}", paths[i], error.message());
        }
    }
    entry->backend = backend_for(entry->mesh);
    entry->executable = compile(graph, entry->mesh, options_.xla);
    entry->form = std::move(traced.form);

    const std::lock_guard lock(mutex_);
    ++stats_.traces;
    if (!entries_.empty()) stats_.last_reason = difference(call, paths);
    entries_.push_back(std::move(entry));
    latest_ = entries_.back().get();
    return entries_.back().get();
}

std::string JitCore::difference(const CallArguments& call, const std::vector<std::string>& paths) const {
    const Entry& before = *entries_.back();
    if (call.structure != before.structure || call.leaves.size() != before.shapes.size())
        return fmt::format("the arguments' structure changed: {} leaves before, {} now", before.shapes.size(),
                           call.leaves.size());
    for (std::size_t i = 0; i < call.leaves.size(); ++i)
        if (!(call.leaves[i].shape() == before.shapes[i]))
            return fmt::format("{} was {} and is {}", paths[i], to_string(before.shapes[i]),
                               to_string(call.leaves[i].shape()));
    if (!(call.statics == before.statics)) return "a static argument changed";
    return "an argument that may be donated was given as an rvalue before and not now, or the other way round";
}

const std::any& JitCore::form(const Entry& entry) { return entry.form; }

Tensors JitCore::run(Entry& entry, const CallArguments& call) const {
    for (const auto& leaf : call.leaves)
        if (!leaf.evaluated()) {
            evaluate(call.leaves);
            break;
        }
    thread_local std::vector<Buffer*> arguments;
    std::vector<BufferPtr> moved;
    arguments.clear();
    for (std::size_t i = 0; i < call.leaves.size(); ++i) {
        const BufferPtr& buffer = buffer_of(call.leaves[i]);
        const auto& placement = buffer->placement();
        if (placement == entry.placements[i] || *placement == *entry.placements[i]) {
            arguments.push_back(buffer.get());
        } else {
            moved.push_back(entry.backend->upload(buffer->to_host(), entry.placements[i]));
            arguments.push_back(moved.back().get());
        }
    }
    for (std::size_t i = 0; i < entry.reused.size(); ++i)
        if (call.leaves[static_cast<std::size_t>(entry.reused[i])]->donated.exchange(true)) {
            for (std::size_t j = 0; j < i; ++j) call.leaves[static_cast<std::size_t>(entry.reused[j])]->donated = false;
            fail(Code::DONATED, "{}: the same tensor is donated twice in one call; give each argument its own",
                 options_.name);
        }
    auto buffers = entry.executable->execute(arguments, {});
    Tensors results;
    results.reserve(buffers.size());
    for (auto& buffer : buffers) results.push_back(from_buffer(std::move(buffer)));
    return results;
}

JitStats JitCore::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

std::shared_ptr<Executable> JitCore::executable() const {
    const Entry* latest = latest_;
    return latest == nullptr ? nullptr : latest->executable;
}

std::string JitCore::text() const {
    const Entry* latest = latest_;
    return latest == nullptr ? std::string() : stablehlo(latest->graph, latest->mesh);
}

}  // namespace podium::detail
