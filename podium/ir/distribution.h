#pragma once

#include "podium/ir/control.h"

namespace podium {

// Operations between the devices of a per-device program. Groups are lists of device numbers; each device belongs to at
// most one, and what happens, happens inside each group. Groups of one operation have the same size.

namespace rows {
extern const Op all_reduce, all_gather, reduce_scatter, all_to_all, collective_broadcast, collective_permute,
    collective_reduce, partition_id, replica_id, async_start, async_done;
}

using Groups = std::vector<Dims>;

/// Returns `x` combined over the group by a row.
Tensor all_reduce(const Binary& combiner, const Operand& x, const Groups& groups);
/// Returns the group's tensors one after another along `axis`.
Tensor all_gather(const Operand& x, std::int64_t axis, const Groups& groups);
/// Returns this device's share along `axis` of what all_reduce would give.
Tensor reduce_scatter(const Binary& combiner, const Operand& x, std::int64_t axis, const Groups& groups);
/// Returns, one after another along `concat_axis`, the parts along `split_axis` that the group's devices have for this
/// one.
Tensor all_to_all(const Operand& x, std::int64_t split_axis, std::int64_t concat_axis, const Groups& groups);
/// Returns the tensor of the group's first device; zeros on devices of no group.
Tensor collective_broadcast(const Operand& x, const Groups& groups);
/// Returns the tensor of the device that sends to this one by `pairs` of (source, target); zeros where none does.
Tensor collective_permute(const Operand& x, const Groups& pairs);
/// Returns `x` combined over the group on the group's first device, and zeros on the others.
Tensor collective_reduce(const Binary& combiner, const Operand& x, const Groups& groups);
/// Returns the u32 number of this device's partition, or of its replica.
Tensor partition_id(Location location = std::source_location::current());
Tensor replica_id(Location location = std::source_location::current());

/// Returns f(x), started now and needed later: `f` records one operation between devices, or one slice.
Tensor asynchronously(const std::function<Tensor(const Tensor&)>& f, const Operand& x);

std::span<const Op* const> distribution_ops();

}  // namespace podium
