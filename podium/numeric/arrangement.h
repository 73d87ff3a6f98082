#pragma once

#include "podium/ir/ops.h"

namespace podium {

/// Returns `x` with its elements moved by `shift` places along `axis`; what leaves at one end enters at the other.
/// Source: numpy.roll.
Tensor roll(const Operand& x, std::int64_t shift, std::int64_t axis);
/// The same along several axes, one shift for each.
Tensor roll(const Operand& x, const Dims& shifts, const Dims& axes);
/// The same of the elements in row-major order.
Tensor roll(const Operand& x, std::int64_t shift);

/// Returns `x` with the order along `axes` reversed; no axes given means all of them. Source: numpy.flip.
Tensor flip(const Operand& x, const Dims& axes = {});
/// Returns `x` turned `count` times by 90 degrees in the plane of two axes, from the first towards the second. Source:
/// numpy.rot90.
Tensor rot90(const Operand& x, std::int64_t count = 1, std::int64_t first = 0, std::int64_t second = 1);

/// Returns `x` with each slice along `axis` `count` times, one after another. Source: numpy.repeat.
Tensor repeat(const Operand& x, std::int64_t count, std::int64_t axis);
/// The same with a count for each slice.
Tensor repeat(const Operand& x, const Dims& counts, std::int64_t axis);
/// Returns `counts[i]` copies of `x` along dimension i; missing dimensions and counts, in front, are 1. Source:
/// numpy.tile.
Tensor tile(const Operand& x, Dims counts);

enum class Indexing { XY, IJ };
/// Returns one tensor for each vector: its elements along the dimension that is its own, repeated along the others'. IJ
/// has the vectors' dimensions in their order, XY the second before the first. Source: numpy.meshgrid.
Tensors meshgrid(const Tensors& vectors, Indexing indexing = Indexing::XY,
                 Location location = std::source_location::current());

/// Returns the differences of neighbours along `axis`, taken `count` times. Source: numpy.diff.
Tensor diff(const Operand& x, std::int64_t count = 1, std::int64_t axis = -1);

/// Returns `count` numbers at equal distances from `start` to `stop` (without it where not `endpoint`), along a new
/// first dimension. Bounds that are tensors say the type. Source: numpy.linspace.
Tensor linspace(const Operand& start, const Operand& stop, std::int64_t count, bool endpoint = true,
                DataType type = DataType::FLOAT32);
/// Returns `base` to the power of what linspace gives. Source: numpy.logspace.
Tensor logspace(const Operand& start, const Operand& stop, std::int64_t count, bool endpoint = true,
                const Operand& base = 10.0, DataType type = DataType::FLOAT32);

}  // namespace podium
