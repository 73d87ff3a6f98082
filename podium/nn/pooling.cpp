#include "podium/nn/pooling.h"

namespace podium::nn {
namespace {

/// Returns the options as a window over all dimensions of `x`.
Window pool_window(std::string_view op, const Operand& x, const PoolOptions& options) {
    const Dims& sizes = options.window;
    const Dims strides = options.strides.empty() ? sizes : options.strides;
    const Dims axes = spatial_axes(op, x, static_cast<std::int64_t>(sizes.size()), -1, options.channels);
    if (strides.size() != sizes.size())
        fail_at(
            Code::SHAPE_MISMATCH, x.location(),
            fmt::format("{}: strides [{}] for a window [{}]; give each dimension one", op, join(strides), join(sizes)));
    Dims spatial;
    for (const auto axis : axes) spatial.push_back(x.tensor().dim(axis));
    const auto [low, high] = edges_of(options.padding, spatial, {.sizes = sizes, .strides = strides});
    if (low.size() != sizes.size() || high.size() != sizes.size())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("{}: padding [{}] and [{}] around a window [{}]; give each dimension one", op, join(low),
                            join(high), join(sizes)));
    const Dims ones(x.tensor().dims().size(), 1), zeros(ones.size(), 0);
    Window window{.sizes = ones, .strides = ones, .low = zeros, .high = zeros};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        window.sizes[axis] = sizes[i];
        window.strides[axis] = strides[i];
        window.low[axis] = low[i];
        window.high[axis] = high[i];
    }
    return window;
}

Dims global_axes(std::string_view op, const Operand& x, Channels channels) {
    return spatial_axes(op, x, std::max<std::int64_t>(x.tensor().rank() - 2, 1), -1, channels);
}

}  // namespace

Tensor max_pool(const Operand& x, const PoolOptions& options) {
    const LocationScope scope(x.location());
    return reduce_window(maximum, x, lowest(x.tensor().type()), pool_window("max_pool", x, options));
}

Tensor average_pool(const Operand& x, const PoolOptions& options, bool count_include_pad) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    if (!is_float(tensor.type()))
        fail_at(
            Code::DTYPE_MISMATCH, x.location(),
            fmt::format("average_pool: takes floating-point numbers, got {}; convert it", to_string(tensor.shape())));
    const Window window = pool_window("average_pool", x, options);
    const Tensor total = reduce_window(add, x, zeros({}, tensor.type()), window);
    if (count_include_pad) {
        double count = 1;
        for (const auto size : window.sizes) count *= static_cast<double>(size);
        return total / count;
    }
    Dims one_image = tensor.dims();  // of one example and one channel, which all others are like
    one_image[0] = 1;
    one_image[options.channels == Channels::LAST ? one_image.size() - 1 : 1] = 1;
    return total / reduce_window(add, ones(one_image, tensor.type()), zeros({}, tensor.type()), window);
}

Tensor global_max_pool(const Operand& x, Channels channels) {
    const LocationScope scope(x.location());
    return max(x, global_axes("global_max_pool", x, channels));
}

Tensor global_average_pool(const Operand& x, Channels channels) {
    const LocationScope scope(x.location());
    return mean(x, global_axes("global_average_pool", x, channels));
}

}  // namespace podium::nn
