#pragma once

// Every family of operations.
#include "podium/ir/contraction.h"
#include "podium/ir/control.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing.h"
#include "podium/ir/movement.h"
#include "podium/ir/random.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium {

/// Returns all rows, family by family: what emitters, tests and the reference table walk.
std::vector<const Op*> all_ops();

}  // namespace podium
