#include "podium/numeric/statistics.h"

#include <limits>

#include "podium/numeric/selection.h"

namespace podium {
namespace {

Dims reduced_axes(std::string_view op, const Operand& x, const Dims& axes) {
    if (axes.empty()) return complement({}, x.tensor().rank());
    Dims found = axes;
    for (auto& axis : found) axis = normalize_axis(op, axis, x.tensor().rank(), x.location());
    return found;
}

double reduced_count(const Tensor& x, const Dims& axes) {
    double count = 1;
    for (const auto axis : axes) count *= static_cast<double>(x.dim(axis));
    return count;
}

/// Returns `x` with the elements of `axes` together as its first dimension.
Tensor axes_in_front(const Tensor& x, const Dims& axes) {
    Dims order = axes, dims{1};
    for (const auto axis : axes) dims[0] *= x.dim(axis);
    for (const auto axis : complement(axes, x.rank())) {
        order.push_back(axis);
        dims.push_back(x.dim(axis));
    }
    return reshape(transpose(x, order), dims);
}

void expect_floats(std::string_view op, const Operand& x) {
    if (!is_float(x.tensor().type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("{}: takes floating-point numbers, got {}; convert it", op, to_string(x.tensor().shape())));
}

void expect_inexact(std::string_view op, const Operand& x) {
    if (!is_inexact(x.tensor().type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("{}: takes floating-point and complex numbers, got {}; convert it", op,
                            to_string(x.tensor().shape())));
}

/// Returns the extreme of the elements that are not NaN, and NaN where there are none.
Tensor extreme_of_known(const Operand& x, const Dims& axes, bool keep_dims, bool greatest) {
    const LocationScope scope(x.location());
    const DataType type = x.tensor().type();
    const Tensor missing = is_nan(x);
    const Tensor known = select(missing, greatest ? lowest(type) : highest(type), x);
    Tensor found = greatest ? max(known, axes, keep_dims) : min(known, axes, keep_dims);
    if (!is_float(type)) return found;
    return select(all(missing, axes, keep_dims), std::numeric_limits<double>::quiet_NaN(), found);
}

}  // namespace

Tensor variance(const Operand& x, const Dims& axes, bool keep_dims, double correction) {
    const LocationScope scope(x.location());
    expect_inexact("variance", x);
    const Dims over = reduced_axes("variance", x, axes);
    const double count = reduced_count(x.tensor(), over);
    const Tensor centred = x - sum(x, over, true) / count;
    const Tensor squared = is_complex(centred.type()) ? square(real(centred)) + square(imag(centred)) : square(centred);
    if (correction == 0.0) return mean(squared, over, keep_dims);
    return sum(squared, over, keep_dims) / (count - correction);
}

Tensor standard_deviation(const Operand& x, const Dims& axes, bool keep_dims, double correction) {
    const LocationScope scope(x.location());
    return sqrt(variance(x, axes, keep_dims, correction));
}

Tensor average(const Operand& x, const Operand& weights, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    expect_inexact("average", x);
    const Tensor& tensor = x.tensor();
    const Tensor all_weights = broadcast_to(as_tensor(weights, tensor.type()), tensor.dims(), x.location());
    return sum(tensor * all_weights, axes, keep_dims) / sum(all_weights, axes, keep_dims);
}

Tensor quantile(const Operand& x, const Operand& q, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    expect_floats("quantile", x);
    const Tensor& tensor = x.tensor();
    const Dims over = reduced_axes("quantile", x, axes);
    const Tensor share = as_tensor(q, tensor.type());
    const double count = reduced_count(tensor, over);
    if (share.rank() > 1 || count < 1)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("quantile: takes a scalar or a vector of shares of one element at least, got {} of {}",
                            to_string(share.shape()), to_string(tensor.shape())));
    const Tensor sorted = sort(axes_in_front(tensor, over), 0);
    // NaN are last, so that one anywhere makes the whole column unknown.
    const Tensor last = slice_axis(sorted, 0, sorted.dim(0) - 1, sorted.dim(0));
    const Tensor column = select(is_nan(last), last, sorted);
    const Tensor place = share * (count - 1);
    const Tensor below = floor(place);
    const auto at = [&](const Tensor& index) {
        return take(column, convert(clip(index, 0, count - 1), DataType::INT32), 0);
    };
    Dims beside = share.dims();  // then 1 for the dimensions that stay
    beside.insert(beside.end(), column.dims().size() - 1, 1);
    const Tensor upper = reshape(place - below, beside);
    Tensor found = at(below) * (1.0 - upper) + at(ceil(place)) * upper;
    if (!keep_dims) return found;
    Dims kept = tensor.dims();
    for (const auto axis : over) kept[static_cast<std::size_t>(axis)] = 1;
    kept.insert(kept.begin(), share.dims().begin(), share.dims().end());
    return reshape(found, kept);
}

Tensor percentile(const Operand& x, const Operand& q, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    expect_floats("percentile", x);
    return quantile(x, as_tensor(q, x.tensor().type()) / 100.0, axes, keep_dims);
}

Tensor median(const Operand& x, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    return quantile(x, 0.5, axes, keep_dims);
}

Tensor argmin(const Operand& x, std::int64_t axis) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    axis = normalize_axis("argmin", axis, tensor.rank(), x.location());
    Tensor best = equal(tensor, min(x, {axis}, true));
    if (is_float(tensor.type())) best = best | is_nan(x);  // the first NaN, as argmax has it
    return min(select(best, iota(tensor.dims(), axis), static_cast<std::int32_t>(tensor.dim(axis))), {axis});
}

Tensor count_nonzero(const Operand& x, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    const Tensor counted = x.tensor().type() == DataType::BOOL ? x.tensor() : not_equal(x, 0);
    return sum(convert(counted, DataType::INT32), axes, keep_dims);
}

Tensor nansum(const Operand& x, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    return sum(select(is_nan(x), 0, x), axes, keep_dims);
}

Tensor nanmean(const Operand& x, const Dims& axes, bool keep_dims) {
    const LocationScope scope(x.location());
    expect_inexact("nanmean", x);
    const Tensor known = convert(logical_not(is_nan(x)), x.tensor().type());
    return nansum(x, axes, keep_dims) / sum(known, axes, keep_dims);
}

Tensor nanmax(const Operand& x, const Dims& axes, bool keep_dims) { return extreme_of_known(x, axes, keep_dims, true); }
Tensor nanmin(const Operand& x, const Dims& axes, bool keep_dims) {
    return extreme_of_known(x, axes, keep_dims, false);
}

}  // namespace podium
