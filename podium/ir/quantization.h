#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op uniform_quantize, uniform_dequantize, fake_quantize;
}

/// How integers stand for numbers: number = (integer - zero_point) * scale.
struct Quantization {
    Tensor scale;                       ///< positive, of x's type: [], or one for each place along `axis`
    Tensor zero_point = {};             ///< of scale's type and dimensions; undefined is 0
    std::int64_t axis = -1;             ///< of scales that are not one for all
    DataType storage = DataType::INT8;  ///< i2, i4, i8, u8, …
};

/// Returns the integers that stand for `x`, rounded to nearest even and kept inside the storage type. No plugin takes
/// StableHLO's own operation, so it is lowered to arithmetic.
Tensor uniform_quantize(const Operand& x, const Quantization& quantization);
/// Returns the numbers that the integers stand for, of the scale's type.
Tensor uniform_dequantize(const Operand& integers, const Quantization& quantization);
/// Returns what quantizing and dequantizing leaves of `x`, for training that knows it will be quantized: the gradient
/// by x goes straight through where x is inside the storage type's range, and the scale has one too. Source: Esser et
/// al. 2020, "Learned step size quantization", arXiv:1902.08153, equation 3.
Tensor fake_quantize(const Operand& x, const Quantization& quantization);

/// Integers, and how they stand for numbers.
struct Quantized {
    Tensor integers;
    Quantization quantization;
};
/// Returns `x` quantized so that its greatest magnitude (for each place along `axis`, where one is given) is the
/// greatest integer, and zero is zero.
Quantized quantize_symmetric(const Operand& x, DataType storage = DataType::INT8,
                             std::optional<std::int64_t> axis = std::nullopt);

std::span<const Op* const> quantization_ops();

}  // namespace podium
