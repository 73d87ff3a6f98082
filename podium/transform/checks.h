#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "podium/ir/graph.h"

namespace podium {

/// What a checked program looks for.
struct Checks {
    bool nan = false;        ///< a result that is NaN
    bool infinity = false;   ///< an infinite result of finite operands
    bool index = false;      ///< an index outside of what it indexes
    bool condition = false;  ///< a condition of `check` that does not hold

    bool any() const { return nan || infinity || index || condition; }
    bool operator==(const Checks&) const = default;
};
template <class V>
void visit_fields(V& v, Checks& checks) {
    v("nan", checks.nan, "stop at the first operation that makes a NaN, and name it with its source line");
    v("infinity", checks.infinity, "stop at the first that makes an infinity of finite numbers");
    v("index", checks.index, "stop at the first index that lies outside of what it indexes");
    v("condition", checks.condition, "stop where a condition that the model asserts does not hold");
}

/// A place where a program can fail a check, and what is said then.
struct CheckSite {
    Code code;
    std::string message;
    Location location;
};

/// A program that checks itself.
struct CheckedGraph {
    static constexpr std::int32_t NO_SITE = std::numeric_limits<std::int32_t>::max();

    std::shared_ptr<Graph> graph;  ///< its last result, i32[], is the number of the first site that failed, or NO_SITE
    std::vector<CheckSite> sites;  ///< operands before users; of a loop the first step that failed counts
};

/// Returns the graph with checks of every value, also in the bodies of loops and in branches; conditions of loops are
/// not looked into.
CheckedGraph with_checks(const Graph& graph, const Checks& checks);

}  // namespace podium
