#pragma once

#include "podium/ir/op.h"

namespace podium {

/// The vjp rule of rows that are made of others: that of what they stand for.
Tensors vjp_by_expansion(const VjpArguments& v);

}  // namespace podium
