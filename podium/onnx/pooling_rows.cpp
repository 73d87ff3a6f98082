#include <algorithm>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"
#include "podium/onnx/window.h"

namespace podium::onnx {
namespace {

/// Returns a pooling's window over all dimensions of x, the batch and the channels included.
Window whole_window(const SpatialWindow& window) {
    Dims high = window.high;
    for (std::size_t i = 0; i < high.size(); ++i) high[i] += window.extra[i];
    return {.sizes = joined({1, 1}, window.sizes),
            .strides = joined({1, 1}, window.strides),
            .window_dilations = joined({1, 1}, window.dilations),
            .low = joined({0, 0}, window.low),
            .high = joined({0, 0}, high)};
}

SpatialWindow pooling_window(const Call& call) {
    return spatial_window(call, spatial_dims(call, call.in(0)), call.integers("kernel_shape"));
}

/// Returns the places of the greatest elements, counted through the whole tensor; in columns' order where asked.
Tensor places_of_greatest(const Call& call, const Tensor& x, const Window& window) {
    Tensor place = zeros(x.dims(), DataType::INT64);
    std::int64_t stride = 1;
    const bool columns = call.flag("storage_order");
    Dims order = counting(0, x.rank());
    if (columns) std::reverse(order.begin() + 2, order.end());
    for (auto axis = order.rbegin(); axis != order.rend(); ++axis) {
        place = place + iota(x.dims(), *axis, DataType::INT64) * stride;
        stride *= x.dim(*axis);
    }
    const auto greater_first = [](const Tensors& both) -> Tensors {
        const Tensor &a = both[0], &i = both[1], &b = both[2], &j = both[3];
        const Tensor second = logical_or(greater(b, a), logical_and(equal(a, b), less(j, i)));
        return {select(second, b, a), select(second, j, i)};
    };
    return reduce_window_list(greater_first, {x, place}, {lowest(x.type()), scalar_of(DataType::INT64, INT64_MAX)},
                              window)[1];
}

Tensors max_pool_rows(const Call& call) {
    const Tensor& x = call.in(0);
    const Window window = whole_window(pooling_window(call));
    Tensors results{reduce_window(maximum, x, lowest(x.type()), window)};
    if (call.gives(1)) results.push_back(places_of_greatest(call, x, window));
    return results;
}

Tensor window_sums(const Tensor& x, const Window& window) {
    return reduce_window(add, x, scalar_of(x.type(), 0), window);
}

/// Returns how many elements of each window count: those that are there, or the padding's too.
Tensor counts_of(const Call& call, const Tensor& x, const SpatialWindow& window) {
    const Tensor counted = ones(x.dims(), x.type());
    if (!call.flag("count_include_pad")) return window_sums(counted, whole_window(window));
    SpatialWindow of_padded = window;
    of_padded.low = of_padded.high = Dims(window.low.size(), 0);
    return window_sums(pad(counted, scalar_of(x.type(), 1), joined({0, 0}, window.low), joined({0, 0}, window.high)),
                       whole_window(of_padded));
}

Tensors average_pool_rows(const Call& call) {
    const auto window = pooling_window(call);
    return {computed_wide(call.in(0), [&](const Tensor& x) {
        return window_sums(x, whole_window(window)) / counts_of(call, x, window);
    })};
}

Tensors lp_pool(const Call& call) {
    const auto window = pooling_window(call);
    const double p = static_cast<double>(call.integer("p", 2));
    return {computed_wide(call.in(0), [&](const Tensor& x) {
        return power(window_sums(power(abs(x), p), whole_window(window)), 1.0 / p);
    })};
}

template <Tensor (*F)(const Operand&, Dims, bool)>
Tensors global(const Call& call) {
    const Tensor& x = call.in(0);
    return {F(x, counting(2, x.rank() - 2), true)};
}

Tensors global_lp_pool(const Call& call) {
    const Tensor& x = call.in(0);
    const double p = static_cast<double>(call.integer("p", 2));
    return {power(sum(power(abs(x), p), counting(2, x.rank() - 2), true), 1.0 / p)};
}

/// Puts elements back where MaxPool took them from.
Tensors max_unpool(const Call& call) {
    const Tensor &x = call.in(0), &places = call.in(1);
    const auto rank = static_cast<std::size_t>(std::max<std::int64_t>(x.rank() - 2, 0));
    const Dims sizes = call.integers("kernel_shape"), strides = call.integers("strides", Dims(rank, 1));
    const Dims pads = call.integers("pads", Dims(2 * rank, 0));
    if (sizes.size() != rank || strides.size() != rank || pads.size() != 2 * rank)
        call.refuse("its window has not one number for each spatial dimension");
    // Places count through what the window alone gives; a larger result holds that at its front.
    Dims inner{x.dim(0), x.dim(1)};
    for (std::size_t i = 0; i < rank; ++i)
        inner.push_back((x.dims()[i + 2] - 1) * strides[i] + sizes[i] - pads[i] - pads[i + rank]);
    const Dims dims = call.has(2) ? call.integers(2) : inner;
    if (dims.size() != inner.size()) call.refuse("the size of its result has other dimensions");
    const auto count = Shape(x.type(), inner).count();
    const Tensor flat = put_along_axis(nullptr, zeros({count}, x.type()), reshape(places, {-1}), reshape(x, {-1}), 0);
    const Tensor placed = reshape(flat, inner);
    Dims low(dims.size(), 0), high;
    for (std::size_t i = 0; i < dims.size(); ++i) high.push_back(dims[i] - inner[i]);
    return {padded_or_cut(placed, scalar_of(x.type(), 0), low, high)};
}

constexpr NodeRow POOLING_ROWS[] = {
    {"", "AveragePool", 1, average_pool_rows},
    {"", "GlobalAveragePool", 1, global<mean>},
    {"", "GlobalLpPool", 1, global_lp_pool},
    {"", "GlobalMaxPool", 1, global<max>},
    {"", "LpPool", 1, lp_pool},
    {"", "MaxPool", 1, max_pool_rows},
    {"", "MaxUnpool", 1, max_unpool},
};

}  // namespace

std::span<const NodeRow> pooling_rows() { return POOLING_ROWS; }

}  // namespace podium::onnx
