#include "podium/numeric/counting.h"

#include "podium/numeric/arrangement.h"

namespace podium {

Tensor bincount(const Operand& x, std::int64_t length, const std::optional<Tensor>& weights) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    if (!is_integer(tensor.type()) || length < 0)
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("bincount: takes integers and a length that is not negative, got {} and {}",
                            to_string(tensor.shape()), length));
    if (weights && weights->dims() != tensor.dims())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("bincount: weights {} do not go with {}; give each element one",
                            to_string(weights->shape()), to_string(tensor.shape())));
    const Tensor counted = weights ? reshape(*weights, {-1}) : ones({tensor.shape().count()}, DataType::INT32);
    return segment_reduce(add, counted, convert(reshape(x, {-1}), DataType::INT32), length);
}

Tensor digitize(const Operand& x, const Operand& edges, bool right) {
    const LocationScope scope(x.location());
    return searchsorted(edges, x, !right);
}

Histogram histogram(const Operand& x, const Tensor& edges, const HistogramOptions& options) {
    const LocationScope scope(x.location());
    if (edges.rank() != 1 || edges.dim(0) < 2 || edges.type() != x.tensor().type() || !is_float(edges.type()))
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("histogram: takes floating-point numbers and a vector of two edges of their type at least, "
                            "got {} and {}",
                            to_string(x.tensor().shape()), to_string(edges.shape())));
    const auto bins = edges.dim(0) - 1;
    const Tensor last = slice_axis(edges, 0, bins, bins + 1);
    const Tensor bin = digitize(x, edges) - 1;
    const Tensor inside = select(equal(x, squeeze(last, 0)), static_cast<std::int32_t>(bins - 1), bin);
    const Tensor counts = bincount(inside, bins, options.weights);
    if (!options.density) return {counts, edges};
    const Tensor shares = convert(counts, edges.type());
    return {shares / (diff(edges) * sum(shares)), edges};
}

Histogram histogram(const Operand& x, std::int64_t bins, const Operand& low, const Operand& high,
                    const HistogramOptions& options) {
    const LocationScope scope(x.location());
    if (bins < 1)
        fail_at(Code::INVALID_ARGUMENT, x.location(), fmt::format("histogram: takes 1 bin at least, got {}", bins));
    return histogram(x, linspace(low, high, bins + 1, true, x.tensor().type()), options);
}

}  // namespace podium
