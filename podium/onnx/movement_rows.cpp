#include <algorithm>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

Tensor known_integers(const Dims& values) {
    return constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values));
}

Tensors reshape_to(const Call& call) {
    const Tensor& x = call.in(0);
    Dims dims = call.integers(1, "shape");
    if (!call.flag("allowzero"))
        for (std::size_t i = 0; i < dims.size(); ++i)
            if (dims[i] == 0) {
                if (i >= x.dims().size()) call.refuse(fmt::format("its input has no dimension {} to copy", i));
                dims[i] = x.dims()[i];
            }
    // A size that is left open beside a size of 0 is 0 too, or what is left of the other sizes.
    const auto open = std::ranges::find(dims, -1);
    if (open != dims.end() && x.shape().count() == 0) {
        std::int64_t others = 1;
        for (const auto size : dims) others *= size < 0 ? 1 : size;
        *open = others == 0 ? 0 : x.shape().count() / others;
    }
    return {reshape(x, dims)};
}

Tensors flatten(const Call& call) {
    const Tensor& x = call.in(0);
    auto axis = call.integer("axis", 1);
    if (axis < 0) axis += x.rank();
    if (axis < 0 || axis > x.rank()) call.refuse(fmt::format("there is no axis {}", axis));
    std::int64_t rows = 1, columns = 1;
    for (std::int64_t i = 0; i < x.rank(); ++i) (i < axis ? rows : columns) *= x.dim(i);
    return {reshape(x, {rows, columns})};
}

Tensors squeezed(const Call& call) {
    const Tensor& x = call.in(0);
    Dims axes = axes_of(call, call.integers(1, "axes"), x.rank());
    if (axes.empty() && !call.has(1) && !call.has("axes"))
        for (std::int64_t i = 0; i < x.rank(); ++i)
            if (x.dim(i) == 1) axes.push_back(i);
    for (const auto axis : axes)
        if (x.dim(axis) != 1) call.refuse(fmt::format("dimension {} is {}, not 1", axis, x.dim(axis)));
    return {reshape(x, picked(x.dims(), complement(axes, x.rank())))};
}

Tensors unsqueezed(const Call& call) {
    const Tensor& x = call.in(0);
    Dims axes = call.integers(1, "axes");
    const auto rank = x.rank() + static_cast<std::int64_t>(axes.size());
    axes = axes_of(call, axes, rank);
    Dims dims(static_cast<std::size_t>(rank), -1);
    for (const auto axis : axes) dims[static_cast<std::size_t>(axis)] = 1;
    auto next = x.dims().begin();
    for (auto& size : dims)
        if (size < 0) {
            if (next == x.dims().end()) call.refuse("an axis is given twice");
            size = *next++;
        }
    if (next != x.dims().end()) call.refuse("an axis is given twice");
    return {reshape(x, dims)};
}

Tensors transposed(const Call& call) { return {transpose(call.in(0), call.integers("perm"))}; }

Tensors concatenated(const Call& call) {
    return {concatenate(call.inputs(), axis_of(call, call.integer("axis", 1), call.in(0).rank()))};
}

Tensors split_into(const Call& call) {
    const Tensor& x = call.in(0);
    const auto axis = axis_of(call, call.integer("axis", 0), x.rank());
    Dims sizes = call.integers(1, "split");
    if (sizes.empty()) {
        const auto parts = call.integer("num_outputs", static_cast<std::int64_t>(call.node().outputs.size()));
        if (parts <= 0) call.refuse("it splits into no parts");
        const auto size = (x.dim(axis) + parts - 1) / parts;
        for (std::int64_t i = 0; i < parts; ++i)
            sizes.push_back(std::clamp<std::int64_t>(x.dim(axis) - i * size, 0, size));
    }
    Tensors parts;
    std::int64_t start = 0;
    for (const auto size : sizes) {
        if (size < 0 || size > x.dim(axis) - start) call.refuse("its parts do not fit the dimension");
        parts.push_back(slice_axis(x, axis, start, start + size));
        start += size;
    }
    return parts;
}

Tensors expand(const Call& call) {
    const Tensor& x = call.in(0);
    const auto dims = broadcast_dims(x.dims(), call.integers(1));
    if (!dims) call.refuse("the shapes do not broadcast");
    return {broadcast_to(x, *dims)};
}

Tensors tiled(const Call& call) { return {tile(call.in(0), call.integers(1))}; }

Tensors shape_of(const Call& call) {
    const Dims& dims = call.in(0).dims();
    const auto rank = static_cast<std::int64_t>(dims.size());
    const auto inside = [&](std::int64_t place) {
        return std::clamp<std::int64_t>(place < 0 ? place + rank : place, 0, rank);
    };
    const auto start = inside(call.integer("start", 0)), end = inside(call.integer("end", rank));
    return {known_integers(start < end ? Dims(dims.begin() + start, dims.begin() + end) : Dims{})};
}

Tensors size_of(const Call& call) { return {constant(HostArray::scalar(call.in(0).shape().count()))}; }

/// Where a slice along one axis lies; NumPy's rules for what is outside.
Tensor sliced_axis(const Call& call, const Tensor& x, std::int64_t axis, std::int64_t start, std::int64_t end,
                   std::int64_t step) {
    if (step == 0) call.refuse("its step is 0");
    const auto size = x.dim(axis);
    const auto from_front = [&](std::int64_t place, std::int64_t low, std::int64_t high) {
        if (place < 0) place = place < -size ? low - 1 : place + size;
        return std::clamp(place, low, high);
    };
    if (step > 0) {
        start = from_front(start, 0, size);
        end = std::max(from_front(end, 0, size), start);
        Dims starts(x.dims().size(), 0), limits = x.dims(), strides(x.dims().size(), 1);
        const auto at = static_cast<std::size_t>(axis);
        starts[at] = start;
        limits[at] = end;
        strides[at] = std::min(step, std::max<std::int64_t>(size, 1));
        return slice(x, starts, limits, strides);
    }
    start = from_front(start, -1, size - 1);
    end = std::min(from_front(end, -1, size - 1), start);
    step = step < -size ? size : -step;
    const Tensor turned = reverse(slice_axis(x, axis, end + 1, start + 1), {axis});
    return sliced_axis(call, turned, axis, 0, turned.dim(axis), std::max<std::int64_t>(step, 1));
}

Tensors sliced(const Call& call) {
    Tensor x = call.in(0);
    const Dims starts = call.integers(1, "starts"), ends = call.integers(2, "ends");
    Dims axes = call.integers(3, "axes");
    if (axes.empty()) axes = counting(0, static_cast<std::int64_t>(starts.size()));
    const Dims steps = call.has(4) ? call.integers(4) : Dims(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        call.refuse("starts, ends, axes and steps have not one number each");
    axes = axes_of(call, axes, x.rank());
    for (std::size_t i = 0; i < axes.size(); ++i) x = sliced_axis(call, x, axes[i], starts[i], ends[i], steps[i]);
    return {x};
}

PadMode pad_mode_of(const Call& call) {
    const auto mode = call.text("mode", "constant");
    if (mode == "constant") return PadMode::CONSTANT;
    if (mode == "edge") return PadMode::EDGE;
    if (mode == "reflect") return PadMode::REFLECT;
    if (mode == "wrap") return PadMode::WRAP;
    call.refuse(fmt::format("mode \"{}\" is none of constant, edge, reflect, wrap", mode));
}

Tensors padded(const Call& call) {
    const Tensor& x = call.in(0);
    const Dims pads = call.integers(1, "pads");
    const Dims axes = call.has(3) ? axes_of(call, call.integers(3), x.rank()) : counting(0, x.rank());
    if (pads.size() != 2 * axes.size()) call.refuse("its pads have not two numbers for each axis");
    Dims low(x.dims().size(), 0), high = low;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        low[static_cast<std::size_t>(axes[i])] = pads[i];
        high[static_cast<std::size_t>(axes[i])] = pads[i + axes.size()];
    }
    const auto mode = pad_mode_of(call);
    if (mode == PadMode::CONSTANT) {
        const Tensor value =
            call.has(2) ? reshape(call.in(2), {}) : scalar_of(DataType::FLOAT32, call.real("value", 0));
        return {padded_or_cut(x, convert(value, x.type()), low, high)};
    }
    // Negative pads cut first.
    Dims starts(low.size()), limits = x.dims();
    for (std::size_t i = 0; i < low.size(); ++i) {
        starts[i] = std::max<std::int64_t>(-low[i], 0);
        limits[i] -= std::max<std::int64_t>(-high[i], 0);
        low[i] = std::max<std::int64_t>(low[i], 0);
        high[i] = std::max<std::int64_t>(high[i], 0);
    }
    return {pad_mode(slice(x, starts, limits), low, high, mode)};
}

Tensors depth_to_space(const Call& call) {
    const Tensor& x = call.in(0);
    const auto b = call.integer("blocksize", 1);
    if (x.rank() != 4 || b <= 0 || x.dim(1) % (b * b) != 0) call.refuse("the block does not divide the channels");
    const auto n = x.dim(0), c = x.dim(1) / (b * b), h = x.dim(2), w = x.dim(3);
    const bool columns_first = call.text("mode", "DCR") == "DCR";
    const Tensor apart = reshape(x, columns_first ? Dims{n, b, b, c, h, w} : Dims{n, c, b, b, h, w});
    const Tensor moved = transpose(apart, columns_first ? Dims{0, 3, 4, 1, 5, 2} : Dims{0, 1, 4, 2, 5, 3});
    return {reshape(moved, {n, c, h * b, w * b})};
}

Tensors space_to_depth(const Call& call) {
    const Tensor& x = call.in(0);
    const auto b = call.integer("blocksize", 1);
    if (x.rank() != 4 || b <= 0 || x.dim(2) % b != 0 || x.dim(3) % b != 0)
        call.refuse("the block does not divide the image");
    const auto n = x.dim(0), c = x.dim(1), h = x.dim(2) / b, w = x.dim(3) / b;
    const Tensor apart = reshape(x, {n, c, h, b, w, b});
    return {reshape(transpose(apart, {0, 3, 5, 1, 2, 4}), {n, c * b * b, h, w})};
}

Tensors center_crop_pad(const Call& call) {
    Tensor x = call.in(0);
    const Dims sizes = call.integers(1);
    const Dims axes = call.has("axes") ? axes_of(call, call.integers("axes"), x.rank()) : counting(0, x.rank());
    if (sizes.size() != axes.size()) call.refuse("it has not one size for each axis");
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto have = x.dim(axes[i]), want = sizes[i];
        if (want < have) x = slice_axis(x, axes[i], (have - want) / 2, (have - want) / 2 + want);
        if (want <= have) continue;
        Dims low(x.dims().size(), 0), high = low;
        low[static_cast<std::size_t>(axes[i])] = (want - have) / 2;
        high[static_cast<std::size_t>(axes[i])] = want - have - (want - have) / 2;
        x = pad(x, scalar_of(x.type(), 0), low, high);
    }
    return {x};
}

Tensors trilu(const Call& call) {
    const Tensor& x = call.in(0);
    const auto k = call.has(1) ? call.integers(1)[0] : 0;
    if (x.rank() < 2) call.refuse("it takes matrices");
    const Tensor diagonal =
        iota(x.dims(), x.rank() - 1, DataType::INT64) - iota(x.dims(), x.rank() - 2, DataType::INT64);
    const bool upper = call.flag("upper", true);
    return {select(upper ? greater_equal(diagonal, k) : less_equal(diagonal, k), x, zeros_like(x))};
}

/// Turns the first lengths[b] elements of each batch around.
Tensors reverse_sequence(const Call& call) {
    const Tensor& x = call.in(0);
    const auto time = call.integer("time_axis", 0), batch = call.integer("batch_axis", 1);
    const Tensor step = iota(x.dims(), time, DataType::INT64);
    Dims along(x.dims().size(), 1);
    along[static_cast<std::size_t>(batch)] = x.dim(batch);
    const Tensor length = broadcast_to(reshape(convert(call.in(1), DataType::INT64), along), x.dims());
    return {take_along_axis(x, select(less(step, length), length - 1 - step, step), time)};
}

constexpr NodeRow MOVEMENT_ROWS[] = {
    {"", "CenterCropPad", 1, center_crop_pad},
    {"", "Concat", 1, concatenated},
    {"", "DepthToSpace", 1, depth_to_space},
    {"", "Expand", 1, expand},
    {"", "Flatten", 1, flatten},
    {"", "Pad", 1, padded},
    {"", "Reshape", 1, reshape_to},
    {"", "ReverseSequence", 1, reverse_sequence},
    {"", "Shape", 1, shape_of},
    {"", "Size", 1, size_of},
    {"", "Slice", 1, sliced},
    {"", "SpaceToDepth", 1, space_to_depth},
    {"", "Split", 1, split_into},
    {"", "Squeeze", 1, squeezed},
    {"", "Tile", 1, tiled},
    {"", "Transpose", 1, transposed},
    {"", "Trilu", 1, trilu},
    {"", "Unsqueeze", 1, unsqueezed},
};

}  // namespace

std::span<const NodeRow> movement_rows() { return MOVEMENT_ROWS; }

}  // namespace podium::onnx
