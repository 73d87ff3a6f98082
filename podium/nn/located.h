#pragma once

#include "podium/ir/ops.h"

namespace podium::nn {

/// Returns operands that carry the caller's source line: `at(x) * y` inside a layer is recorded as the line that called
/// the layer. The tensor must live until the end of the expression.
class Located {
public:
    explicit Located(const Location& location) : location_(location) {}
    Operand operator()(const Tensor& tensor) const { return {tensor, location_}; }
    const Location& location() const { return location_; }

private:
    Location location_;
};

}  // namespace podium::nn
