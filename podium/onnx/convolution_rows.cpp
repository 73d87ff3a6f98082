#include <algorithm>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"
#include "podium/onnx/window.h"

namespace podium::onnx {
namespace {

Tensor with_bias(const Tensor& result, const Tensor& bias) {
    return bias.defined() ? result + along_axis(bias, 1, result.rank()) : result;
}

Tensors conv(const Call& call) {
    return {with_bias(convolve_channels_first(call, call.in(0), call.in(1)), call.optional(2))};
}

Tensors conv_integer(const Call& call) {
    const auto shifted = [&](std::size_t i, std::size_t zero) {
        Tensor wide = convert(call.in(i), DataType::INT32);
        if (!call.has(zero)) return wide;
        return wide - along_axis(convert(call.in(zero), DataType::INT32), 0, wide.rank());
    };
    return {convolve_channels_first(call, shifted(0, 2), shifted(1, 3))};
}

/// Each element of x spreads by the kernel: a convolution of x, with strides between its elements, by the kernel turned
/// over.
Tensors conv_transpose(const Call& call) {
    const Tensor &x = call.in(0), &weight = call.in(1);  // [inputs, outputs / groups, …]
    const Dims spatial = spatial_dims(call, x);
    const auto rank = spatial.size();
    const Dims sizes(weight.dims().begin() + 2, weight.dims().end());
    const Dims strides = call.integers("strides", Dims(rank, 1)), dilations = call.integers("dilations", Dims(rank, 1));
    const Dims output_padding = call.integers("output_padding", Dims(rank, 0));
    Dims pads = call.integers("pads", Dims(2 * rank, 0));
    const Dims wanted = call.integers("output_shape");
    const auto automatic = call.text("auto_pad", "NOTSET");
    if (sizes.size() != rank || strides.size() != rank || dilations.size() != rank || pads.size() != 2 * rank ||
        output_padding.size() != rank || (!wanted.empty() && wanted.size() != rank))
        call.refuse(fmt::format("its window has not one number for each of {} spatial dimensions", rank));
    Dims low(rank), high(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const auto reach = (sizes[i] - 1) * dilations[i] + 1;
        const bool same = automatic.starts_with("SAME");
        if (!wanted.empty() || same) {
            const auto size = wanted.empty() ? spatial[i] * strides[i] : wanted[i];
            const auto all = strides[i] * (spatial[i] - 1) + output_padding[i] + reach - size;
            pads[i] = automatic == "SAME_UPPER" || all < 0 ? std::max<std::int64_t>(all / 2, 0) : all - all / 2;
            pads[i + rank] = all - pads[i];
        }
        low[i] = reach - 1 - pads[i];
        high[i] = reach - 1 - pads[i + rank] + output_padding[i];
    }
    const auto groups = call.integer("group", 1);
    if (groups <= 0 || weight.dim(0) % groups != 0) call.refuse("its groups do not divide its inputs");
    // [groups, inputs / groups, outputs / groups, …] → [outputs, inputs / groups, …]
    const auto inputs = weight.dim(0) / groups, outputs = weight.dim(1);
    Dims order{0, 2, 1}, back = {groups * outputs, inputs};
    for (std::size_t i = 0; i < rank; ++i) order.push_back(static_cast<std::int64_t>(i) + 3);
    back.insert(back.end(), sizes.begin(), sizes.end());
    const Tensor grouped = reshape(weight, joined({groups, inputs, outputs}, sizes));
    const Tensor kernel =
        reverse(reshape(transpose(grouped, order), back), counting(2, static_cast<std::int64_t>(rank)));
    const Tensor result =
        convolution(x, kernel,
                    {.dimensions = ConvolutionDimensions::channels_first(static_cast<std::int64_t>(rank)),
                     .low = low,
                     .high = high,
                     .input_dilation = strides,
                     .kernel_dilation = dilations,
                     .feature_groups = groups});
    return {with_bias(result, call.optional(2))};
}

/// A convolution over time that begins with what is left of the step before, and hands on what the next one needs.
Tensors causal_conv_with_state(const Call& call) {
    const Tensor &x = call.in(0), &weight = call.in(1);  // [batch, channels, time], [channels, 1, size]
    const auto reach = weight.dim(2) - 1;
    const Tensor state = call.has(3) ? call.in(3) : zeros({x.dim(0), x.dim(1), reach}, x.type());
    const Tensor all = concatenate({state, x}, 2);
    Tensor result = with_bias(
        convolution(all, weight, {.dimensions = ConvolutionDimensions::channels_first(1), .feature_groups = x.dim(1)}),
        call.optional(2));
    const auto activation = call.text("activation", "none");
    if (activation == "silu" || activation == "swish") result = result * logistic(result);
    return {result, slice_axis(all, 2, all.dim(2) - reach, all.dim(2))};
}

/// Adds the columns of blocks up where they lie in the image.
Tensors col2im(const Call& call) {
    const Dims image = call.integers(1), block = call.integers(2);
    const auto rank = image.size();
    const Dims strides = call.integers("strides", Dims(rank, 1)), dilations = call.integers("dilations", Dims(rank, 1));
    const Dims pads = call.integers("pads", Dims(2 * rank, 0));
    if (block.size() != rank || strides.size() != rank || dilations.size() != rank || pads.size() != 2 * rank)
        call.refuse("its block has not one number for each dimension of the image");
    const Tensor& x = call.in(0);
    std::int64_t elements = 1;
    Dims counts;
    for (std::size_t i = 0; i < rank; ++i) {
        if (strides[i] <= 0 || block[i] <= 0 || dilations[i] <= 0) call.refuse("a stride or size is not positive");
        elements *= block[i];
        counts.push_back((image[i] + pads[i] + pads[i + rank] - dilations[i] * (block[i] - 1) - 1) / strides[i] + 1);
    }
    const auto channels = x.dim(1) / elements;
    // Each place of the block is an image of its own, spread by the strides and moved.
    const Tensor places = reshape(x, joined({x.dim(0), channels, elements}, counts));
    Tensor sum_of_all;
    for (std::int64_t place = 0; place < elements; ++place) {
        Tensor piece = squeeze(slice_axis(places, 2, place, place + 1), 2);
        Dims low{0, 0}, high{0, 0}, interior{0, 0};
        auto rest = place;
        Dims at(rank);
        for (std::size_t i = rank; i-- > 0; rest /= block[i]) at[i] = rest % block[i];
        for (std::size_t i = 0; i < rank; ++i) {
            const auto begin = at[i] * dilations[i] - pads[i], spread = (counts[i] - 1) * strides[i] + 1;
            low.push_back(begin);
            high.push_back(image[i] - begin - spread);
            interior.push_back(strides[i] - 1);
        }
        piece = padded_or_cut(piece, scalar_of(x.type(), 0), low, high, interior);
        sum_of_all = sum_of_all.defined() ? sum_of_all + piece : piece;
    }
    return {sum_of_all};
}

constexpr NodeRow CONVOLUTION_ROWS[] = {
    {"", "CausalConvWithState", 1, causal_conv_with_state},
    {"", "Col2Im", 1, col2im},
    {"", "Conv", 1, conv},
    {"", "ConvInteger", 1, conv_integer},
    {"", "ConvTranspose", 1, conv_transpose},
};

}  // namespace

std::span<const NodeRow> convolution_rows() { return CONVOLUTION_ROWS; }

}  // namespace podium::onnx
