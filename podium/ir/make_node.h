#pragma once

#include <memory>

#include "podium/ir/graph.h"

namespace podium {

/// Returns a new, empty node. Its memory may be that of a node that this thread gave back.
std::shared_ptr<Node> make_node();

}  // namespace podium
