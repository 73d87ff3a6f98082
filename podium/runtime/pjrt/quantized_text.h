#pragma once

#include <string>
#include <string_view>

namespace podium {

/// Returns StableHLO text that others wrote without quantized types, which no plugin takes. Values, parameters and
/// results become the integers that are stored. What only moves values moves integers; other operations run on the
/// numbers that the integers stand for, and their results are quantized. One statement a line is assumed, as MLIR
/// prints them. Throws UNIMPLEMENTED, naming the line, for what is not lowered. Source: StableHLO specification,
/// dequantize_op_quantize, uniform_quantize and uniform_dequantize.
std::string without_quantized_types(std::string_view text);

}  // namespace podium
