#include "podium/ir/control.h"
#include "podium/ir/movement.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

Tensors every_second(const Tensors& tensors, std::int64_t axis, std::int64_t start, std::int64_t limit) {
    Tensors results;
    for (const auto& tensor : tensors) {
        Dims starts(tensor.dims().size(), 0), limits = tensor.dims(), strides(tensor.dims().size(), 1);
        starts[static_cast<std::size_t>(axis)] = start;
        limits[static_cast<std::size_t>(axis)] = limit;
        strides[static_cast<std::size_t>(axis)] = 2;
        results.push_back(slice(tensor, starts, limits, strides));
    }
    return results;
}

Tensors range_of(const Tensors& tensors, std::int64_t axis, std::int64_t start, std::int64_t limit) {
    Tensors results;
    for (const auto& tensor : tensors) results.push_back(slice_axis(tensor, axis, start, limit));
    return results;
}

/// Returns even[0], odd[0], even[1], … along `axis`; there may be one more of the even ones.
Tensor interleaved(const Tensor& even, const Tensor& odd, std::int64_t axis) {
    const auto pairs = odd.dim(axis);
    Dims dims = odd.dims();
    dims[static_cast<std::size_t>(axis)] *= 2;
    const Tensor both = reshape(stack({slice_axis(even, axis, 0, pairs), odd}, axis + 1), dims);
    return even.dim(axis) == pairs ? both : concatenate({both, slice_axis(even, axis, pairs, pairs + 1)}, axis);
}

Tensors scanned(const TensorFunction& combine, const Tensors& elements, std::int64_t axis) {
    const auto length = elements[0].dim(axis);
    if (length < 2) return elements;
    const auto pairwise = [&](Tensors left, const Tensors& right) {
        left.insert(left.end(), right.begin(), right.end());
        return combine(left);
    };
    const Tensors pairs =
        pairwise(every_second(elements, axis, 0, length - 1), every_second(elements, axis, 1, length));
    const Tensors odd = scanned(combine, pairs, axis);
    const auto evens = (length - 1) / 2;
    Tensors even = range_of(elements, axis, 0, 1);
    if (evens > 0) {
        const Tensors later = pairwise(range_of(odd, axis, 0, evens), every_second(elements, axis, 2, length));
        for (std::size_t i = 0; i < even.size(); ++i) even[i] = concatenate({even[i], later[i]}, axis);
    }
    Tensors results;
    for (std::size_t i = 0; i < even.size(); ++i) results.push_back(interleaved(even[i], odd[i], axis));
    return results;
}

}  // namespace

Tensors associative_scan_list(const TensorFunction& combine, const Tensors& elements, std::int64_t axis, bool reversed,
                              Location location) {
    const LocationScope scope(location);
    if (elements.empty()) fail_at(Code::INVALID_ARGUMENT, location, "associative_scan: there is nothing to go over");
    const auto at = normalize_axis("associative_scan", axis, elements[0].rank(), location);
    Tensors flipped;
    for (const auto& element : elements) {
        if (element.rank() <= at || element.dim(at) != elements[0].dim(at))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("associative_scan: {} and {} differ along axis {}", to_string(elements[0].shape()),
                                to_string(element.shape()), at));
        flipped.push_back(reversed ? reverse(element, {at}) : element);
    }
    Tensors results = scanned(combine, flipped, at);
    for (auto& result : results)
        if (reversed) result = reverse(result, {at});
    return results;
}

}  // namespace podium
