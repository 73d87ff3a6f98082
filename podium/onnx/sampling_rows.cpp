#include <algorithm>
#include <cmath>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"
#include "podium/onnx/window.h"

namespace podium::onnx {
namespace {

/// Returns the elements of x [batch, channels, size…] at whole places [batch, points…], one tensor a dimension; zeros
/// where they are outside. The result is [batch, channels, points…].
Tensor elements_at(const Tensor& x, const Tensors& places) {
    const auto rank = x.rank() - 2;
    const Dims points = places[0].dims();
    Tensor inside = ones(points, DataType::BOOL), flat = zeros(points, DataType::INT64);
    for (std::int64_t i = 0; i < rank; ++i) {
        const Tensor& at = places[static_cast<std::size_t>(i)];
        const auto size = x.dim(i + 2);
        inside = inside & logical_and(greater_equal(at, std::int64_t{0}), less(at, size));
        flat = flat * size + clip(at, std::int64_t{0}, size - 1);
    }
    const auto batch = x.dim(0), channels = x.dim(1);
    const Tensor index = broadcast_to(reshape(flat, {batch, 1, -1}), {batch, channels, flat.shape().count() / batch});
    const Tensor taken = take_along_axis(reshape(x, {batch, channels, -1}), index, 2);
    const Tensor shaped = reshape(taken, joined({batch, channels}, Dims(points.begin() + 1, points.end())));
    return where(expand_dims(inside, 1), shaped, zeros_like(shaped));
}

/// What GridSample does with places outside of an image of that size.
struct Border {
    std::string mode;
    double low, high;  ///< between which reflection goes back and forth

    Tensor operator()(const Tensor& place, std::int64_t size) const {
        if (mode == "border") return clip(place, 0.0, static_cast<double>(size - 1));
        if (mode != "reflection") return place;
        const double range = high - low;
        if (range == 0.0) return zeros_like(place);
        const Tensor distance = abs(place - low);
        const Tensor turns = floor(distance / range), rest = distance - turns * range;
        const Tensor even = equal(remainder(turns, 2.0), zeros_like(turns));
        return clip(select(even, rest + low, high - rest), 0.0, static_cast<double>(size - 1));
    }
};

/// Returns what the neighbours number `from` … of a place weigh: two of them, or four by Keys' kernel.
Tensors neighbour_weights(const Tensor& fraction, bool cubic) {
    if (!cubic) return {1.0 - fraction, fraction};
    const double a = -0.75;
    const auto near = [&](const Tensor& x) { return ((x * (a + 2) - (a + 3)) * x) * x + 1.0; };
    const auto far = [&](const Tensor& x) { return ((x * a - 5 * a) * x + 8 * a) * x - 4 * a; };
    return {far(fraction + 1.0), near(fraction), near(1.0 - fraction), far(2.0 - fraction)};
}

Tensor whole(const Tensor& x) { return convert(x, DataType::INT64); }

/// Returns x sampled at places (one tensor a dimension) between its elements.
Tensor sampled(const Tensor& x, const Tensors& places, const std::vector<Border>& borders, const std::string& mode) {
    const auto rank = places.size();
    if (mode == "nearest") {
        Tensors at;
        for (std::size_t i = 0; i < rank; ++i) at.push_back(whole(borders[i](round(places[i]), x.dims()[i + 2])));
        return elements_at(x, at);
    }
    const bool cubic = mode == "cubic" || mode == "bicubic";
    const std::int64_t neighbours = cubic ? 4 : 2, first = cubic ? -1 : 0;
    std::vector<Tensors> weights, at(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const Tensor below = floor(places[i]);
        weights.push_back(neighbour_weights(places[i] - below, cubic));
        for (std::int64_t k = 0; k < neighbours; ++k)
            at[i].push_back(whole(borders[i](below + static_cast<double>(first + k), x.dims()[i + 2])));
    }
    Tensor total;
    std::vector<std::size_t> chosen(rank, 0);
    for (bool more = true; more;) {
        Tensors corner;
        Tensor weight;
        for (std::size_t i = 0; i < rank; ++i) {
            corner.push_back(at[i][chosen[i]]);
            weight = weight.defined() ? weight * weights[i][chosen[i]] : weights[i][chosen[i]];
        }
        const Tensor part = elements_at(x, corner) * expand_dims(weight, 1);
        total = total.defined() ? total + part : part;
        more = false;
        for (std::size_t i = 0; i < rank && !more; ++i) {
            chosen[i] = (chosen[i] + 1) % static_cast<std::size_t>(neighbours);
            more = chosen[i] != 0;
        }
    }
    return total;
}

Tensors grid_sample(const Call& call) {
    const Tensor &x = call.in(0), &grid = call.in(1);  // [batch, points…, rank], the last dimension first
    const auto rank = x.rank() - 2;
    if (rank < 1 || grid.dim(-1) != rank) call.refuse("its grid has not one number for each spatial dimension");
    const bool corners = call.flag("align_corners");
    const auto padding = call.text("padding_mode", "zeros");
    Tensors places;
    std::vector<Border> borders;
    for (std::int64_t i = 0; i < rank; ++i) {
        const auto size = static_cast<double>(x.dim(i + 2));
        const Tensor n = squeeze(slice_axis(grid, -1, rank - 1 - i, rank - i), -1);
        borders.push_back({padding, corners ? 0.0 : -0.5, corners ? size - 1 : size - 0.5});
        Tensor place = corners ? (n + 1.0) * ((size - 1) / 2) : ((n + 1.0) * size - 1.0) * 0.5;
        places.push_back(place);
    }
    auto mode = call.text("mode", "linear");
    if (mode != "nearest")  // places themselves move inside first, and then their neighbours
        for (std::size_t i = 0; i < places.size(); ++i)
            if (mode != "cubic" && mode != "bicubic") places[i] = borders[i](places[i], x.dims()[i + 2]);
    return {sampled(x, places, borders, mode)};
}

Tensors affine_grid(const Call& call) {
    const Tensor& theta = call.in(0);  // [batch, rank, rank + 1]
    const Dims size = call.integers(1);
    const bool corners = call.flag("align_corners");
    const Dims spatial(size.begin() + std::min<std::ptrdiff_t>(2, std::ssize(size)), size.end());
    const auto rank = static_cast<std::int64_t>(spatial.size());
    if (theta.rank() != 3 || theta.dim(2) != rank + 1) call.refuse("its matrices do not fit the size");
    Tensors coordinates;
    for (auto i = rank - 1; i >= 0; --i) {
        const auto length = static_cast<double>(spatial[static_cast<std::size_t>(i)]);
        const Tensor index = iota(spatial, i, theta.type());
        coordinates.push_back(corners ? index * (2.0 / (length - 1)) - 1.0 : (index * 2.0 + 1.0) / length - 1.0);
    }
    coordinates.push_back(ones(spatial, theta.type()));
    const Tensor points = reshape(stack(coordinates, rank), {-1, rank + 1});
    const Tensor moved = matmul(points, swap_axes(theta, 1, 2));
    return {reshape(moved, joined({theta.dim(0)}, spatial, {rank}))};
}

/// A convolution whose window's elements lie where offsets say, between x's elements too.
Tensors deform_conv(const Call& call) {
    const Tensor &x = call.in(0), &weight = call.in(1), &offset = call.in(2);
    if (x.rank() != 4 || weight.rank() != 4 || offset.rank() != 4) call.refuse("it takes images");
    const Dims sizes{weight.dim(2), weight.dim(3)};
    const auto window = spatial_window(call, {x.dim(2), x.dim(3)}, sizes);
    const auto batch = x.dim(0), channels = x.dim(1), elements = sizes[0] * sizes[1];
    const auto groups = call.integer("group", 1), moved = call.integer("offset_group", 1);
    if (groups <= 0 || moved <= 0 || channels % groups != 0 || channels % moved != 0 || weight.dim(0) % groups != 0 ||
        offset.dim(1) != moved * elements * 2)
        call.refuse("its groups, window and offsets do not fit each other");
    const auto height = offset.dim(2), width = offset.dim(3);
    const Dims points{batch * moved, elements, height, width};
    const Tensor offsets = reshape(offset, {batch * moved, elements, 2, height, width});
    const Tensor element = iota(points, 1);
    Tensors places;
    for (std::int64_t i = 0; i < 2; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto columns = static_cast<std::int32_t>(sizes[1]);
        const Tensor in_window = i == 0 ? element / columns : remainder(element, columns);
        const Tensor base = iota(points, 2 + i) * static_cast<std::int32_t>(window.strides[at]) +
                            in_window * static_cast<std::int32_t>(window.dilations[at]) -
                            static_cast<std::int32_t>(window.low[at]);
        places.push_back(convert(base, x.type()) + squeeze(slice_axis(offsets, 2, i, i + 1), 2));
    }
    const Tensor images = reshape(x, {batch * moved, channels / moved, x.dim(2), x.dim(3)});
    Tensor columns = sampled(images, places, {{"zeros", 0, 0}, {"zeros", 0, 0}}, "linear");
    if (call.has(4)) columns = columns * reshape(call.in(4), {batch * moved, 1, elements, height, width});
    const Tensor by_group = reshape(columns, {batch, groups, channels / groups, elements, height, width});
    const Tensor kernel = reshape(weight, {groups, weight.dim(0) / groups, weight.dim(1), elements});
    const Tensor result =
        reshape(einsum("ngckhw,gock->ngohw", {by_group, kernel}), {batch, weight.dim(0), height, width});
    return {call.has(3) ? result + along_axis(call.in(3), 1, 4) : result};
}

constexpr NodeRow SAMPLING_ROWS[] = {
    {"", "AffineGrid", 1, affine_grid},
    {"", "DeformConv", 1, deform_conv},
    {"", "GridSample", 1, grid_sample},
};

}  // namespace

std::span<const NodeRow> sampling_rows() { return SAMPLING_ROWS; }

}  // namespace podium::onnx
