#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "podium/exec/program_cache.h"
#include "podium/ir/graph.h"

namespace podium {

/// Returns the executable of the graph; from memory or the cache on disk where an equal program (source lines aside)
/// was compiled before with the same options on the same backend.
std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options = {});

/// Forgets the programs in memory; those that someone holds stay alive as long as they are held.
void clear_compiled();

/// Calls `f` after each compilation: the moment at which an allocator that keeps freed memory best lets it go. Null:
/// nothing.
void set_after_compile(void (*f)());

/// Counts of the process, for tests and reports.
struct CompileStats {
    std::int64_t compiled = 0, reused = 0, loaded = 0;  ///< by the compiler, from memory, from disk
};
CompileStats compile_stats();

/// From now on keeps compiled programs in `folder` too, at most `limit_bytes` of them, for all processes of this user;
/// an empty path keeps none, the library's default. A cache that cannot be used, is full or damaged is no error:
/// programs are compiled.
void set_program_cache(const std::filesystem::path& folder, std::int64_t limit_bytes = DEFAULT_PROGRAM_CACHE_BYTES);

}  // namespace podium
