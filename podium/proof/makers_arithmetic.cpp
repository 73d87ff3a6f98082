// Samples of rows that combine elements. Sums are of whole numbers, which are exact in any order.
#include <array>

#include "podium/ir/number.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/proof/makers.h"

namespace podium::proof {
namespace {

Tensors make_dot(Draw& d) {
    const auto batch = d.dims(d.between(0, 1), 1, 3), contract = d.dims(d.between(0, 2), 0, 4);
    const auto joined = [&](const Dims& free) {
        Dims all = batch;
        all.insert(all.end(), free.begin(), free.end());
        all.insert(all.end(), contract.begin(), contract.end());
        return all;
    };
    const auto last = [&](std::int64_t rank) {
        Dims axes;
        for (auto i = rank - std::ssize(contract); i < rank; ++i) axes.push_back(i);
        return axes;
    };
    const Dims front = batch.empty() ? Dims{} : Dims{0};
    const Tensor lhs = d.operand(joined(d.dims(d.between(0, 2), 1, 4)), Values::WHOLE),
                 rhs = d.operand(joined(d.dims(d.between(0, 2), 1, 4)), Values::WHOLE);
    return {dot_general(lhs, rhs, {front, front, last(lhs.rank()), last(rhs.rank())})};
}

ConvolutionOptions drawn_convolution(Draw& d, std::int64_t rank) {
    ConvolutionOptions options{.dimensions = d.coin() ? ConvolutionDimensions::channels_first(rank)
                                                      : ConvolutionDimensions::channels_last(rank)};
    options.strides = d.dims(rank, 1, 2);
    options.low = d.dims(rank, 0, 2);
    options.high = d.dims(rank, 0, 2);
    options.input_dilation = d.dims(rank, 1, 2);
    options.kernel_dilation = d.dims(rank, 1, 2);
    return options;
}

struct Convolved {
    Tensor x, kernel;
    ConvolutionOptions options;
};
Convolved convolved(Draw& d) {
    const auto rank = d.between(1, 2);
    auto options = drawn_convolution(d, rank);
    const auto& places = options.dimensions;
    options.feature_groups = d.between(1, 2);
    const auto features = d.between(1, 2);
    Dims x = d.dims(rank + 2, 3, 5), kernel = d.dims(rank + 2, 1, 2);
    const auto at = [](Dims& dims, std::int64_t i) -> std::int64_t& { return dims[static_cast<std::size_t>(i)]; };
    at(x, places.input_batch) = d.between(0, 2);
    at(x, places.input_feature) = features * options.feature_groups;
    at(kernel, places.kernel_input_feature) = features;
    at(kernel, places.kernel_output_feature) = options.feature_groups * d.between(1, 2);
    const Tensor input = d.operand(x, Values::WHOLE), weights = d.operand(kernel, Values::WHOLE);
    return {input, weights, std::move(options)};
}
Tensors make_convolution(Draw& d) {
    const auto [x, kernel, options] = convolved(d);
    return {convolution(x, kernel, options)};
}
Tensors make_dynamic_conv(Draw& d) {
    const auto [x, kernel, options] = convolved(d);
    std::vector<std::int64_t> edges;
    for (std::size_t i = 0; i < options.low.size(); ++i) edges.insert(edges.end(), {options.low[i], options.high[i]});
    return {dynamic_conv(x, kernel, constant(HostArray::of({std::ssize(options.low), 2}, edges)), options)};
}

/// A combiner that the type has, and values of which any order gives the same result.
struct Combined {
    const Binary& by;
    Values values;
};
Combined combiner(Draw& d) {
    if (d.type == DataType::BOOL) return {d.coin() ? logical_and : logical_or, Values::ANY};
    if (is_complex(d.type) || d.coin()) return {add, Values::WHOLE};
    return {d.coin() ? maximum : minimum, Values::ANY};
}

Tensors make_reduce(Draw& d) {
    const auto [by, values] = combiner(d);
    const Dims dims = d.dims(d.between(1, 3), 0, 2);  // so small that narrow types hold the sums
    Dims axes;
    for (std::int64_t i = 0; i < std::ssize(dims); ++i)
        if (d.coin()) axes.push_back(i);
    if (axes.empty()) axes.push_back(d.below(std::ssize(dims)));
    const Tensor x = d.operand(dims, values);
    return {reduce(by, x, identity(by, d.type), axes)};
}

Tensors make_map(Draw& d) {
    const Dims dims = d.any_dims();
    const Tensor x = d.operand(dims), y = d.operand(dims);
    return {map_elements([](const Tensors& t) -> Tensors { return {select(equal(t[0], t[1]), t[0], t[1])}; }, {x, y})};
}

Window drawn_window(Draw& d, const Dims& dims, bool dilated) {
    const auto rank = std::ssize(dims);
    Window w{.sizes = d.dims(rank, 1, 3),
             .strides = d.dims(rank, 1, 2),
             .low = d.dims(rank, 0, 1),
             .high = d.dims(rank, 0, 1)};
    if (dilated) {
        w.base_dilations = d.dims(rank, 1, 2);
        w.window_dilations = d.dims(rank, 1, 2);
    }
    return w;
}

Tensors make_reduce_window(Draw& d) {
    const auto [by, values] = combiner(d);
    const Dims dims = d.dims(d.between(1, 2), 3, 6);
    const auto window = drawn_window(d, dims, true);
    const Tensor x = d.operand(dims, values);
    return {reduce_window(by, x, identity(by, d.type), window)};
}

struct Selected {
    const Binary& select;
    Tensor x;
    Window window;
};
/// Four different numbers, which every type tells apart, so that one is chosen.
Selected selected(Draw& d) {
    const Dims dims = d.coin() ? Dims{2, 2} : Dims{4, 1};
    const auto window = drawn_window(d, dims, false);
    Tensor x = d.shuffled(dims, is_signed_integer(d.type) ? -2 : 0);
    return {d.coin() ? greater_equal : less_equal, std::move(x), window};
}
Tensors make_select_and_scatter(Draw& d) {
    const auto [select, x, window] = selected(d);
    const Window whole = filled_window("select_and_scatter", x, window, {});
    return {select_and_scatter(select, x, d.operand(window_counts(x.dims(), whole), Values::WHOLE), window)};
}
Tensors make_select_and_gather(Draw& d) {
    const auto [select, x, window] = selected(d);
    return {select_and_gather(select, x, d.operand(x.dims(), Values::WHOLE), window)};
}

/// x xᴴ + n, whose eigenvalues are between n and 2 n and a bit.
Tensor definite(Draw& d, std::int64_t n) {
    const Tensor x = d.operand({2, n, n}, Values::DOMAIN);
    return matmul(x, adjoint(x)) + full({}, n, d.type) * eye(n, d.type);
}
Tensors make_cholesky(Draw& d) {
    const Tensor a = definite(d, d.between(0, 4));
    return {cholesky(a, d.coin())};
}
Tensors make_triangular_solve(Draw& d) {
    TriangularSolveOptions options{.left_side = d.coin(), .lower = d.coin(), .unit_diagonal = d.coin()};
    options.transpose = static_cast<Transpose>(d.below(3));
    const auto n = d.between(1, 4), k = d.between(1, 3);
    const Tensor a = definite(d, n), b = d.operand(options.left_side ? Dims{2, n, k} : Dims{2, k, n}, Values::DOMAIN);
    return {triangular_solve(a, b, options)};
}
Tensors make_fft(Draw& d) {
    const auto n = d.between(1, 9);
    if (is_complex(d.type)) {
        if (d.coin()) return {fft(d.operand({2, n}, Values::DOMAIN), d.coin() ? FftType::FFT : FftType::IFFT, {n})};
        return {fft(d.operand({2, n / 2 + 1}, Values::DOMAIN), FftType::IRFFT, {n})};
    }
    return {fft(d.operand({2, n}, Values::DOMAIN), FftType::RFFT, {n})};
}

constexpr double EPSILON = 0.3;
/// Narrow types overflow on the way where numbers are not small.
Values normal_values(const Draw& d) { return size_bits(d.type) <= 8 ? Values::WHOLE : Values::DOMAIN; }
Tensors make_batch_norm_training(Draw& d) {
    const auto n = d.between(1, 3);
    const Tensor x = d.operand({4, n}, normal_values(d)), scale = d.operand({n}, normal_values(d)),
                 offset = d.operand({n}, normal_values(d));
    const auto r = batch_norm_training(x, scale, offset, EPSILON, 1);
    return {r.output, r.mean, r.variance};
}
Tensor variance_of(Draw& d, std::int64_t n) {
    const Tensor x = d.operand({n}, normal_values(d));
    return x * x + 1.0;
}
Tensors make_batch_norm_inference(Draw& d) {
    const auto n = d.between(1, 3);
    const Tensor x = d.operand({4, n}, normal_values(d)), scale = d.operand({n}, normal_values(d)),
                 offset = d.operand({n}, normal_values(d)), mean = d.operand({n}, normal_values(d));
    return {batch_norm_inference(x, scale, offset, mean, variance_of(d, n), EPSILON, 1)};
}
Tensors make_batch_norm_grad(Draw& d) {
    const auto n = d.between(1, 3);
    const Tensor x = d.operand({4, n}, normal_values(d)), scale = d.operand({n}, normal_values(d)),
                 mean = d.operand({n}, normal_values(d));
    const Tensor variance = variance_of(d, n), cotangent = d.operand({4, n}, normal_values(d));
    const auto r = batch_norm_grad(x, scale, mean, variance, cotangent, EPSILON, 1);
    return {r.x, r.scale, r.offset};
}

Tensors make_attention(Draw& d) {
    const Dims dims{d.between(1, 2), d.between(1, 4), d.between(1, 2), d.between(1, 3)};
    const Tensor q = d.operand(dims, normal_values(d)), k = d.operand(dims, normal_values(d)),
                 v = d.operand(dims, normal_values(d));
    return {attention(q, k, v, {.causal = d.coin()})};
}
Tensors make_attention_gradient(Draw& d) {
    const Tensor result = make_attention(d)[0];
    const Tensors inputs(result->operands[0]->operands.begin(), result->operands[0]->operands.begin() + 3);
    return pullback({result}, {d.operand(result.dims(), normal_values(d))}, inputs).gradients;
}

Tensors make_sort(Draw& d) {
    const Dims dims = d.any_dims(1);
    const auto axis = d.below(std::ssize(dims));
    const bool descending = d.coin();
    const Tensor x = d.operand(dims);
    return {sort(x, axis, descending), argsort(x, axis, descending)};
}
Tensors make_top_k(Draw& d) {
    const Dims dims{2, d.between(1, 6)};
    const auto best = top_k(d.operand(dims), d.between(1, dims[1]));
    return {best.values, best.indices};
}
Tensors make_cumulative_sum(Draw& d) {
    return {cumulative_sum(d.operand({3, d.between(0, 4)}, Values::WHOLE), d.below(2), d.coin())};
}

Quantization drawn_quantization(Draw& d, DataType real, DataType storage) {
    const double scale = 0.25 * static_cast<double>(d.between(1, 8));
    return {.scale = full({}, scale, real), .storage = storage};
}
constexpr std::array STORAGES{DataType::INT4, DataType::INT8, DataType::UINT8, DataType::INT16};
Tensors make_uniform_quantize(Draw& d) {
    return {uniform_quantize(d.operand({12}, Values::WHOLE),
                             drawn_quantization(d, d.type, STORAGES[static_cast<std::size_t>(d.below(4))]))};
}
Tensors make_uniform_dequantize(Draw& d) {
    const DataType storage = size_bits(d.type) > 32 ? DataType::INT32 : d.type;  // nothing wider is quantized
    return {uniform_dequantize(d.operand(Shape(storage, {12})), drawn_quantization(d, DataType::FLOAT32, storage))};
}
Tensors make_fake_quantize(Draw& d) {
    return {fake_quantize(d.operand({12}, Values::WHOLE), drawn_quantization(d, d.type, DataType::INT8))};
}

}  // namespace

std::span<const MakerRow> arithmetic_makers() {
    static constexpr std::array ROWS{
        MakerRow{&rows::dot_general, make_dot},
        MakerRow{&rows::convolution, make_convolution},
        MakerRow{&rows::dynamic_conv, make_dynamic_conv},
        MakerRow{&rows::reduce, make_reduce},
        MakerRow{&rows::map, make_map},
        MakerRow{&rows::reduce_window, make_reduce_window},
        MakerRow{&rows::select_and_scatter, make_select_and_scatter},
        MakerRow{&rows::select_and_gather, make_select_and_gather},
        MakerRow{&rows::cholesky, make_cholesky},
        MakerRow{&rows::triangular_solve, make_triangular_solve},
        MakerRow{&rows::fft, make_fft},
        MakerRow{&rows::batch_norm_training, make_batch_norm_training},
        MakerRow{&rows::batch_norm_inference, make_batch_norm_inference},
        MakerRow{&rows::batch_norm_grad, make_batch_norm_grad},
        MakerRow{&rows::attention, make_attention},
        MakerRow{&rows::attention_gradient, make_attention_gradient},
        MakerRow{&rows::sort, make_sort},
        MakerRow{&rows::top_k, make_top_k},
        MakerRow{&rows::cumulative_sum, make_cumulative_sum},
        MakerRow{&rows::uniform_quantize, make_uniform_quantize},
        MakerRow{&rows::uniform_dequantize, make_uniform_dequantize},
        MakerRow{&rows::fake_quantize, make_fake_quantize},
    };
    return ROWS;
}

}  // namespace podium::proof
