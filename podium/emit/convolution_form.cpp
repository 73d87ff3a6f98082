#include "podium/emit/convolution_form.h"

#include <algorithm>

#include "podium/base/dims.h"
#include "podium/ir/convolution_node.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

/// Returns `count[i]` elements of each of the axes, `step[i]` apart, from the first on.
Tensor every(const Tensor& x, const Dims& axes, const Dims& count, const Dims& step, const Location& location) {
    Dims limits = x.dims(), strides(x.dims().size(), 1);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        limits[axis] = (count[i] - 1) * step[i] + 1;
        strides[axis] = step[i];
    }
    return slice(Operand(x, location), Dims(x.dims().size(), 0), limits, strides);
}

/// Returns x with zeros put between and around the elements of the axes; negative edges are cut off.
Tensor spread(const Tensor& x, const Dims& axes, const ConvolutionOptions& o, const Location& location) {
    Dims low(x.dims().size(), 0), high = low, interior = low, starts = low, cut = low;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        low[axis] = std::max<std::int64_t>(o.low[i], 0);
        high[axis] = std::max<std::int64_t>(o.high[i], 0);
        interior[axis] = o.input_dilation[i] - 1;
        starts[axis] = std::max<std::int64_t>(-o.low[i], 0);
        cut[axis] = std::max<std::int64_t>(-o.high[i], 0);
    }
    const Tensor padded = pad(Operand(x, location), 0, low, high, interior);
    Dims limits = padded.dims();
    for (std::size_t i = 0; i < limits.size(); ++i) limits[i] -= cut[i];
    return slice(Operand(padded, location), starts, limits);
}

/// Each element of the input times the kernel's one; strides pass over elements before, padding adds zeros behind.
Tensor by_one_element(const Node& node, const ConvolutionOptions& o) {
    const auto& d = o.dimensions;
    const Dims count = picked(node.shape.dims, d.output_spatial);
    const bool is_plain = all_are(o.low, 0) && all_are(o.high, 0) && all_are(o.input_dilation, 1);
    const Tensor x =
        is_plain ? every(node.operands[0], d.input_spatial, count, o.strides, node.location) : node.operands[0];
    const Tensor product = dot_general(Operand(x, node.location), Operand(node.operands[1], node.location),
                                       {{}, {}, {d.input_feature}, {d.kernel_input_feature}});
    // The product has x's dimensions without the feature, then the kernel's without its input feature: ones, but one.
    Dims dims = x.dims();
    dims.erase(dims.begin() + d.input_feature);
    dims.push_back(node.operands[1].dim(d.kernel_output_feature));
    const auto place = [&](std::int64_t axis) { return axis - (axis > d.input_feature ? 1 : 0); };
    Dims order(dims.size());
    order[static_cast<std::size_t>(d.output_batch)] = place(d.input_batch);
    order[static_cast<std::size_t>(d.output_feature)] = std::ssize(dims) - 1;
    for (std::size_t i = 0; i < count.size(); ++i)
        order[static_cast<std::size_t>(d.output_spatial[i])] = place(d.input_spatial[i]);
    Tensor y = transpose(reshape(Operand(product, node.location), dims), order);
    if (is_plain) return y;
    return every(spread(y, d.output_spatial, o, node.location), d.output_spatial, count, o.strides, node.location);
}

/// The sum over the one window that all results have.
Tensor to_one_element(const Node& node, const ConvolutionOptions& o) {
    const auto& d = o.dimensions;
    Dims from = d.input_spatial, by = d.kernel_spatial;
    const auto feature = std::ranges::lower_bound(from, d.input_feature) - from.begin();  // in order: none is moved
    const Tensor x =
        every(node.operands[0], from, picked(node.operands[1].dims(), by), o.kernel_dilation, node.location);
    from.insert(from.begin() + feature, d.input_feature);
    by.insert(by.begin() + feature, d.kernel_input_feature);
    Tensor product =
        dot_general(Operand(x, node.location), Operand(node.operands[1], node.location), {{}, {}, from, by});
    if (d.output_feature < d.output_batch) product = transpose(Operand(product, node.location));
    return reshape(Operand(product, node.location), node.shape.dims);
}

}  // namespace

std::optional<Tensor> convolution_as_product(const Node& node) {
    const ConvolutionOptions o = convolution_options(node);
    const auto& d = o.dimensions;
    const bool is_empty =
        node.shape.count() == 0 || node.operands[0].shape().count() == 0 || node.operands[1].shape().count() == 0;
    if (o.feature_groups != 1 || o.batch_groups != 1 || is_empty) return std::nullopt;
    if (all_are(picked(node.operands[1].dims(), d.kernel_spatial), 1)) return by_one_element(node, o);
    const bool begins_inside = all_are(o.low, 0) && all_are(o.input_dilation, 1) &&
                               std::ranges::all_of(o.high, [](std::int64_t high) { return high <= 0; });
    if (begins_inside && all_are(picked(node.shape.dims, d.output_spatial), 1)) return to_one_element(node, o);
    return std::nullopt;
}

}  // namespace podium
