#include <algorithm>
#include <cmath>
#include <functional>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// How one dimension is resized.
struct Resized {
    std::int64_t size = 0, wanted = 0;
    double scale = 1.0, begin = 0.0, end = 1.0;  ///< begin, end: of the region of interest, as shares
};

/// Returns where place `at` of the result lies in the input.
double source_place(const Call& call, const std::string& mode, const Resized& of, double at) {
    const auto size = static_cast<double>(of.size), exact = of.scale * size;
    if (mode == "align_corners") return exact == 1 ? 0.0 : at * (size - 1) / (exact - 1);
    if (mode == "asymmetric") return at / of.scale;
    if (mode == "half_pixel") return (at + 0.5) / of.scale - 0.5;
    if (mode == "pytorch_half_pixel") return exact == 1 ? -0.5 : (at + 0.5) / of.scale - 0.5;
    if (mode == "half_pixel_symmetric")
        return size / 2 * (1 - static_cast<double>(of.wanted) / exact) + (at + 0.5) / of.scale - 0.5;
    if (mode == "tf_half_pixel_for_nn") return (at + 0.5) / of.scale;
    if (mode != "tf_crop_and_resize") call.refuse(fmt::format("there is no coordinate transformation \"{}\"", mode));
    const double inner =
        exact == 1 ? (of.end - of.begin) * (size - 1) / 2 : at * (of.end - of.begin) * (size - 1) / (exact - 1);
    return inner + of.begin * (size - 1);
}

/// Keys' kernel with parameter a. Source: Keys 1981, IEEE Transactions ASSP 29(6), equation 15.
double cubic_kernel(double x, double a) {
    x = std::abs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0.0;
}
double linear_kernel(double x) { return std::max(1 - std::abs(x), 0.0); }

/// Returns which element is nearest, by the node's rule for halves.
std::int64_t nearest_place(const Call& call, double place) {
    const auto mode = call.text("nearest_mode", call.opset() < 11 ? "floor" : "round_prefer_floor");
    const double below = std::floor(place), rest = place - below;
    double chosen = below;
    if (mode == "ceil")
        chosen = std::ceil(place);
    else if (mode == "round_prefer_floor")
        chosen = rest <= 0.5 ? below : below + 1;
    else if (mode == "round_prefer_ceil")
        chosen = rest < 0.5 ? below : below + 1;
    else if (mode != "floor")
        call.refuse(fmt::format("there is no nearest mode \"{}\"", mode));
    return static_cast<std::int64_t>(chosen);
}

/// Returns f64[wanted, size + 1]: what each element of the result takes of each element of the input, and adds.
HostArray weights_of(const Call& call, const Resized& of) {
    const auto mode = call.text("mode", "nearest");
    const auto transformation =
        call.text("coordinate_transformation_mode", call.opset() < 11 ? "asymmetric" : "half_pixel");
    const double a = call.real("cubic_coeff_a", -0.75), outside_value = call.real("extrapolation_value", 0.0);
    const double shrink = call.flag("antialias") ? std::min(of.scale, 1.0) : 1.0;
    HostArray weights(Shape(DataType::FLOAT64, {of.wanted, of.size + 1}));
    const auto rows = weights.mutable_span<double>();
    for (std::int64_t at = 0; at < of.wanted; ++at) {
        const auto row =
            rows.subspan(static_cast<std::size_t>(at * (of.size + 1)), static_cast<std::size_t>(of.size) + 1);
        const double place = source_place(call, transformation, of, static_cast<double>(at));
        const auto last = of.size - 1;
        if (transformation == "tf_crop_and_resize" && (place < 0 || place > static_cast<double>(last))) {
            row.back() = outside_value;
            continue;
        }
        if (mode == "nearest") {
            row[static_cast<std::size_t>(std::clamp<std::int64_t>(nearest_place(call, place), 0, last))] = 1.0;
            continue;
        }
        if (mode != "linear" && mode != "cubic") call.refuse(fmt::format("there is no mode \"{}\"", mode));
        const double reach = (mode == "cubic" ? 2 : 1) / shrink;
        std::vector<double> values(static_cast<std::size_t>(of.size));
        double total = 0;
        for (auto i = static_cast<std::int64_t>(std::floor(place - reach)); i <= std::ceil(place + reach); ++i) {
            const double distance = (static_cast<double>(i) - place) * shrink;
            const double weight = mode == "cubic" ? cubic_kernel(distance, a) : linear_kernel(distance);
            const bool outside = i < 0 || i > last;
            if (outside && call.flag("exclude_outside")) continue;
            values[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, last))] += weight;
            total += weight;
        }
        for (std::size_t i = 0; i < values.size(); ++i) row[i] = values[i] / total;
    }
    return weights;
}

/// Returns which element of the input each of the result is, where all are one whole element.
std::optional<Dims> single_places(const HostArray& weights) {
    const auto values = weights.span<double>();
    const auto width = static_cast<std::size_t>(weights.shape().dims[1]);
    Dims places;
    for (std::size_t row = 0; row < values.size(); row += width) {
        const auto of_row = values.subspan(row, width);
        const auto found = std::ranges::find(of_row, 1.0);
        const auto zeros = std::ranges::count(of_row, 0.0);
        if (found == of_row.end() || zeros + 1 != static_cast<std::ptrdiff_t>(width) || found + 1 == of_row.end())
            return std::nullopt;
        places.push_back(found - of_row.begin());
    }
    return places;
}

Tensor resize_axis(const Call& call, const Tensor& x, std::int64_t axis, const Resized& of) {
    const HostArray weights = weights_of(call, of);
    if (const auto places = single_places(weights)) return take(x, constant(HostArray::of({of.wanted}, *places)), axis);
    const Tensor all = constant(weights);
    const Tensor from_input = slice_axis(all, 1, 0, of.size), from_outside = slice_axis(all, 1, of.size, of.size + 1);
    const Tensor moved = dot_general(x, convert(from_input, x.type()), {.lhs_contract = {axis}, .rhs_contract = {1}});
    Dims order = counting(0, x.rank() - 1);
    order.insert(order.begin() + axis, x.rank() - 1);
    return transpose(moved, order) + along_axis(convert(reshape(from_outside, {of.wanted}), x.type()), axis, x.rank());
}

/// Returns how each dimension is resized, by the scales or the sizes that the node is given.
std::vector<Resized> resized_dimensions(const Call& call, std::size_t scales_at, std::size_t sizes_at) {
    const Tensor& x = call.in(0);
    const Dims axes = call.has("axes") ? axes_of(call, call.integers("axes"), x.rank()) : counting(0, x.rank());
    std::vector<Resized> dimensions;
    for (const auto size : x.dims()) dimensions.push_back({.size = size, .wanted = size});
    const bool has_sizes = call.has(sizes_at) && call.in(sizes_at).shape().count() > 0;
    const auto given = has_sizes             ? call.reals(sizes_at)
                       : call.has(scales_at) ? call.reals(scales_at)
                                             : call.reals("scales");
    if (given.size() != axes.size()) call.refuse("it has not one scale or size for each axis");
    const auto policy = call.text("keep_aspect_ratio_policy", "stretch");
    double common = policy == "not_larger" ? INFINITY : 0.0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        auto& of = dimensions[static_cast<std::size_t>(axes[i])];
        of.scale = has_sizes ? given[i] / static_cast<double>(of.size) : given[i];
        common = policy == "not_larger" ? std::min(common, of.scale) : std::max(common, of.scale);
    }
    const auto region =
        call.has(1) && sizes_at == 3 && call.in(1).shape().count() > 0 ? call.reals(1) : std::vector<double>();
    for (std::size_t i = 0; i < axes.size(); ++i) {
        auto& of = dimensions[static_cast<std::size_t>(axes[i])];
        const auto size = static_cast<double>(of.size);
        if (has_sizes && policy != "stretch") of.scale = common;
        const double wanted = !has_sizes            ? std::floor(size * of.scale)
                              : policy == "stretch" ? given[i]
                                                    : std::floor(size * of.scale + 0.5);
        constexpr double LIMIT = 1e9;
        if (!(of.scale > 0) || !(wanted >= 0 && wanted < LIMIT)) call.refuse("a scale or size is out of range");
        of.wanted = static_cast<std::int64_t>(wanted);
        if (region.size() == 2 * axes.size()) {
            of.begin = region[i];
            of.end = region[i + axes.size()];
        }
    }
    return dimensions;
}

Tensors resize_by(const Call& call, std::size_t scales_at, std::size_t sizes_at) {
    const auto type = call.in(0).type();
    const auto dimensions = resized_dimensions(call, scales_at, sizes_at);
    Tensor x = is_float(type) && size_bytes(type) >= 4 ? call.in(0) : convert(call.in(0), DataType::FLOAT32);
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        const auto& of = dimensions[i];
        if (of.scale == 1.0 && of.wanted == of.size && of.begin == 0.0 && of.end == 1.0) continue;
        x = resize_axis(call, x, static_cast<std::int64_t>(i), of);
    }
    return {convert(is_integer(type) ? round(x) : x, type)};
}

Tensors resize_rows_since_11(const Call& call) { return resize_by(call, 2, 3); }
Tensors resize_rows_by_scales(const Call& call) { return resize_by(call, 1, 2); }

constexpr NodeRow RESIZE_ROWS[] = {
    {"", "Resize", 1, resize_rows_by_scales},
    {"", "Resize", 11, resize_rows_since_11},
    {"", "Upsample", 1, resize_rows_by_scales},
};

}  // namespace

std::span<const NodeRow> resize_rows() { return RESIZE_ROWS; }

}  // namespace podium::onnx
