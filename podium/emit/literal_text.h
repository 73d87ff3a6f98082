#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "podium/runtime/host_array.h"

namespace podium {

/// Returns a tensor's type as MLIR spells it: "tensor<2x3xf32>".
std::string type_text(const Shape& shape);
/// Returns the shape that such a type has; nothing for tokens, tuples, dynamic dimensions and types unknown here.
std::optional<Shape> shape_of_type(std::string_view text);

/// Returns the array as an attribute that MLIR reads back exactly: "dense<[1, 2]> : tensor<2xi32>".
std::string literal_text(const HostArray& array);

}  // namespace podium
