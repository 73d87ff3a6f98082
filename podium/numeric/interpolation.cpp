#include "podium/numeric/interpolation.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "podium/numeric/selection.h"

namespace podium {
namespace {

/// Returns where(divisor = 0, `otherwise`, x / divisor), whose gradient has no NaN either.
Tensor divided(const Tensor& x, const Tensor& divisor, const Operand& otherwise) {
    const Tensor none = equal(divisor, 0.0);
    return select(none, otherwise, x / select(none, 1.0, divisor));
}

// Kernels of the distance, which is not negative.
Tensor triangle_kernel(const Tensor& distance) { return maximum(0.0, 1.0 - distance); }

Tensor keys_kernel(const Tensor& distance) {
    const Tensor inner = ((1.5 * distance - 2.5) * distance) * distance + 1.0;
    const Tensor outer = ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0;
    return select(greater_equal(distance, 2.0), 0.0, select(greater_equal(distance, 1.0), outer, inner));
}

Tensor lanczos_kernel(const Tensor& distance, double radius) {
    constexpr double PI = std::numbers::pi;
    const Tensor waves = radius * sin(distance * PI) * sin(distance * PI / radius);
    const Tensor near = divided(waves, square(distance) * (PI * PI), 1.0);
    return select(greater(distance, radius), 0.0, select(greater(distance, 1e-3), near, 1.0));
}

Tensor kernel_of(ResizeMethod method, const Tensor& distance) {
    switch (method) {
        case ResizeMethod::CUBIC: return keys_kernel(distance);
        case ResizeMethod::LANCZOS3: return lanczos_kernel(distance, 3.0);
        case ResizeMethod::LANCZOS5: return lanczos_kernel(distance, 5.0);
        default: return triangle_kernel(distance);
    }
}

/// Returns [from, to]: how much each old element counts in each new one.
Tensor resize_weights(std::int64_t from, std::int64_t to, ResizeMethod method, bool antialias, DataType type) {
    const double step = static_cast<double>(from) / static_cast<double>(to);
    const double widening = antialias ? std::max(step, 1.0) : 1.0;
    const Tensor place = (arange(to, type) + 0.5) * step - 0.5;  // of each new element's centre among the old ones
    const Tensor distance = abs(place - expand_dims(arange(from, type), 1)) / widening;
    const Tensor weights = kernel_of(method, distance);
    const Tensor total = sum(weights, {0}, true);
    constexpr double NOTHING = 1000.0 * std::numeric_limits<float>::epsilon();
    const Tensor shares = select(greater(abs(total), NOTHING), divided(weights, total, 0.0), 0.0);
    const Tensor inside = greater_equal(place, -0.5) & less_equal(place, static_cast<double>(from) - 0.5);
    return select(inside, shares, 0.0);
}

Tensor resize_nearest(const Tensor& x, std::int64_t axis, std::int64_t to) {
    std::vector<std::int32_t> from;
    for (std::int64_t i = 0; i < to; ++i)  // in f32, as JAX rounds
        from.push_back(static_cast<std::int32_t>(
            std::floor((static_cast<float>(i) + 0.5F) * static_cast<float>(x.dim(axis)) / static_cast<float>(to))));
    return take(x, constant(HostArray::of({to}, from)), axis);
}

/// Returns x with the remainder's sign made the divisor's.
Tensor wrapped(const Tensor& index, std::int64_t size) {
    const auto by = static_cast<std::int32_t>(size);
    return remainder(remainder(index, by) + by, by);
}

/// Returns the element that stands for each index, outside too.
Tensor index_inside(const Tensor& index, std::int64_t size, Outside outside) {
    const auto last = static_cast<std::int32_t>(size - 1);
    switch (outside) {
        case Outside::WRAP: return wrapped(index, size);
        case Outside::MIRROR:
            if (size == 1) return zeros_like(index);
            return abs(wrapped(index + last, 2 * (size - 1)) - last);
        case Outside::REFLECT: {
            const auto wave = static_cast<std::int32_t>(2 * size);
            return shift_right_arithmetic(abs(wrapped(index * 2 + 1 + wave, 4 * size) - wave) - 1, 1);
        }
        default: return clip(index, 0, last);
    }
}

struct Neighbour {
    Tensor index;   ///< i32
    Tensor weight;  ///< not defined where there is one neighbour
    Tensor inside;  ///< bool
};

std::vector<Neighbour> neighbours(const Tensor& coordinate, std::int64_t size, const MapCoordinatesOptions& options) {
    std::vector<Neighbour> found;
    const auto one = [&](const Tensor& index, const Tensor& weight) {
        const Tensor inside = greater_equal(index, 0) & less(index, static_cast<std::int32_t>(size));
        found.push_back({index_inside(index, size, options.outside), weight, inside});
    };
    if (options.order == 0) {
        one(convert(round_half_away(coordinate), DataType::INT32), {});
        return found;
    }
    const Tensor below = floor(coordinate);
    const Tensor upper = coordinate - below, index = convert(below, DataType::INT32);
    one(index, 1.0 - upper);
    one(index + 1, upper);
    return found;
}

}  // namespace

Tensor interpolate(const Operand& x, const Operand& xs, const Operand& values, const InterpolateOptions& options) {
    const LocationScope scope(x.location());
    const Tensor &places = xs.tensor(), &heights = values.tensor();
    if (places.rank() != 1 || places.dims() != heights.dims() || places.dim(0) < 1)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("interpolate: takes points as two vectors of one length, got {} and {}",
                            to_string(places.shape()), to_string(heights.shape())));
    if (!is_float(places.type()))
        fail_at(
            Code::DTYPE_MISMATCH, x.location(),
            fmt::format("interpolate: takes floating-point numbers, got {}; convert it", to_string(places.shape())));
    const Tensor where_to = as_tensor(x, places.type());
    const auto count = places.dim(0);
    const Tensor first = slice(heights, {0}, {1}), last = slice(heights, {count - 1}, {count});
    const auto beyond = [](const std::optional<double>& given, const Tensor& edge) {
        return given ? scalar_of(edge.type(), *given) : squeeze(edge, 0);
    };
    Tensor found = broadcast_to(squeeze(first, 0), where_to.dims());
    if (count > 1) {
        const Tensor above = clip(searchsorted(places, where_to, true), 1, static_cast<std::int32_t>(count - 1));
        const Tensor below = above - 1;
        const Tensor x0 = take(places, below), y0 = take(heights, below);
        const Tensor share = divided(where_to - x0, take(places, above) - x0, 0.0);
        found = y0 + share * (take(heights, above) - y0);
    }
    found = select(less(where_to, squeeze(slice(places, {0}, {1}), 0)), beyond(options.left, first), found);
    return select(greater(where_to, squeeze(slice(places, {count - 1}, {count}), 0)), beyond(options.right, last),
                  found);
}

Tensor resize(const Operand& x, const Dims& dims, ResizeMethod method, bool antialias) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    expect_rank("resize", tensor, dims.size(), "dims", x.location());
    if (method != ResizeMethod::NEAREST && !is_float(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("resize: takes floating-point numbers, got {}; convert it", to_string(tensor.shape())));
    Tensor result = tensor;
    for (std::int64_t axis = 0; axis < tensor.rank(); ++axis) {
        const auto from = tensor.dim(axis), to = dims[static_cast<std::size_t>(axis)];
        if (to < 0 || (from == 0 && to > 0))
            fail_at(
                Code::SHAPE_MISMATCH, x.location(),
                fmt::format("resize: dimension {} of {} cannot get {} elements", axis, to_string(tensor.shape()), to));
        if (from == to) continue;
        if (method == ResizeMethod::NEAREST || to == 0) {
            result = to == 0 ? slice_axis(result, axis, 0, 0) : resize_nearest(result, axis, to);
            continue;
        }
        const bool wide = tensor.type() == DataType::FLOAT64;
        const Tensor weights =
            resize_weights(from, to, method, antialias, wide ? DataType::FLOAT64 : DataType::FLOAT32);
        const Tensor product = dot_general(result, convert(weights, tensor.type()),
                                           {.lhs_contract = {axis}, .rhs_contract = {0}});  // the new dimension is last
        Dims order = complement({}, tensor.rank() - 1);
        order.insert(order.begin() + axis, tensor.rank() - 1);
        result = transpose(product, order);
    }
    return result;
}

Tensor map_coordinates(const Operand& x, const Tensors& coordinates, const MapCoordinatesOptions& options) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    expect_rank("map_coordinates", tensor, coordinates.size(), "coordinates", x.location());
    if (options.order != 0 && options.order != 1)
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("map_coordinates: the order is 0 or 1, got {}", options.order));
    for (const auto& coordinate : coordinates)
        if (!is_float(coordinate.type()) || coordinate.dims() != coordinates[0].dims())
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("map_coordinates: takes floating-point coordinates of one shape, got {} and {}",
                                to_string(coordinates[0].shape()), to_string(coordinate.shape())));
    if (tensor.rank() == 0 || tensor.shape().count() == 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("map_coordinates: {} has no elements to look up", to_string(tensor.shape())));
    std::vector<std::vector<Neighbour>> along;
    for (std::int64_t axis = 0; axis < tensor.rank(); ++axis)
        along.push_back(neighbours(coordinates[static_cast<std::size_t>(axis)], tensor.dim(axis), options));
    const Tensor flat = reshape(x, {-1});
    const Dims strides = row_major_strides(tensor.dims());
    const DataType type = is_float(tensor.type()) ? tensor.type() : coordinates[0].type();
    const Tensor outside = is_float(tensor.type()) ? scalar_of(tensor.type(), options.value)
                                                   : scalar_of(tensor.type(), static_cast<std::int64_t>(options.value));
    Tensor total;
    const auto corners = std::size_t{1} << (options.order == 0 ? 0 : along.size());
    for (std::size_t corner = 0; corner < corners; ++corner) {
        Tensor index = zeros(coordinates[0].dims(), DataType::INT32), weight, inside;
        for (std::size_t axis = 0; axis < along.size(); ++axis) {
            const Neighbour& one = along[axis][corner >> axis & 1];
            index = index + one.index * static_cast<std::int32_t>(strides[axis]);
            inside = inside.defined() ? inside & one.inside : one.inside;
            if (one.weight.defined()) weight = weight.defined() ? weight * one.weight : one.weight;
        }
        Tensor element = take(flat, index);
        if (options.outside == Outside::CONSTANT) element = select(inside, element, outside);
        element = convert(element, type);
        if (weight.defined()) element = element * convert(weight, type);
        total = total.defined() ? total + element : element;
    }
    return convert(is_float(tensor.type()) ? total : round_half_away(total), tensor.type());
}

}  // namespace podium
