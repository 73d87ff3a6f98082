#pragma once

#include "podium/ir/ops.h"

/// Floating-point numbers as codes of 8 bits: the dynamic tree quantization of 8-bit Adam, block by block. Source:
/// Dettmers et al. 2022, arXiv:2110.02861, section 2; bitsandbytes, create_dynamic_map.
namespace podium::optim {

/// How many elements, in row-major order, share one scale.
inline constexpr std::int64_t CODE_BLOCK = 2048;

/// Whether codes stand for numbers from -1 to 1 or from 0 to 1, which then are twice as fine.
enum class CodeSign { SIGNED, UNSIGNED };

/// Numbers as codes.
struct Coded {
    Tensor codes;   ///< u8, with the shape of the numbers: the place among the 256 sorted values
    Tensor scales;  ///< f32[blocks]: the greatest magnitude of each block
};

/// Returns the codes nearest to x / (the greatest magnitude of its block). x: floats of any shape; a block with an
/// element that is not finite is decoded as such.
Coded encoded(const Tensor& x, CodeSign sign);
/// Returns the numbers that the codes stand for, in `type`.
Tensor decoded(const Coded& coded, CodeSign sign, DataType type);

}  // namespace podium::optim
