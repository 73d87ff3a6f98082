#pragma once

#include "podium/runtime/pjrt/quantized_type.h"

namespace podium {

/// What the names of values, types and operations are made of.
inline constexpr std::string_view MLIR_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-";

/// A tensor type of a signature, of quantized elements or of others.
struct TensorType {
    std::string dims;  ///< of quantized ones: "2x3x"
    std::optional<QuantizedType> quantized;
};

/// One statement, `%0 = stablehlo.add %1, %2 : (…) -> …`, in pieces that follow each other but for " = " and " : ".
struct QuantizedStatement {
    std::string_view indent, result, action, signature, rest;
    std::string_view operation;  ///< without its dialect
    std::vector<std::string_view> operands;
    std::vector<TensorType> operand_types;
    std::vector<TensorType> result_types;
};

/// Returns the statement that a line is, or nothing for lines that begin or end blocks. Throws UNIMPLEMENTED for lines
/// of several statements.
std::optional<QuantizedStatement> quantized_statement(std::string_view line);

}  // namespace podium
