#pragma once

#include <span>
#include <string>
#include <vector>

#include "podium/catalog/slices.h"
#include "podium/plan/hlo_traffic.h"
#include "podium/runtime/mesh.h"

namespace podium::plan {

/// What share of the vendor's figures a training step is taken to reach. They are judgements, not measurements: no TPU
/// was reached. The compute share stands for products of bf16 in large models.
struct Efficiency {
    double compute = 0.6, memory = 0.8, links = 0.7;
};

/// A step's time by what bounds it, in seconds; a step takes the longest of the three, as if all overlapped.
struct StepTime {
    double compute = 0, memory = 0, links = 0;
    double total() const;
    /// "compute", "memory" or "links".
    std::string_view bound() const;
};

/// One kind of collective over some of the mesh's axes.
struct AxisCollective {
    std::string kind;
    std::string axis;  ///< "data", "data+model"; empty where the group is none of the mesh's
    double bytes = 0;  ///< of a device, a step
    std::string link;  ///< "ici", or "none" of a group of one
    double seconds = 0;
};

/// Returns the collectives with the axes along which their groups lie; device places are row-major in the mesh.
std::vector<AxisCollective> along_axes(std::span<const HloCollective> collectives, const std::vector<Mesh::Axis>& axes,
                                       const catalog::Slice& slice, const Efficiency& efficiency = {});

/// Returns the time of a step that does `flops` in all, and moves that in and between devices. A ring of n devices
/// passes (n - 1) / n of its bytes, twice for all-reduce, over both directions of one dimension of the torus, or of all
/// of them where the group is the whole slice.
StepTime step_time(double flops, const HloTraffic& traffic, std::span<const AxisCollective> collectives,
                   const catalog::Slice& slice, const Efficiency& efficiency = {});

}  // namespace podium::plan
