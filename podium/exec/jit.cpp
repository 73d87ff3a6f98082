#include "podium/exec/jit.h"

#include <algorithm>
#include <map>
#include <set>

#include "podium/emit/stablehlo.h"
#include "podium/exec/backends.h"

namespace podium::detail {

/// One compiled program with the signature it answers to.
struct Entry {
    std::vector<std::string> paths;  ///< of the leaves
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
    std::vector<bool> is_reused;           ///< of each parameter
    std::vector<CheckSite> sites;          ///< of a checked program, whose last result names one

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

/// Returns the devices of the first evaluated argument, or null.
const Mesh* mesh_of(const CallArguments& call) {
    for (const auto& leaf : call.leaves)
        if (leaf.evaluated()) return &leaf->buffer->placement()->mesh;
    return nullptr;
}

/// Returns the name for as long as the process lives.
const std::string* interned(const std::string& name) {
    static std::mutex mutex;
    static std::set<std::string> names;
    const std::lock_guard lock(mutex);
    return &*names.insert(name).first;
}

/// Returns the first path of `paths` that `others` lacks, or null.
const std::string* missing(const std::vector<std::string>& paths, const std::vector<std::string>& others) {
    const auto found = std::find_if(paths.begin(), paths.end(), [&](const std::string& path) {
        return std::find(others.begin(), others.end(), path) == others.end();
    });
    return found == paths.end() ? nullptr : &*found;
}

}  // namespace

void CallArguments::clear() {
    leaves.clear();
    structure.clear();
    statics.clear();
    first_leaf.clear();
    rvalues = 0;
}

JitCore::JitCore(JitOptions options) : options_(std::move(options)), name_(interned(options_.name)) {
    if (options_.mesh != nullptr) mesh_ = *options_.mesh;
    options_.mesh = nullptr;  // the copy stays, whatever becomes of the caller's
}
JitCore::~JitCore() = default;

Entry* JitCore::find(const CallArguments& call) {
    for (const auto& leaf : call.leaves)
        if (!leaf.evaluated()) {
            evaluate(call.leaves, {}, mesh_of(call));
            break;
        }
    if (Entry* latest = latest_.load(); latest != nullptr && fits(*latest, call)) return latest;
    const std::lock_guard lock(mutex_);
    return find_locked(call);
}

Entry* JitCore::find_locked(const CallArguments& call) {
    for (const auto& entry : entries_)
        if (fits(*entry, call)) {
            latest_ = entry.get();
            return entry.get();
        }
    return nullptr;
}

bool JitCore::fits(const Entry& entry, const CallArguments& call) const {
    for (const auto argument : options_.donate)
        if (((entry.rvalues ^ call.rvalues) >> argument & 1U) != 0) return false;
    if (!mesh_) {
        const Mesh* mesh = mesh_of(call);
        if (!(mesh != nullptr ? *mesh == entry.mesh : entry.mesh == Mesh(default_device()))) return false;
    }
    return entry.answers(call);
}

Mesh JitCore::mesh_for(const CallArguments& call) const {
    if (mesh_) return *mesh_;
    const Mesh* mesh = mesh_of(call);
    return mesh != nullptr ? *mesh : Mesh(default_device());
}

std::unique_ptr<Entry> JitCore::traced_entry(const CallArguments& call, const Trace& trace,
                                             const PathsOf& argument_paths,
                                             std::vector<std::string>& result_paths) const {
    auto entry = std::make_unique<Entry>(Entry{.paths = argument_paths(),
                                               .structure = call.structure,
                                               .statics = call.statics,
                                               .rvalues = call.rvalues,
                                               .mesh = mesh_for(call)});
    const auto& paths = entry->paths;
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
    if (options_.checks.any()) {
        auto checked = with_checks(entry->graph, options_.checks);
        entry->graph = std::move(*checked.graph);
        entry->sites = std::move(checked.sites);
        traced.paths.emplace_back();
    }
    Graph& graph = entry->graph;
    graph.name = options_.name;
    expect_no_captures(graph);
    graph.reuse = pair_reuse(graph, options_, call);
    for (std::size_t i = 0; i < graph.results.size(); ++i) {
        const auto* axes = axes_of(options_.shardings, traced.paths[i], entry->mesh);
        if (graph.reuse[i] >= 0) axes = &graph.parameters[static_cast<std::size_t>(graph.reuse[i])].shape().axes;
        graph.result_axes.push_back(axes == nullptr ? std::vector<std::string>() : *axes);
        if (graph.reuse[i] >= 0) entry->reused.push_back(graph.reuse[i]);
    }
    entry->is_reused.resize(paths.size());
    for (const auto leaf : entry->reused) entry->is_reused[static_cast<std::size_t>(leaf)] = true;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        entry->placements.push_back(std::make_shared<const Placement>(entry->mesh, graph.parameters[i].shape().axes));
        try {
            entry->placements.back()->shard_shape(entry->shapes[i]);
        } catch (const Error& error) {
            fail(error.code(), "jit: argument {}: {}", paths[i], error.message());
        }
    }
    entry->form = std::move(traced.form);
    result_paths = std::move(traced.paths);
    return entry;
}

LoweredFunction JitCore::lower(const CallArguments& call, const Trace& trace, const PathsOf& argument_paths) const {
    LoweredFunction lowered;
    const auto entry = traced_entry(call, trace, argument_paths, lowered.results);
    lowered.parameters = std::move(entry->paths);
    lowered.graph = std::move(entry->graph);
    return lowered;
}

Entry* JitCore::make(const CallArguments& call, const Trace& trace, const PathsOf& argument_paths) {
    std::vector<std::string> result_paths;
    auto entry = traced_entry(call, trace, argument_paths, result_paths);
    entry->backend = backend_for(entry->mesh);
    entry->executable = compile(entry->graph, entry->mesh, options_.xla);

    const std::lock_guard lock(mutex_);
    if (Entry* known = find_locked(call)) return known;  // another thread was faster
    ++stats_.traces;
    if (const Entry* latest = latest_) stats_.last_reason = difference(*latest, *entry);
    entries_.push_back(std::move(entry));
    latest_ = entries_.back().get();
    return entries_.back().get();
}

std::string JitCore::difference(const Entry& before, const Entry& now) const {
    if (const auto* path = missing(now.paths, before.paths)) return fmt::format("{} is new", *path);
    if (const auto* path = missing(before.paths, now.paths)) return fmt::format("{} is gone", *path);
    for (std::size_t i = 0; i < now.shapes.size(); ++i)
        if (!(now.shapes[i] == before.shapes[i]))
            return fmt::format("{} was {} and is {}", now.paths[i], to_string(before.shapes[i]),
                               to_string(now.shapes[i]));
    for (std::size_t i = 0; i < std::min(now.statics.size(), before.statics.size()); ++i)
        if (!(now.statics[i] == before.statics[i])) {
            const auto at = now.statics[i].position;
            return fmt::format("the static argument {} changed",
                               at < options_.names.size() ? options_.names[at] : std::to_string(at));
        }
    if (now.structure != before.structure || now.paths != before.paths)
        return "the order of the arguments' leaves changed";
    if (!(now.mesh == before.mesh)) return "the arguments are on other devices";
    return "an argument that may be donated was given as an rvalue before and not now, or the other way round";
}

const std::any& JitCore::form(const Entry& entry) { return entry.form; }

Tensors JitCore::run(Entry& entry, const CallArguments& call) const {
    thread_local std::vector<Buffer*> arguments;
    std::vector<BufferPtr> moved;
    arguments.clear();
    for (std::size_t i = 0; i < call.leaves.size(); ++i) {
        const BufferPtr& buffer = buffer_of(call.leaves[i], {});
        const auto& placement = buffer->placement();
        if (placement == entry.placements[i] || *placement == *entry.placements[i]) {
            arguments.push_back(buffer.get());
        } else {
            if (!mesh_ && !(placement->mesh == entry.mesh)) fail_mixed(entry, i, placement->mesh);
            moved.push_back(entry.backend->upload(buffer->to_host(), entry.placements[i]));
            arguments.push_back(moved.back().get());
        }
    }
    if (!entry.reused.empty()) take(entry, call);
    auto buffers = entry.executable->execute(arguments, {});
    if (options_.checks.any()) {
        const auto failed = buffers.back()->to_host().span<std::int32_t>()[0];
        buffers.pop_back();
        if (failed != CheckedGraph::NO_SITE) {
            const CheckSite& site = entry.sites[static_cast<std::size_t>(failed)];
            fail_at(site.code, site.location, fmt::format("{}: {}", options_.name, site.message));
        }
    }
    Tensors results;
    results.reserve(buffers.size());
    for (auto& buffer : buffers) results.push_back(from_buffer(std::move(buffer)));
    return results;
}

void JitCore::take(const Entry& entry, const CallArguments& call) const {
    const auto leaf = [&](std::int64_t position) -> Node& {
        return *call.leaves[static_cast<std::size_t>(position)].node();
    };
    const auto give_back = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) leaf(entry.reused[i]).donated = nullptr;
    };
    for (std::size_t i = 0; i < entry.reused.size(); ++i) {
        const std::string* taker = nullptr;
        if (!leaf(entry.reused[i]).donated.compare_exchange_strong(taker, name_)) {
            give_back(i);
            fail(Code::DONATED, "{}: {} is donated twice in one call; give each argument a tensor of its own",
                 options_.name, entry.paths[static_cast<std::size_t>(entry.reused[i])]);
        }
    }
    for (std::size_t i = 0; i < call.leaves.size(); ++i)
        if (!entry.is_reused[i] && call.leaves[i]->donated.load() != nullptr) {
            give_back(entry.reused.size());
            fail(Code::DONATED, "{}: {} is donated as another argument of the same call; give a copy", options_.name,
                 entry.paths[i]);
        }
}

void JitCore::fail_mixed(const Entry& entry, std::size_t leaf, const Mesh& mesh) const {
    const auto text = [](const Mesh& m) { return fmt::format("{}:{}", podium::name(m.type()), m.devices()[0]); };
    fail(Code::INVALID_ARGUMENT,
         "{}: {} is on {} ({} devices), an argument before it on {} ({} devices); put them on one, or give jit a mesh",
         options_.name, entry.paths[leaf], text(mesh), mesh.size(), text(entry.mesh), entry.mesh.size());
}

JitStats JitCore::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

std::shared_ptr<Executable> JitCore::executable(const Entry& entry) { return entry.executable; }

std::shared_ptr<Executable> JitCore::executable() const {
    const Entry* latest = latest_;
    return latest == nullptr ? nullptr : latest->executable;
}

std::string JitCore::text() const {
    const Entry* latest = latest_;
    return latest == nullptr ? std::string() : stablehlo(latest->graph, latest->mesh);
}

}  // namespace podium::detail
