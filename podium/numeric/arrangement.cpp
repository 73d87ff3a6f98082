#include "podium/numeric/arrangement.h"

namespace podium {
namespace {

void expect_count(std::string_view op, std::int64_t count, const Location& location) {
    if (count < 0)
        fail_at(Code::INVALID_ARGUMENT, location, fmt::format("{}: a count is not negative, got {}", op, count));
}

}  // namespace

Tensor roll(const Operand& x, std::int64_t shift, std::int64_t axis) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    axis = normalize_axis("roll", axis, tensor.rank(), x.location());
    const auto size = tensor.dim(axis);
    if (size == 0) return tensor;
    const auto by = (shift % size + size) % size;
    if (by == 0) return tensor;
    return concatenate({slice_axis(x, axis, size - by, size), slice_axis(x, axis, 0, size - by)}, axis);
}

Tensor roll(const Operand& x, const Dims& shifts, const Dims& axes) {
    const LocationScope scope(x.location());
    if (shifts.size() != axes.size())
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("roll: shifts [{}] and axes [{}] differ in number; give each axis one", join(shifts),
                            join(axes)));
    Tensor result = x.tensor();
    for (std::size_t i = 0; i < axes.size(); ++i) result = roll(Operand(result, x.location()), shifts[i], axes[i]);
    return result;
}

Tensor roll(const Operand& x, std::int64_t shift) {
    const LocationScope scope(x.location());
    return reshape(roll(reshape(x, {-1}), shift, 0), x.tensor().dims());
}

Tensor flip(const Operand& x, const Dims& axes) {
    Dims all = axes.empty() ? complement({}, x.tensor().rank()) : axes;
    for (auto& axis : all) axis = normalize_axis("flip", axis, x.tensor().rank(), x.location());
    return reverse(x, all);
}

Tensor rot90(const Operand& x, std::int64_t count, std::int64_t first, std::int64_t second) {
    const LocationScope scope(x.location());
    first = normalize_axis("rot90", first, x.tensor().rank(), x.location());
    second = normalize_axis("rot90", second, x.tensor().rank(), x.location());
    if (first == second)
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("rot90: a plane has two different axes, got {} twice", first));
    switch ((count % 4 + 4) % 4) {
        case 0: return x.tensor();
        case 1: return swap_axes(reverse(x, {second}), first, second);
        case 2: return reverse(x, {first, second});
        default: return reverse(swap_axes(x, first, second), {second});
    }
}

Tensor repeat(const Operand& x, std::int64_t count, std::int64_t axis) {
    const LocationScope scope(x.location());
    expect_count("repeat", count, x.location());
    axis = normalize_axis("repeat", axis, x.tensor().rank(), x.location());
    Dims dims = x.tensor().dims(), wider = dims;
    wider.insert(wider.begin() + axis + 1, count);
    dims[static_cast<std::size_t>(axis)] *= count;
    return reshape(broadcast_in_dim(x, wider, complement({axis + 1}, x.tensor().rank() + 1)), dims);
}

Tensor repeat(const Operand& x, const Dims& counts, std::int64_t axis) {
    const LocationScope scope(x.location());
    axis = normalize_axis("repeat", axis, x.tensor().rank(), x.location());
    if (static_cast<std::int64_t>(counts.size()) != x.tensor().dim(axis))
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("repeat: {} counts for the {} slices of {} along dimension {}; give each slice one",
                            counts.size(), x.tensor().dim(axis), to_string(x.tensor().shape()), axis));
    std::vector<std::int32_t> from;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        expect_count("repeat", counts[i], x.location());
        from.insert(from.end(), static_cast<std::size_t>(counts[i]), static_cast<std::int32_t>(i));
    }
    return take(x, constant(HostArray::of({static_cast<std::int64_t>(from.size())}, from)), axis);
}

Tensor tile(const Operand& x, Dims counts) {
    const LocationScope scope(x.location());
    Dims dims = x.tensor().dims();
    const auto rank = std::max(dims.size(), counts.size());
    dims.insert(dims.begin(), rank - dims.size(), 1);
    counts.insert(counts.begin(), rank - counts.size(), 1);
    Dims apart, kept, result;  // [count, size] for each dimension
    for (std::size_t i = 0; i < rank; ++i) {
        expect_count("tile", counts[i], x.location());
        apart.insert(apart.end(), {counts[i], dims[i]});
        kept.push_back(static_cast<std::int64_t>(2 * i + 1));
        result.push_back(counts[i] * dims[i]);
    }
    return reshape(broadcast_in_dim(reshape(x, dims), apart, kept), result);
}

Tensors meshgrid(const Tensors& vectors, Indexing indexing, Location location) {
    const LocationScope scope(location);
    Dims dims, place;  // of each vector's dimension
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        if (vectors[i].rank() != 1)
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("meshgrid: takes vectors, got {}; reshape it?", to_string(vectors[i].shape())));
        dims.push_back(vectors[i].dim(0));
        place.push_back(static_cast<std::int64_t>(i));
    }
    if (indexing == Indexing::XY && vectors.size() > 1) {
        std::swap(dims[0], dims[1]);
        std::swap(place[0], place[1]);
    }
    Tensors results;
    for (std::size_t i = 0; i < vectors.size(); ++i) results.push_back(broadcast_in_dim(vectors[i], dims, {place[i]}));
    return results;
}

Tensor diff(const Operand& x, std::int64_t count, std::int64_t axis) {
    const LocationScope scope(x.location());
    expect_count("diff", count, x.location());
    axis = normalize_axis("diff", axis, x.tensor().rank(), x.location());
    Tensor result = x.tensor();
    for (; count > 0 && result.dim(axis) > 0; --count) {
        const auto size = result.dim(axis);
        const Tensor next = slice_axis(result, axis, 1, size), before = slice_axis(result, axis, 0, size - 1);
        result = result.type() == DataType::BOOL ? not_equal(next, before) : next - before;
    }
    return result;
}

Tensor linspace(const Operand& start, const Operand& stop, std::int64_t count, bool endpoint, DataType type) {
    const LocationScope scope(start.location());
    expect_count("linspace", count, start.location());
    if (!start.is_number()) type = start.tensor().type();
    if (start.is_number() && !stop.is_number()) type = stop.tensor().type();
    const Tensor first = as_tensor(start, type), last = as_tensor(stop, type);
    if (!is_inexact(type))
        fail_at(Code::DTYPE_MISMATCH, start.location(),
                fmt::format("linspace: gives floating-point and complex numbers, asked for {}", name(type)));
    Dims dims = broadcast_dims("linspace", first, last, start.location());
    const auto divisions = endpoint ? count - 1 : count;
    Dims steps(dims.size() + 1, 1);
    steps[0] = std::max<std::int64_t>(divisions, endpoint ? 1 : 0);
    const Tensor step = iota(steps, 0, type) / static_cast<double>(std::max<std::int64_t>(divisions, 1));
    Tensor inner = first * (1.0 - step) + last * step;
    if (!endpoint || count == 1) return inner;
    if (count == 0) return slice_axis(inner, 0, 0, 0);
    const Tensor end = expand_dims(broadcast_to(last, dims), 0);  // exactly, as rounding would not
    return concatenate({inner, end}, 0);
}

Tensor logspace(const Operand& start, const Operand& stop, std::int64_t count, bool endpoint, const Operand& base,
                DataType type) {
    const LocationScope scope(start.location());
    return power(base, linspace(start, stop, count, endpoint, type));
}

}  // namespace podium
