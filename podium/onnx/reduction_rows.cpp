#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// Returns the axes of a reduction: input 1 of newer versions, the attribute of older ones; all where there is none.
std::optional<Dims> reduced_axes(const Call& call) {
    Dims axes = call.integers(1, "axes");
    const auto rank = call.in(0).rank();
    if (axes.empty() && call.flag("noop_with_empty_axes")) return std::nullopt;
    if (axes.empty()) return counting(0, rank);
    return axes_of(call, axes, rank);
}

using Reduce = Tensor (*)(const Tensor& x, const Dims& axes, bool keep);

/// A reduction whose elements go through `before` and whose result goes through `after`, in f32 where short.
template <Reduce REDUCE>
Tensors reduction(const Call& call) {
    const auto axes = reduced_axes(call);
    const bool keep = call.flag("keepdims", true);
    const Tensor& x = call.in(0);
    return {computed_wide(x, [&](const Tensor& wide) { return REDUCE(wide, axes.value_or(Dims{}), keep); })};
}

/// podium takes no axes for all of them: a reduction over none is each element's own.
Tensor summed(const Tensor& x, const Dims& axes, bool keep) { return axes.empty() ? x : sum(x, axes, keep); }
Tensor l1(const Tensor& x, const Dims& axes, bool keep) {
    return summed(is_unsigned(x.type()) ? x : abs(x), axes, keep);
}
Tensor l2(const Tensor& x, const Dims& axes, bool keep) {
    if (is_integer(x.type())) return convert(sqrt(convert(summed(square(x), axes, keep), DataType::FLOAT64)), x.type());
    return sqrt(summed(square(x), axes, keep));
}
Tensor sum_square(const Tensor& x, const Dims& axes, bool keep) { return summed(square(x), axes, keep); }
Tensor log_sum(const Tensor& x, const Dims& axes, bool keep) { return log(summed(x, axes, keep)); }
Tensor log_sum_exp(const Tensor& x, const Dims& axes, bool keep) {
    if (axes.empty()) return x;
    const Tensor greatest = max(x, axes, true);
    const Tensor shift = stop_gradient(select(is_finite(greatest), greatest, zeros_like(greatest)));
    const Tensor result = log(sum(exp(x - shift), axes, true)) + shift;
    return keep ? result : reshape(result, picked(x.dims(), complement(axes, x.rank())));
}
Tensor averaged(const Tensor& x, const Dims& axes, bool keep) {
    if (axes.empty()) return x;
    if (is_float(x.type())) return mean(x, axes, keep);
    std::int64_t count = 1;
    for (const auto size : picked(x.dims(), axes)) count *= size;
    return sum(x, axes, keep) / count;
}
Tensor greatest(const Tensor& x, const Dims& axes, bool keep) {
    if (axes.empty()) return x;
    return x.type() == DataType::BOOL ? any(x, axes, keep) : max(x, axes, keep);
}
Tensor least(const Tensor& x, const Dims& axes, bool keep) {
    if (axes.empty()) return x;
    return x.type() == DataType::BOOL ? all(x, axes, keep) : min(x, axes, keep);
}
Tensor multiplied(const Tensor& x, const Dims& axes, bool keep) { return axes.empty() ? x : product(x, axes, keep); }

/// Returns the i64 place of the greatest or least element, the first or the last one of equals.
template <bool GREATEST>
Tensors place_of(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", 0), x.rank());
    const auto find = [&](const Tensor& each) { return GREATEST ? argmax(each, axis) : argmin(each, axis); };
    Tensor place;
    if (call.flag("select_last_index"))
        place = x.dim(axis) - 1 - find(reverse(x, {axis}));
    else
        place = find(x);
    place = convert(place, DataType::INT64);
    return {call.flag("keepdims", true) ? expand_dims(place, axis) : place};
}

using Cumulative = Tensor (*)(const Operand& x, std::int64_t axis, bool reversed);

template <Cumulative CUMULATIVE>
Tensors running(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integers(1)[0], x.rank());
    const bool reversed = call.flag("reverse");
    if (!call.flag("exclusive")) return {CUMULATIVE(x, axis, reversed)};
    const auto place = static_cast<std::size_t>(axis);
    Dims low(x.dims().size(), 0), high = low;
    (reversed ? high : low)[place] = 1;
    (reversed ? low : high)[place] = -1;
    const bool is_sum = CUMULATIVE == static_cast<Cumulative>(cumulative_sum);
    return {CUMULATIVE(padded_or_cut(x, scalar_of(x.type(), is_sum ? 0 : 1), low, high), axis, reversed)};
}

constexpr NodeRow REDUCTION_ROWS[] = {
    {"", "ArgMax", 1, place_of<true>},
    {"", "ArgMin", 1, place_of<false>},
    {"", "CumProd", 1, running<cumulative_product>},
    {"", "CumSum", 1, running<cumulative_sum>},
    {"", "ReduceL1", 1, reduction<l1>},
    {"", "ReduceL2", 1, reduction<l2>},
    {"", "ReduceLogSum", 1, reduction<log_sum>},
    {"", "ReduceLogSumExp", 1, reduction<log_sum_exp>},
    {"", "ReduceMax", 1, reduction<greatest>},
    {"", "ReduceMean", 1, reduction<averaged>},
    {"", "ReduceMin", 1, reduction<least>},
    {"", "ReduceProd", 1, reduction<multiplied>},
    {"", "ReduceSum", 1, reduction<summed>},
    {"", "ReduceSumSquare", 1, reduction<sum_square>},
};

}  // namespace

std::span<const NodeRow> reduction_rows() { return REDUCTION_ROWS; }

}  // namespace podium::onnx
