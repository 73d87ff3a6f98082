#pragma once

#include "podium/ir/control.h"

namespace podium {

/// Returns `f` traced on parameters shaped like `inputs`, closed over what it uses from outside.
Closed trace_region(const TensorFunction& f, const Tensors& inputs);

}  // namespace podium
