#pragma once

// Every family of operations.
#include "podium/ir/attention.h"
#include "podium/ir/contraction.h"
#include "podium/ir/control.h"
#include "podium/ir/convolution.h"
#include "podium/ir/creation.h"
#include "podium/ir/cumulative.h"
#include "podium/ir/custom.h"
#include "podium/ir/custom_operator.h"
#include "podium/ir/distribution.h"
#include "podium/ir/dynamic.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing.h"
#include "podium/ir/linear_algebra.h"
#include "podium/ir/movement.h"
#include "podium/ir/neural.h"
#include "podium/ir/plumbing.h"
#include "podium/ir/quantization.h"
#include "podium/ir/random.h"
#include "podium/ir/reduction.h"
#include "podium/ir/sharding.h"
#include "podium/ir/slicing.h"
#include "podium/ir/sorting.h"
#include "podium/ir/windows.h"

namespace podium {

/// The rows of one source of operations.
struct OpFamily {
    std::string_view name;  ///< "elementwise", "movement"
    std::span<const Op* const> ops;
};
/// Returns every family.
std::vector<OpFamily> op_families();
/// Returns all rows, family by family: what emitters, tests and the reference table walk.
std::vector<const Op*> all_ops();

}  // namespace podium
