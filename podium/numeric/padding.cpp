#include "podium/numeric/padding.h"

namespace podium {
namespace {

/// Returns which of `size` elements stands at `place`, counted from the first one and outside of them too.
std::int64_t source_of(PadMode mode, std::int64_t place, std::int64_t size) {
    const auto within = [&](std::int64_t period) { return (place % period + period) % period; };
    switch (mode) {
        case PadMode::WRAP: return within(size);
        case PadMode::SYMMETRIC: {
            const auto at = within(2 * size);
            return at < size ? at : 2 * size - 1 - at;
        }
        case PadMode::REFLECT: {
            if (size == 1) return 0;
            const auto at = within(2 * (size - 1));
            return at < size ? at : 2 * (size - 1) - at;
        }
        default: return std::clamp<std::int64_t>(place, 0, size - 1);
    }
}

/// Returns `count` elements in equal steps from `value`, which is the first, to `edge`, which is not there.
Tensor ramp(const Tensor& edge, std::int64_t axis, std::int64_t count, const Tensor& value) {
    Dims steps(edge.dims().size(), 1);
    steps[static_cast<std::size_t>(axis)] = count;
    const Tensor step = iota(steps, axis, edge.type()) / static_cast<double>(count);
    return value + (edge - value) * step;
}

Tensor statistic(const Tensor& x, std::int64_t axis, PadMode mode) {
    switch (mode) {
        case PadMode::MAXIMUM: return max(x, {axis}, true);
        case PadMode::MINIMUM: return min(x, {axis}, true);
        default: return mean(x, {axis}, true);
    }
}

Tensor padded_axis(const Tensor& x, std::int64_t axis, std::int64_t low, std::int64_t high, PadMode mode,
                   const Tensor& value) {
    const auto size = x.dim(axis);
    if (mode == PadMode::EDGE || mode == PadMode::REFLECT || mode == PadMode::SYMMETRIC || mode == PadMode::WRAP) {
        std::vector<std::int32_t> from;
        for (auto place = -low; place < size + high; ++place)
            from.push_back(static_cast<std::int32_t>(source_of(mode, place, size)));
        return take(x, constant(HostArray::of({size + low + high}, from)), axis);
    }
    Tensors parts{x};
    if (mode == PadMode::LINEAR_RAMP) {
        if (low > 0) parts.insert(parts.begin(), ramp(slice_axis(x, axis, 0, 1), axis, low, value));
        if (high > 0) parts.push_back(reverse(ramp(slice_axis(x, axis, size - 1, size), axis, high, value), {axis}));
    } else {
        const Tensor one = statistic(x, axis, mode);
        const auto repeated_one = [&](std::int64_t count) {
            Dims dims = x.dims();
            dims[static_cast<std::size_t>(axis)] = count;
            return broadcast_to(one, dims);
        };
        if (low > 0) parts.insert(parts.begin(), repeated_one(low));
        if (high > 0) parts.push_back(repeated_one(high));
    }
    return concatenate(parts, axis);
}

}  // namespace

Tensor pad_mode(const Operand& x, const Dims& low, const Dims& high, PadMode mode, const Operand& value) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    expect_rank("pad_mode", tensor, low.size(), "low", x.location());
    expect_rank("pad_mode", tensor, high.size(), "high", x.location());
    if ((mode == PadMode::LINEAR_RAMP || mode == PadMode::MEAN) && !is_float(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("pad_mode: ramps and means are of floating-point numbers, got {}; convert it",
                            to_string(tensor.shape())));
    for (std::size_t i = 0; i < low.size(); ++i)
        if (low[i] < 0 || high[i] < 0 || (mode != PadMode::CONSTANT && low[i] + high[i] > 0 && tensor.dims()[i] == 0))
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("pad_mode: {} and {} elements around dimension {} of {}; neither may be negative, and "
                                "there must be one to repeat",
                                low[i], high[i], i, to_string(tensor.shape())));
    const Tensor outside = as_tensor(value, tensor.type());
    if (mode == PadMode::CONSTANT) return pad(x, outside, low, high);
    Tensor result = tensor;
    for (std::size_t i = 0; i < low.size(); ++i)
        if (low[i] + high[i] > 0)
            result = padded_axis(result, static_cast<std::int64_t>(i), low[i], high[i], mode, outside);
    return result;
}

}  // namespace podium
