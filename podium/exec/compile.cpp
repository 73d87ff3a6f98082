#include "podium/exec/compile.h"

#include <xxhash.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include "podium/base/log.h"
#include "podium/emit/stablehlo.h"
#include "podium/exec/backends.h"

namespace podium {
namespace {

/// The programs of this process.
struct Cache {
    std::mutex mutex;
    std::map<ProgramCache::Key, std::shared_future<std::shared_ptr<Executable>>> programs;
};
Cache& compiled() {
    // Never destroyed: at the process's end the plugins' own data goes before ours, and programs would need it.
    static auto& cache = *new Cache;
    return cache;
}

std::atomic<void (*)()> after_compile = nullptr;
std::atomic<std::int64_t> compiled_count = 0, reused_count = 0, loaded_count = 0;
std::shared_ptr<ProgramCache> program_cache;  ///< by std::atomic_load and std::atomic_store

/// To be raised where podium turns other passes off for the same text: programs on disk are known by it.
constexpr int SAFE_DEFAULTS_REVISION = 2;

std::string text_of(const XlaOptions& options) {
    std::string text = fmt::format("{} {} {} {} {} {} {}", SAFE_DEFAULTS_REVISION, options.optimization_level,
                                   options.memory_fitting_effort, options.exec_time_effort, options.fusion,
                                   options.layout_assignment, options.safe_defaults);
    for (const auto& [name, value] : options.flags)
        text += std::visit([&](const auto& v) { return fmt::format(" {}={}", name, v); }, value);
    return text;
}

/// Returns the program from disk, or null.
std::shared_ptr<Executable> load(ProgramCache& cache, const ProgramCache::Key& key, Backend& backend,
                                 const Graph& graph, const Mesh& mesh) {
    const auto bytes = cache.find(key);
    if (!bytes) return nullptr;
    try {
        auto executable = backend.load(graph, mesh, *bytes);
        if (executable != nullptr) ++loaded_count;
        return executable;
    } catch (const Error& error) {
        logger().debug("cache: {} is compiled again: {}", graph.name, error.message());
        cache.remove(key);
        return nullptr;
    }
}

/// Returns the program from disk or from the compiler, which then goes to disk.
std::shared_ptr<Executable> make(const ProgramCache::Key& key, Backend& backend, const Graph& graph, const Mesh& mesh,
                                 const XlaOptions& options) {
    const auto cache = std::atomic_load(&program_cache);
    if (cache != nullptr)
        if (auto known = load(*cache, key, backend, graph, mesh); known != nullptr) return known;
    auto executable = backend.compile(graph, mesh, options);
    ++compiled_count;
    if (cache != nullptr)
        if (const auto bytes = executable->serialized(); !bytes.empty()) cache->store(key, bytes);
    if (auto* const f = after_compile.load(); f != nullptr) f();
    return executable;
}

}  // namespace

std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options) {
    auto& [mutex, cache] = compiled();
    const auto backend = backend_for(mesh);
    std::string key = stablehlo(graph, mesh, {.locations = false}) + backend->fingerprint() + text_of(options);
    for (const auto device : mesh.devices()) key += fmt::format(" {}", device);
    const auto digest = XXH3_128bits(key.data(), key.size());
    const ProgramCache::Key hash{digest.high64, digest.low64};
    std::promise<std::shared_ptr<Executable>> promise;
    std::shared_future<std::shared_ptr<Executable>> known;
    {
        const std::lock_guard lock(mutex);
        if (const auto found = cache.find(hash); found != cache.end())
            known = found->second;
        else
            cache.emplace(hash, promise.get_future().share());
    }
    if (known.valid()) {  // compiled, or another thread is at it
        ++reused_count;
        return known.get();
    }
    try {
        auto executable = make(hash, *backend, graph, mesh, options);
        promise.set_value(executable);
        return executable;
    } catch (...) {
        promise.set_exception(std::current_exception());
        const std::lock_guard lock(mutex);
        cache.erase(hash);
        throw;
    }
}

void clear_compiled() {
    std::map<ProgramCache::Key, std::shared_future<std::shared_ptr<Executable>>> gone;  // destroyed without the lock
    const std::lock_guard lock(compiled().mutex);
    std::swap(gone, compiled().programs);
}

void set_after_compile(void (*f)()) { after_compile = f; }

CompileStats compile_stats() { return {compiled_count, reused_count, loaded_count}; }

void set_program_cache(const std::filesystem::path& folder, std::int64_t limit_bytes) {
    std::atomic_store(&program_cache, folder.empty() ? nullptr : std::make_shared<ProgramCache>(folder, limit_bytes));
}

}  // namespace podium
