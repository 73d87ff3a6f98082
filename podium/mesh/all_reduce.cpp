#include "podium/mesh/all_reduce.h"

#include <bit>

#include "podium/ir/ops.h"

namespace podium {
namespace {

/// Returns `combine` of x as a vector that `parts` divides, in x's shape.
template <class F>
Tensor as_vector(const Tensor& x, std::int64_t parts, const F& combine) {
    const auto count = x.shape().count(), rest = (parts - count % parts) % parts;
    Tensor flat = reshape(x, {count});
    if (rest > 0) flat = concatenate({flat, zeros({rest}, x.type())}, 0);
    flat = combine(flat);
    return reshape(rest > 0 ? slice_axis(flat, 0, 0, count) : flat, x.dims());
}

Tensor tree_sum(Tensor x, const std::string& axes, const Location& location) {
    const auto devices = axis_size(axes);
    if (!std::has_single_bit(static_cast<std::uint64_t>(devices)))
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("psum: a tree is of a power of two of devices, and \"{}\" has {}; take the ring", axes,
                            devices));
    for (std::int64_t distance = 1; distance < devices; distance *= 2) {
        std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
        for (std::int64_t i = 0; i < devices; ++i) pairs.emplace_back(i, i ^ distance);
        x = x + ppermute(x, axes, pairs);
    }
    return x;
}

}  // namespace

Tensor psum(const Operand& x, const std::string& axes, AllReduceStrategy strategy) {
    const LocationScope scope(x.location());
    const auto names = axes_in(axes);
    switch (strategy) {
        case AllReduceStrategy::COMPILER: break;
        case AllReduceStrategy::RING:
            return as_vector(x.tensor(), axis_size(axes),
                             [&](const Tensor& flat) { return all_gather(psum_scatter(flat, axes), axes); });
        case AllReduceStrategy::TREE: return tree_sum(x.tensor(), axes, x.location());
        case AllReduceStrategy::HIERARCHICAL: {
            if (names.size() < 2)
                fail_at(Code::INVALID_ARGUMENT, x.location(),
                        fmt::format("psum: a hierarchical sum is over two axes or more, got \"{}\"", axes));
            const std::string& inner = names.back();
            const std::string outer = axes.substr(0, axes.size() - inner.size() - 1);
            return as_vector(x.tensor(), axis_size(inner), [&](const Tensor& flat) {
                return all_gather(psum(psum_scatter(flat, inner), outer), inner);
            });
        }
    }
    return psum(x, axes);
}

}  // namespace podium
