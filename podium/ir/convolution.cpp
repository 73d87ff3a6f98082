#include "podium/ir/convolution.h"

#include <algorithm>

#include "podium/base/dims.h"
#include "podium/ir/batching.h"
#include "podium/ir/contraction.h"
#include "podium/ir/convolution_node.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

enum : std::size_t { INPUT, KERNEL, OUTPUT, STRIDES, LOW, HIGH, INPUT_DILATION, KERNEL_DILATION, GROUPS };

// A tensor's dimensions are kept as (batch, feature, spatial…), a kernel's as (output feature, input feature,
// spatial…).
Dims spatial_of(const Dims& spec) { return {spec.begin() + 2, spec.end()}; }

std::int64_t dilated(std::int64_t size, std::int64_t dilation) { return size == 0 ? 0 : (size - 1) * dilation + 1; }

std::vector<HostArray> evaluate_convolution(const Evaluation& e) {
    const ConvolutionOptions o = convolution_options(e.node);
    const ConvolutionDimensions& d = o.dimensions;
    const HostArray &x = e.operands[0], &kernel = e.operands[1];
    const Dims &in = x.shape().dims, &k = kernel.shape().dims, &out = e.node.shape.dims;
    const auto at = [](const Dims& dims, std::int64_t axis) { return dims[static_cast<std::size_t>(axis)]; };
    const auto features = at(k, d.kernel_input_feature), outputs = at(k, d.kernel_output_feature);
    const auto per_feature_group = outputs / o.feature_groups, per_batch_group = outputs / o.batch_groups;
    const auto batch = at(in, d.input_batch) / o.batch_groups;
    const Dims window = picked(k, d.kernel_spatial);
    HostArray result(e.node.shape);
    std::int64_t position = 0;
    for_each_index(out, [&](const Dims& index) {
        const auto output = at(index, d.output_feature);
        Dims from(in.size()), by(k.size());
        from[static_cast<std::size_t>(d.input_batch)] =
            at(index, d.output_batch) + (o.batch_groups > 1 ? output / per_batch_group * batch : 0);
        by[static_cast<std::size_t>(d.kernel_output_feature)] = output;
        Number total = is_inexact(e.node.shape.type)
                           ? (is_complex(e.node.shape.type) ? Number(Complex128()) : Number(0.0))
                       : is_signed_integer(e.node.shape.type) ? Number(std::int64_t{0})
                                                              : Number(std::uint64_t{0});
        for_each_index(window, [&](const Dims& offset) {
            for (std::size_t i = 0; i < window.size(); ++i) {
                const auto place =
                    at(index, d.output_spatial[i]) * o.strides[i] + offset[i] * o.kernel_dilation[i] - o.low[i];
                const auto axis = static_cast<std::size_t>(d.input_spatial[i]);
                if (place < 0 || place % o.input_dilation[i] != 0 || place / o.input_dilation[i] >= in[axis]) return;
                from[axis] = place / o.input_dilation[i];
                by[static_cast<std::size_t>(d.kernel_spatial[i])] = offset[i];
            }
            for (std::int64_t f = 0; f < features; ++f) {
                from[static_cast<std::size_t>(d.input_feature)] =
                    f + (o.feature_groups > 1 ? output / per_feature_group * features : 0);
                by[static_cast<std::size_t>(d.kernel_input_feature)] = f;
                total = combine(add, total,
                                combine(multiply, load(x, flat_index(from, in)), load(kernel, flat_index(by, k))));
            }
        });
        store(result, position++, total);
    });
    return {result};
}

/// The cotangent of the input: the cotangents, spread by the strides, convolved with the kernel turned over and its
/// features exchanged.
Tensor input_cotangent(const VjpArguments& v) {
    const ConvolutionOptions o = convolution_options(v.node);
    const ConvolutionDimensions& d = o.dimensions;
    Tensor kernel = v.operands[1];
    const auto groups = std::max(o.feature_groups, o.batch_groups);
    if (groups > 1)
        kernel = axis_into(axis_out_of(kernel, d.kernel_output_feature, groups), d.kernel_output_feature,
                           d.kernel_input_feature);
    ConvolutionOptions t{
        .dimensions = {d.output_batch, d.output_feature, d.output_spatial, d.kernel_output_feature,
                       d.kernel_input_feature, d.kernel_spatial, d.input_batch, d.input_feature, d.input_spatial},
        .strides = o.input_dilation,
        .input_dilation = o.strides,
        .kernel_dilation = o.kernel_dilation,
        .feature_groups = groups};
    for (std::size_t i = 0; i < o.strides.size(); ++i) {
        const auto in = dilated(v.operands[0].dim(d.input_spatial[i]), o.input_dilation[i]);
        const auto window = dilated(kernel.dim(d.kernel_spatial[i]), o.kernel_dilation[i]);
        const auto out = dilated(v.node.shape.dims[static_cast<std::size_t>(d.output_spatial[i])], o.strides[i]);
        t.low.push_back(window - o.low[i] - 1);
        t.high.push_back(in + window - 1 - out - t.low.back());
    }
    const Tensor found = convolution(v.cotangent, reverse(kernel, d.kernel_spatial), t);
    return o.batch_groups > 1 ? axis_into(axis_out_of(found, d.input_feature, groups), d.input_feature, d.input_batch)
                              : found;
}

/// The cotangent of the kernel: the input convolved with the cotangents, batch and features exchanged.
Tensor kernel_cotangent(const VjpArguments& v) {
    const ConvolutionOptions o = convolution_options(v.node);
    const ConvolutionDimensions& d = o.dimensions;
    ConvolutionOptions t{
        .dimensions = {d.input_feature, d.input_batch, d.input_spatial, d.output_batch, d.output_feature,
                       d.output_spatial, d.kernel_input_feature, d.kernel_output_feature, d.kernel_spatial},
        .strides = o.kernel_dilation,
        .low = o.low,
        .input_dilation = o.input_dilation,
        .kernel_dilation = o.strides,
        .feature_groups = o.batch_groups,
        .batch_groups = o.feature_groups};
    for (std::size_t i = 0; i < o.strides.size(); ++i) {
        const auto in = dilated(v.operands[0].dim(d.input_spatial[i]), o.input_dilation[i]);
        const auto window = dilated(v.operands[1].dim(d.kernel_spatial[i]), o.kernel_dilation[i]);
        const auto out = dilated(v.node.shape.dims[static_cast<std::size_t>(d.output_spatial[i])], o.strides[i]);
        t.high.push_back(out - in + window - 1 - o.low[i]);
    }
    return convolution(v.operands[0], v.cotangent, t);
}

Tensors convolution_vjp(const VjpArguments& v) {
    if (v.cotangent.shape().count() == 0) return {zeros_like(v.operands[0]), zeros_like(v.operands[1])};
    return {input_cotangent(v), kernel_cotangent(v)};
}

/// Examples become more batch where only the input has them, more output features where only the kernel has them, and
/// groups where both have.
Tensors convolution_vmap(const VmapArguments& v) {
    ConvolutionOptions o = convolution_options(v.node);
    const ConvolutionDimensions& d = o.dimensions;
    const auto out_of = [&](const Tensor& result, std::int64_t axis) {
        const Tensor split = axis_out_of(result, axis, v.size);
        Dims permutation = complement({axis}, split.rank());
        permutation.insert(permutation.begin(), axis);
        return transpose(split, permutation);
    };
    if (!v.mapped[1] && o.batch_groups == 1)
        return {out_of(convolution(axis_into(v.operands[0], 0, d.input_batch), v.operands[1], o), d.output_batch)};
    if (!v.mapped[0] && o.batch_groups == 1 && o.feature_groups == 1)
        return {out_of(convolution(v.operands[0], axis_into(v.operands[1], 0, d.kernel_output_feature), o),
                       d.output_feature)};
    const bool by_batch = o.batch_groups > 1;
    (by_batch ? o.batch_groups : o.feature_groups) *= v.size;
    const Tensor x = axis_into(mapped_operand(v, 0), 0, by_batch ? d.input_batch : d.input_feature);
    return {out_of(convolution(x, axis_into(mapped_operand(v, 1), 0, d.kernel_output_feature), o), d.output_feature)};
}

/// Returns "[b, f, 0, 1]": the letter or number of each dimension.
std::string layout(const Dims& spec, char first, char second) {
    std::vector<std::string> names(spec.size());
    for (std::size_t i = 0; i < spec.size(); ++i)
        names[static_cast<std::size_t>(spec[i])] = i == 0   ? std::string(1, first)
                                                   : i == 1 ? std::string(1, second)
                                                            : fmt::format("{}", i - 2);
    return fmt::format("[{}]", fmt::join(names, ", "));
}

void expect_dimensions(std::string_view which, const Tensor& tensor, const Dims& spec, const Location& location) {
    Dims sorted = spec;
    std::sort(sorted.begin(), sorted.end());
    if (sorted != complement({}, tensor.rank()))  // (C12), (C13), (C17) … (C20)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("convolution: dimension numbers [{}] of the {} do not name the dimensions of {} once each",
                            join(spec), which, to_string(tensor.shape())));
}

}  // namespace

ConvolutionOptions convolution_options(const Node& node) {
    const auto& a = node.attributes;
    return {.dimensions = {a[INPUT][0], a[INPUT][1], spatial_of(a[INPUT]), a[KERNEL][1], a[KERNEL][0],
                           spatial_of(a[KERNEL]), a[OUTPUT][0], a[OUTPUT][1], spatial_of(a[OUTPUT])},
            .strides = a[STRIDES],
            .low = a[LOW],
            .high = a[HIGH],
            .input_dilation = a[INPUT_DILATION],
            .kernel_dilation = a[KERNEL_DILATION],
            .feature_groups = a[GROUPS][0],
            .batch_groups = a[GROUPS][1]};
}

namespace rows {

constinit const Op convolution{.name = "convolution",
                               .spec = "StableHLO specification, convolution, without window reversal",
                               .stablehlo = "stablehlo.convolution",
                               .kind = Kind::STRUCTURAL,
                               .evaluate = evaluate_convolution,
                               .attributes = [](const Node& n) { return convolution_text(n, true); },
                               .vjp = convolution_vjp,
                               .vmap = convolution_vmap};

}  // namespace rows

std::string convolution_text(const Node& n, bool with_padding) {
    const auto& a = n.attributes;
    std::string reversal;
    for (std::size_t i = 0; i < a[STRIDES].size(); ++i) reversal += i == 0 ? ": false" : ", false";
    return fmt::format(
        "dimension_numbers = #stablehlo.conv<{}x{}->{}>, {}, {}{}, {}, window_reversal = array<i1{}>, {}, {}, {}",
        layout(a[INPUT], 'b', 'f'), layout(a[KERNEL], 'o', 'i'), layout(a[OUTPUT], 'b', 'f'),
        array_attribute("window_strides", a[STRIDES]),
        with_padding ? padding_attribute(a[LOW], a[HIGH]) + ", " : std::string(),
        array_attribute("lhs_dilation", a[INPUT_DILATION]), array_attribute("rhs_dilation", a[KERNEL_DILATION]),
        reversal, integer_attribute("feature_group_count", a[GROUPS][0]),
        integer_attribute("batch_group_count", a[GROUPS][1]), precision_attribute(n));
}

ConvolutionDimensions ConvolutionDimensions::channels_last(std::int64_t spatial_rank) {
    Dims kernel, image;
    for (std::int64_t i = 0; i < spatial_rank; ++i) {
        kernel.push_back(i);
        image.push_back(i + 1);
    }
    return {0, spatial_rank + 1, image, spatial_rank, spatial_rank + 1, kernel, 0, spatial_rank + 1, image};
}

ConvolutionDimensions ConvolutionDimensions::channels_first(std::int64_t spatial_rank) {
    Dims spatial;
    for (std::int64_t i = 0; i < spatial_rank; ++i) spatial.push_back(i + 2);
    return {0, 1, spatial, 1, 0, spatial, 0, 1, spatial};
}

Tensor convolution(const Operand& x, const Operand& kernel, const ConvolutionOptions& options) {
    ConvolutionOptions o = options;
    const ConvolutionDimensions& d = o.dimensions;
    const Tensor &input = x.tensor(), &weights = kernel.tensor();
    const Location& where = x.location();
    if (input.type() != weights.type() || !takes(Types::NUMBER, input.type()))  // (C27)
        fail_at(Code::DTYPE_MISMATCH, where,
                fmt::format("convolution: takes numbers of one type, got {} and {}", to_string(input.shape()),
                            to_string(weights.shape())));
    const auto rank = d.input_spatial.size();
    if (input.rank() != weights.rank() || input.rank() != static_cast<std::int64_t>(rank) + 2)  // (C1)
        fail_at(Code::SHAPE_MISMATCH, where,
                fmt::format("convolution: {} and {} do not have {} spatial dimensions and two more",
                            to_string(input.shape()), to_string(weights.shape()), rank));
    for (auto* ones : {&o.strides, &o.input_dilation, &o.kernel_dilation})
        if (ones->empty()) ones->assign(rank, 1);
    for (auto* zeros : {&o.low, &o.high})
        if (zeros->empty()) zeros->assign(rank, 0);
    for (const auto* dims : {&o.strides, &o.input_dilation, &o.kernel_dilation, &o.low, &o.high})  // (C2) … (C8)
        if (dims->size() != rank)
            fail_at(Code::SHAPE_MISMATCH, where,
                    fmt::format("convolution: [{}] is not one number for each of {} spatial dimensions", join(*dims),
                                rank));
    for (const auto* dims : {&o.strides, &o.input_dilation, &o.kernel_dilation})
        if (std::ranges::any_of(*dims, [](std::int64_t size) { return size < 1; }))
            fail_at(Code::SHAPE_MISMATCH, where,
                    fmt::format("convolution: strides and dilations are at least 1, got [{}]", join(*dims)));
    const Dims in = joined({d.input_batch, d.input_feature}, d.input_spatial),
               by = joined({d.kernel_output_feature, d.kernel_input_feature}, d.kernel_spatial),
               out = joined({d.output_batch, d.output_feature}, d.output_spatial);
    expect_dimensions("input", input, in, where);
    expect_dimensions("kernel", weights, by, where);
    expect_dimensions("output", input, out, where);
    const auto features = input.dim(d.input_feature), outputs = weights.dim(d.kernel_output_feature);
    if (o.feature_groups < 1 || o.batch_groups < 1 || (o.feature_groups > 1 && o.batch_groups > 1))  // (C21) … (C23)
        fail_at(Code::INVALID_ARGUMENT, where,
                fmt::format("convolution: {} groups of features and {} of the batch; at most one may be above 1",
                            o.feature_groups, o.batch_groups));
    const auto groups = std::max(o.feature_groups, o.batch_groups);
    if (features % o.feature_groups != 0 || input.dim(d.input_batch) % o.batch_groups != 0 || outputs % groups != 0 ||
        weights.dim(d.kernel_input_feature) != features / o.feature_groups)  // (C10), (C11), (C14) … (C16)
        fail_at(Code::SHAPE_MISMATCH, where,
                fmt::format("convolution: the kernel {} (input features: dimension {}) does not fit {} (features: "
                            "dimension {}) in {} groups",
                            to_string(weights.shape()), d.kernel_input_feature, to_string(input.shape()),
                            d.input_feature, groups));
    Shape shape(input.type(), Dims(input.dims().size()));
    shape.dims[static_cast<std::size_t>(d.output_batch)] = input.dim(d.input_batch) / o.batch_groups;
    shape.dims[static_cast<std::size_t>(d.output_feature)] = outputs;
    for (std::size_t i = 0; i < rank; ++i) {  // (C25)
        const auto padded = o.low[i] + dilated(input.dim(d.input_spatial[i]), o.input_dilation[i]) + o.high[i];
        const auto window = dilated(weights.dim(d.kernel_spatial[i]), o.kernel_dilation[i]);
        shape.dims[static_cast<std::size_t>(d.output_spatial[i])] =
            padded <= 0 || window > padded ? 0 : (padded - window) / o.strides[i] + 1;
    }
    return record({.op = rows::convolution,
                   .shape = std::move(shape),
                   .operands = {input, weights},
                   .attributes = {in,
                                  by,
                                  out,
                                  o.strides,
                                  o.low,
                                  o.high,
                                  o.input_dilation,
                                  o.kernel_dilation,
                                  {o.feature_groups, o.batch_groups}},
                   .location = where});
}

std::int64_t convolved_count(const Node& node) {
    const auto& kernel = node.operands[1];
    return kernel.shape().count() / std::max<std::int64_t>(kernel.dim(node.attributes[KERNEL][0]), 1);
}

std::span<const Op* const> convolution_ops() {
    static constexpr std::array ROWS{&rows::convolution};
    return ROWS;
}

}  // namespace podium
