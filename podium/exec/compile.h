#pragma once

#include <cstdint>
#include <memory>

#include "podium/ir/graph.h"

namespace podium {

/// Returns the executable of the graph; from memory where an equal program (source lines aside) was compiled before
/// with the same options on the same backend.
std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options = {});

/// Forgets the programs in memory; those that someone holds stay alive as long as they are held.
void clear_compiled();

/// Calls `f` after each compilation: the moment at which an allocator that keeps freed memory best lets it go. Null:
/// nothing.
void set_after_compile(void (*f)());

/// Counts of the process, for tests and reports.
struct CompileStats {
    std::int64_t compiled = 0, reused = 0;
};
CompileStats compile_stats();

}  // namespace podium
