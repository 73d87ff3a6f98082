// Long because every golden case and what makes its graph stand in one list.
#include "podium/emit/stablehlo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "podium/base/file.h"
#include "podium/emit/lower.h"
#include "podium/ir/batching.h"
#include "podium/ir/number.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/runtime/interp/interp.h"
#include "podium/runtime/pjrt/testing.h"
#include "tests/support/operators.h"

namespace podium {
namespace {

using testing::HasSubstr;

constexpr DataType F32 = DataType::FLOAT32, I32 = DataType::INT32;

/// Makes the graphs of golden cases.
class Build {
public:
    Tensor operator()(DataType type, Dims dims, std::vector<std::string> axes = {}) {
        graph.parameters.push_back(scope_.parameter(Shape(type, std::move(dims), std::move(axes))));
        return graph.parameters.back();
    }
    Graph graph;

private:
    const TraceScope scope_;
};

struct Case {
    const char* name;
    void (*build)(Build&);
    bool cpu_forms = false;
    Mesh mesh = Mesh(Device(DeviceType::CPU));
    bool runs = true;  ///< the CPU plugin takes it, and it is the same on both
};

Location at(const char* file, std::uint32_t line) {
    Location location;
    location.file = file;
    location.line = line;
    return location;
}

/// Every elementwise row, on the first type that it takes.
void elementwise(Build& b) {
    const Tensor f = b(F32, {2}), g = b(F32, {2}), i = b(I32, {2}), j = b(I32, {2}), p = b(DataType::BOOL, {2}),
                 q = b(DataType::BOOL, {2});
    for (const Op* op : elementwise_ops()) {
        if (op->kind == Kind::COMPOSITE) continue;
        const bool integers = op->types == Types::INTEGER, logical = op->types == Types::LOGICAL;
        const Tensor &x = integers ? i : logical ? p : f, &y = integers ? j : logical ? q : g;
        Tensors operands{x, y, x};
        operands.resize(static_cast<std::size_t>(std::max(op->arity, 1)));
        if (op->condition) operands[0] = p;
        Shape shape(result_type(op->gives, operands.back().type()), {2});
        if (op == &rows::convert) shape.type = DataType::BFLOAT16;
        if (op == &rows::bitcast_convert) shape.type = DataType::UINT32;
        b.graph.results.push_back(record({.op = *op, .shape = shape, .operands = operands, .attributes = {{5}, {3}}}));
    }
}

void types(Build& b) {
    const Tensor x = b(I32, {3});
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) b.graph.results.push_back(convert(x, static_cast<DataType>(i)));
    b.graph.results.push_back(less(convert(x, DataType::UINT8), 2));
    b.graph.results.push_back(less(x, 2));
}

void movement(Build& b) {
    const Tensor x = b(F32, {2, 3}), i = b(I32, {});
    b.graph.results = {broadcast_in_dim(x, {2, 4, 3}, {0, 2}),
                       reshape(x, {3, 2}),
                       transpose(x),
                       slice(x, {0, 1}, {2, 3}),
                       slice(x, {0, 0}, {2, 3}, {1, 2}),
                       dynamic_slice(x, {i, i}, {1, 2}),
                       dynamic_update_slice(x, slice(x, {0, 0}, {1, 1}), {i, i}),
                       pad(x, 0.5, {1, 0}, {0, 2}, {0, 1}),
                       concatenate({x, x}, 1),
                       reverse(x, {1})};
}

void indexing(Build& b) {
    const Tensor x = b(F32, {5, 3}), indices = b(I32, {2, 2}), updates = b(F32, {2, 2, 3});
    const ScatterDimensions rows_of{{2}, {0}, {0}, 2};
    b.graph.results = {
        take(x, indices), take(x, indices, 1), scatter(&add, x, indices, updates, rows_of),
        scatter(nullptr, x, slice(indices, {0, 0}, {1, 1}), slice(updates, {0, 0, 0}, {1, 1, 3}), rows_of)};
}

/// Rows whose mapped form has other dimension numbers: StableHLO's batching dimensions among them.
void mapped(Build& b) {
    const Tensor x = b(F32, {2, 5, 3}), indices = b(I32, {2, 4}), updates = b(F32, {2, 4, 3}), start = b(I32, {2});
    const auto over = [&](const TensorFunction& f, const Tensors& examples) {
        const TraceScope scope;
        Tensors parameters;
        for (const auto& example : examples)
            parameters.push_back(
                scope.parameter(Shape(example.type(), Dims(example.dims().begin() + 1, example.dims().end()))));
        return batched(f(parameters), parameters, examples, 2)[0];
    };
    b.graph.results = {
        over([](const Tensors& t) { return Tensors{take(t[0], t[1])}; }, {x, indices}),
        over(
            [](const Tensors& t) {
                return Tensors{scatter(
                    &add, t[0], t[1], t[2],
                    {.update_window = {1}, .inserted_window = {0}, .scatter_to_operand = {0}, .index_vector = 1})};
            },
            {x, indices, updates}),
        over(
            [](const Tensors& t) {
                return Tensors{dynamic_slice(t[0], {t[1], t[1]}, {2, 2})};
            },
            {x, start}),
        over([&](const Tensors& t) { return Tensors{matmul(t[0], transpose(t[1]))}; }, {x, updates})};
}

void sorting(Build& b) {
    const Tensor x = b(F32, {3, 5}), i = b(I32, {3, 5});
    const TopK best = top_k(x, 2);
    b.graph.results = {sort(x),
                       argsort(x, 0, true),
                       best.values,
                       best.indices,
                       sort_by([](const Tensors& t) -> Tensors { return {greater(t[2], t[3])}; }, {x, i}, 1, false)[1],
                       take_along_axis(x, argsort(i, 0), 0),
                       cumulative_sum(x, 1)};
}

void windows(Build& b) {
    const Tensor x = b(F32, {4, 6});
    const Window w{.sizes = {2, 3}, .strides = {2, 1}, .low = {0, 1}, .high = {0, -1}};
    b.graph.results = {reduce_window(add, x, 0, {{2, 2}, {1, 2}, {2, 1}, {1, 2}, {1, 0}, {0, 0}}),
                       reduce_window(maximum, x, lowest(F32), w),
                       select_and_scatter(greater_equal, x, reduce_window(maximum, x, lowest(F32), w), w),
                       select_and_gather(less_equal, x, x, w)};
}

void convolutions(Build& b) {
    const Tensor x = b(F32, {2, 4, 5, 5}), k = b(F32, {6, 2, 3, 3}), h = b(DataType::BFLOAT16, {1, 6, 3}),
                 w = b(DataType::BFLOAT16, {3, 3, 2});
    b.graph.results = {
        convolution(x, k,
                    {.dimensions = ConvolutionDimensions::channels_first(2),
                     .strides = {2, 1},
                     .low = {1, 0},
                     .high = {0, -1},
                     .kernel_dilation = {1, 2},
                     .feature_groups = 2}),
        convolution(h, w, {.dimensions = ConvolutionDimensions::channels_last(1), .input_dilation = {2}})};
}

/// Convolutions with kernels of one element, as they are in residual networks, and their gradients.
void pointwise_convolutions(Build& b) {
    const Tensor x = b(F32, {2, 5, 6, 3}), k = b(F32, {1, 1, 3, 4}), y = b(F32, {2, 3, 5, 6}), h = b(F32, {4, 3, 1, 1});
    for (const std::int64_t stride : {1, 2}) {
        const Tensor last = convolution(
                         x, k, {.dimensions = ConvolutionDimensions::channels_last(2), .strides = {stride, stride}}),
                     first = convolution(y, h,
                                         {.dimensions = ConvolutionDimensions::channels_first(2),
                                          .strides = {stride, 1},
                                          .low = {0, 1},
                                          .high = {stride, -1}});
        b.graph.results.insert(b.graph.results.end(), {last, first});
        for (const Tensor& each :
             pullback({last, first}, {b(F32, last.dims()), b(F32, first.dims())}, {x, k, y, h}).gradients)
            b.graph.results.push_back(each);
    }
}

void linear_algebra(Build& b) {
    const Tensor a = b(F32, {2, 3, 3}), y = b(F32, {2, 3, 2}), signal = b(F32, {4, 6});
    const Tensor definite = matmul(a, swap_axes(a, -1, -2)) + eye(3), spectrum = fft(signal, FftType::RFFT, {4, 6});
    b.graph.results = {cholesky(definite),
                       cholesky(definite, false),
                       triangular_solve(definite, y, {.lower = false, .transpose = Transpose::TRANSPOSE}),
                       triangular_solve(definite, swap_axes(y, -1, -2), {.left_side = false, .unit_diagonal = true}),
                       spectrum,
                       fft(spectrum, FftType::IFFT, {4}),
                       fft(spectrum, FftType::IRFFT, {4, 6})};
}

void contraction(Build& b) {
    const Tensor x = b(F32, {2, 3, 4}), y = b(F32, {2, 5, 4}), w = b(DataType::BFLOAT16, {4, 6});
    b.graph.results = {dot_general(x, y, {{0}, {0}, {2}, {2}}), matmul(convert(x, DataType::BFLOAT16), w)};
}

void reduction(Build& b) {
    const Tensor x = b(F32, {2, 3, 4}), p = b(DataType::BOOL, {2, 3});
    b.graph.results = {sum(x, {0, 2}), max(x, {2}), min(x),       product(x, {1}),
                       any(p, {1}),    all(p),      argmax(x, 2), sum(x, {0, 1})};
}

void constants(Build& b) {
    using Limits = std::numeric_limits<float>;
    const auto bits = [](DataType type, std::vector<float> values) {
        HostArray array(Shape(type, {static_cast<std::int64_t>(values.size())}));
        with_element_type(type, [&]<class T>() {
            if constexpr (requires(T t) { t.bits; })
                for (std::size_t i = 0; i < values.size(); ++i) array.mutable_span<T>()[i] = T(values[i]);
        });
        return array;
    };
    HostArray flags(Shape(DataType::BOOL, {2, 3}));
    flags.mutable_span<bool>()[1] = flags.mutable_span<bool>()[5] = true;
    std::vector<double> many(12);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = 1.0 / static_cast<double>(i + 1);
    b.graph.results = {
        constant(HostArray::of<float>({4}, {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -0.0F})),
        constant(HostArray::of<float>({2, 2}, {0.1F, 1e-45F, Limits::max(), 16777216})),
        constant(HostArray::scalar(1e300)),
        constant(HostArray::of<double>({3, 4}, many)),
        constant(bits(DataType::BFLOAT16, {0.1F, Limits::infinity(), 3.0e38F})),
        constant(bits(DataType::FLOAT16, {0.1F, Limits::quiet_NaN(), 65504})),
        constant(flags),
        constant(HostArray::of<std::uint64_t>({2}, {~0ULL, 1})),
        constant(HostArray::of<std::int8_t>({2}, {-128, 127})),
        constant(HostArray(Shape(F32, {0, 3}))),
        full({2, 3}, 7, DataType::INT64),
        iota({2, 3}, 1, F32)};
    const auto counting = [](DataType type) {
        HostArray array(Shape(type, {10}));
        for (std::int64_t i = 0; i < 10; ++i) store(array, i, i - 5);
        return constant(array);
    };
    b.graph.results.push_back(constant(HostArray::of<Complex64>({2}, {{1, -0.5F}, {Limits::infinity(), 0}})));
    for (const DataType type :
         {DataType::INT4, DataType::UINT2, DataType::FLOAT8_E4M3FN, DataType::FLOAT4_E2M1FN, DataType::COMPLEX128})
        b.graph.results.push_back(counting(type));
    b.graph.results.push_back(constant(bits(DataType::FLOAT8_E5M2FNUZ, {0.5F, Limits::quiet_NaN(), -0.0F})));
}

void control(Build& b) {
    const Tensor x = b(F32, {2}), n = b(I32, {}), p = b(DataType::BOOL, {});
    const Tensor two = full({2}, 2.0);
    b.graph.results = while_loop([&](const Tensors& s) -> Tensors { return {less(s[0], n)}; },
                                 [&](const Tensors& s) -> Tensors {
                                     return {s[0] + 1, s[1] * two};
                                 },
                                 {zeros({}, I32), x});
    b.graph.results.push_back(cond(
        p, [&](const Tensors& s) -> Tensors { return {s[0] * two}; },
        [&](const Tensors& s) -> Tensors { return {s[0] - x}; }, {b.graph.results[1]})[0]);
    const auto by = [](double factor) { return [=](const Tensors& s) { return Tensors{s[0] * factor}; }; };
    b.graph.results.push_back(switch_case(n, std::vector<TensorFunction>{by(2), by(3), by(4)}, {x})[0]);
    b.graph.results.push_back(optimization_barrier({x, x + two})[1]);
}

void scanned(Build& b) {
    const Tensor carry = b(F32, {2}), xs = b(F32, {3, 2}), w = b(F32, {2});
    b.graph.results = scan_list(
        [&](const Tensors& s) -> Tensors {
            return {s[0] * w + s[1], s[0]};
        },
        {carry}, {xs}, 3, true);
}

void rematerialized(Build& b) {
    const Tensor x = b(F32, {2});
    const Tensor y = remat_list([](const Tensors& s) -> Tensors { return {sin(exp(s[0]))}; }, {x})[0];
    b.graph.results = {y, pullback({y}, {ones_like(y)}, {x}).gradients[0]};
}

/// One device is all of them here: what the plugin computes is the operand.
void distributed(Build& b) {
    const Tensor x = b(F32, {4, 2});
    const Groups alone{{0}};
    b.graph.results = {all_gather(x, 1, alone),
                       reduce_scatter(add, x, 0, alone),
                       all_to_all(x, 0, 1, alone),
                       collective_broadcast(x, alone),
                       collective_permute(x, {{0, 0}}),
                       collective_reduce(add, x, alone),
                       partition_id(),
                       replica_id(),
                       asynchronously([&](const Tensor& t) { return all_gather(t, 0, alone); }, x)};
}

void dynamic(Build& b) {
    const Tensor x = b(F32, {3, 2}), i = b(I32, {2});
    const auto sizes = [](const std::vector<std::int64_t>& values) {
        return constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values));
    };
    b.graph.results = {
        dynamic_broadcast_in_dim(x, sizes({2, 3, 2}), {2, 3, 2}, {1, 2}),
        dynamic_iota(sizes({3, 2}), {3, 2}, 1, F32),
        dynamic_reshape(x, sizes({6}), {6}),
        dynamic_pad(x, 0.5, sizes({1, 0}), sizes({0, 2}), sizes({1, 0}), {6, 4}),
        dynamic_gather(
            x, i, sizes({1, 2}),
            {.offset = {1}, .collapsed = {0}, .start_index_map = {0}, .index_vector = 1, .slice_sizes = {1, 2}}),
        dynamic_conv(reshape(x, {1, 1, 6}), reshape(slice(x, {0, 0}, {2, 1}), {1, 1, 2}),
                     reshape(sizes({1, 0}), {1, 2}),
                     {.dimensions = ConvolutionDimensions::channels_first(1), .low = {1}, .high = {0}}),
        get_dimension_size(x, 0)};
}

void batch_norms(Build& b) {
    const Tensor x = b(F32, {4, 3}), scale = b(F32, {3}), mean = b(F32, {3});
    const auto trained = batch_norm_training(x, scale, mean, 1e-3, 1);
    const auto back = batch_norm_grad(x, scale, mean, scale, x, 1e-3, 1);
    b.graph.results = {
        trained.output, trained.mean, trained.variance, batch_norm_inference(x, scale, mean, mean, scale, 1e-5, 1),
        back.x,         back.scale,   back.offset};
}

void plumbing(Build& b) {
    const Tensor x = b(F32, {3}), p = b(DataType::BOOL, {});
    const Tensors pair = through_tuple({x, x * 2.0});
    const auto doubled = [](const Tensors& t) { return Tensors{t[0] + t[0], sum(t[0])}; };
    b.graph.results = {
        pair[1],
        composite("podium.doubled", [&](const Tensors& t) { return composite("podium.inner", doubled, t); }, {x})[0],
        map_elements([](const Tensors& t) -> Tensors { return {t[0] * t[1] + 1.0}; }, {x, pair[0]}),
        cond(p, doubled,
             [](const Tensors& t) {
                 return Tensors{t[0], sum(t[0]) * 3.0};
             },
             {x})[1]};
    const Tensors both = reduce_list(
        [](const Tensors& t) -> Tensors {
            const Tensor keeps = greater_equal(t[0], t[2]);
            return {select(keeps, t[0], t[2]), select(keeps, t[1], t[3])};
        },
        {x, iota({3})}, {lowest(F32), zeros({}, I32)}, {0});
    b.graph.results.insert(b.graph.results.end(), both.begin(), both.end());
}

/// What the interpreter cannot compute: foreign functions, transfers, and random numbers, which are the plugin's own.
void without_value(Build& b) {
    const Tensor x = b(F32, {2}), token = after_all({after_all()});
    const Tensors fed = infeed(token, {Shape(F32, {2})}), received = recv(fed[1], {Shape(F32, {2})}, 3);
    const Tensor sent = send({received[0]}, outfeed({x}, received[1]), 4);
    const auto bits = rng_bit_generator(b(DataType::UINT64, {2}), {4}, DataType::UINT16, RngAlgorithm::THREE_FRY);
    b.graph.results = {
        custom_call("podium.f", {x}, {Shape(F32, {2})},
                    {{"n", std::int64_t{3}}, {"name", std::string("a\"b")}, {"scale", 0.5}, {"sure", true}})[0],
        fed[0],
        received[0],
        rng(zeros({}), 2, {3}, RngDistribution::NORMAL),
        bits.state,
        bits.bits,
        after_all({sent})};
}

/// What the CPU plugin refuses, as it is for others.
void as_specified(Build& b) {
    const Tensor x = b(F32, {1, 1, 6}), k = b(F32, {1, 1, 2});
    const std::vector<std::int64_t> edges{1, 0};
    b.graph.results = {dynamic_conv(x, k, constant(HostArray::of({1, 2}, edges)),
                                    {.dimensions = ConvolutionDimensions::channels_first(1), .low = {1}, .high = {0}}),
                       collective_reduce(add, x, {{0, 1}}), collective_broadcast(x, {{0, 1}}),
                       asynchronously(
                           [](const Tensor& t) {
                               return all_gather(t, 0, {{0, 1}});
                           },
                           x)};
}

void all_reduced(Build& b) { b.graph.results = {all_reduce(add, b(F32, {4}), {{0}})}; }

void sharded(Build& b) {
    const Tensor x = b(F32, {8, 4}, {"data"}), w = b(F32, {4, 6}, {"", "model"}), s = b(F32, {});
    b.graph.results = {matmul(x, w) * s, sum(x)};
    b.graph.result_axes = {{"data", "model"}, {}};
}

/// What devices do by themselves, and its gradient, which needs pieces of the way there.
void device_regions(Build& b) {
    const Mesh mesh({{"data", 4}, {"model", 2}}, devices("cpu"));
    const Tensor x = b(F32, {8, 4}, {"data"});
    const Tensor piece = to_shards(with_sharding(x * 2.0, mesh, {"data,model"}), mesh, {"data", "model"});
    const Tensor sums = all_reduce(add, sin(piece), groups_along(mesh, {"model"}));
    const Tensor y = from_shards(sums * exp(piece), mesh, {"data", "model"});
    b.graph.results = {y, pullback({sum(cos(y))}, {ones({})}, {x}).gradients[0]};
    b.graph.result_axes = {{"data", "model"}, {"data"}};
}

/// An operator beside one that takes no batch, on a mesh that splits batches.
void operators(Build& b) {
    constexpr DataType F64 = DataType::FLOAT64;
    const Tensor x = b(F64, {8, 4}, {"data"}), gain = b(F64, {4});
    b.graph.results = test::call_scaled_rows({x, gain});
    for (const Tensor& each : test::call_scaled_rows({slice(x, {0, 0}, {3, 4}), gain})) b.graph.results.push_back(each);
    b.graph.result_axes = {{"data"}, {"data"}, {}, {}};
}

void donated(Build& b) {
    const Tensor x = b(F32, {4}), y = b(F32, {4});
    b.graph.results = {sum(y), x + y};
    b.graph.reuse = {-1, 0};
}

void located(Build& b) {
    const Tensor x = b(F32, {2});
    b.graph.parameters[0]->label = "batch.\"in\"";
    const Tensor y = add(Operand(x, at("examples/model.cpp", 12)), x);
    b.graph.results = {tanh(Operand(y, at("examples/model.cpp", 13)))};
    b.graph.name = "train step";
}

/// What XLA's CPU compiler is slow at as users write it: 3-D by 2-D products, and attention with its heads second.
void matmul_forms(Build& b) {
    const Tensor x = b(F32, {2, 3, 4}), w = b(F32, {4, 6}), y = matmul(x, w);
    b.graph.results = pullback({y}, {b(F32, {2, 3, 6})}, {x, w}).gradients;
    b.graph.results.push_back(y);
}
void attention_forms(Build& b) {
    const Tensor q = b(F32, {2, 5, 3, 4}), k = b(F32, {2, 5, 3, 4});  // [batch, length, heads, width]
    b.graph.results = {dot_general(q, k, {{0, 2}, {0, 2}, {3}, {3}})};
}
void folded_wrongly(Build& b) {
    const Tensor x = b(F32, {2});
    const Tensor nan = constant(HostArray::of<float>({2}, {NAN, 1}));
    b.graph.results = {maximum(ones({2}), nan) + x, minimum(x, nan)};
}

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest's name.
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const std::vector<Case>& cases() {
    static const std::vector<Case> CASES{
        {"elementwise", elementwise},
        {"types", types},
        {"movement", movement},
        {"indexing", indexing},
        {"mapped", mapped},
        {"sorting", sorting},
        {"windows", windows},
        {"convolution", convolutions},
        {"linear_algebra", linear_algebra},
        {"contraction", contraction},
        {"reduction", reduction},
        {"constants", constants},
        {"control", control},
        {"scan", scanned},
        {"remat", rematerialized},
        {"remat_for_cpu", rematerialized, true},
        {"all_reduce", all_reduced},
        {"distribution", distributed, true},
        {"dynamic", dynamic, true},
        {"batch_norm", batch_norms},
        {"plumbing", plumbing},
        {"without_value", without_value, false, Mesh(Device(DeviceType::CPU)), false},
        {"as_specified", as_specified, false, Mesh(Device(DeviceType::CPU)), false},
        {"sharded", sharded, true, Mesh({{"data", 4}, {"model", 2}}, devices("cpu"))},
        {"device_regions", device_regions, true, Mesh({{"data", 4}, {"model", 2}}, devices("cpu"))},
        {"operators", operators, true, Mesh({{"data", 4}, {"model", 2}}, devices("cpu"))},
        {"donated", donated},
        {"located", located},
        {"matmul_as_written", matmul_forms},
        {"matmul_for_cpu", matmul_forms, true},
        {"attention_as_written", attention_forms},
        {"attention_for_cpu", attention_forms, true},
        {"reduction_for_cpu", reduction, true},
        {"convolution_for_cpu", pointwise_convolutions, true},
        {"folded_wrongly", folded_wrongly, true},
    };
    return CASES;
}

std::string golden_path(const Case& c) { return fmt::format("tests/golden/{}.mlir", c.name); }

/// Returns numbers that every op of the cases takes: floats in (0.1, 0.9), integers from 1 to 3.
HostArray sample(const Shape& shape) {
    HostArray array(shape);
    with_element_type(shape.type, [&]<class T>() {
        int i = 0;
        for (T& element : array.mutable_span<T>()) {
            const int n = i++;
            if constexpr (std::is_same_v<T, bool>)
                element = n % 2 == 0;
            else if constexpr (std::is_integral_v<T>)
                element = static_cast<T>(1 + n % 3);
            else if constexpr (requires { element.value; })
                element = T(std::int64_t{1 + n % 3});
            else
                element = T(0.15F + 0.07F * static_cast<float>(n * 7 % 11));
        }
    });
    return array;
}

void expect_near(const HostArray& found, const HostArray& expected, const std::string& what) {
    ASSERT_EQ(to_string(found.shape()), to_string(expected.shape())) << what;
    const double tolerance = size_bytes(found.type()) == 2 ? 0.02 : 1e-5;
    for (std::int64_t i = 0; i < found.count(); ++i) {
        const Complex128 a = found.as_complex(i), b = expected.as_complex(i);
        if (a == b || (std::isnan(a.real()) && std::isnan(b.real()))) continue;
        EXPECT_LE(std::abs(a - b), tolerance * std::max(1.0, std::abs(b))) << what << ", element " << i;
    }
}

class Golden : public testing::TestWithParam<Case> {
protected:
    Golden() { GetParam().build(build_); }
    std::string text() const {
        const Case& c = GetParam();
        const bool locations = std::string_view(c.name) == "located";
        return stablehlo(build_.graph, c.mesh, {.locations = locations, .cpu_forms = c.cpu_forms});
    }
    std::vector<BufferSpec> specs(const Tensors& tensors, bool results) const {
        std::vector<BufferSpec> list;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const Shape& shape = tensors[i].shape();
            const auto& axes = build_.graph.result_axes;
            const auto split = !results ? shape.axes : i < axes.size() ? axes[i] : std::vector<std::string>();
            list.push_back({shape, std::make_shared<const Placement>(GetParam().mesh, split)});
        }
        return list;
    }
    Build build_;
};

TEST_P(Golden, TextIsAsBefore) {
    const std::string path = golden_path(GetParam());
    if (std::getenv("PODIUM_UPDATE_GOLDEN") != nullptr) {
        std::filesystem::create_directories("tests/golden");
        std::ofstream(path) << text();
    }
    std::istringstream found(text()), expected(read_file(path));
    std::string line, before;
    for (int number = 1; std::getline(found, line); ++number) {
        std::getline(expected, before);
        ASSERT_EQ(line, before) << path << ":" << number << "; PODIUM_UPDATE_GOLDEN=1 emit_test writes it anew";
    }
    EXPECT_FALSE(std::getline(expected, before)) << path << " has more lines";
}

/// Those that the CPU plugin takes, and that are the same on both.
class GoldenThatRuns : public Golden {};

TEST_P(GoldenThatRuns, TheCpuPluginComputesWhatTheInterpreterDoes) {
    const Graph& graph = build_.graph;
    const std::string golden = read_file(golden_path(GetParam()));
    const auto parameters = specs(graph.parameters, false), results = specs(graph.results, true);
    const auto executable = test_backend().compile_text(
        {.text = golden, .mesh = GetParam().mesh, .parameters = parameters, .results = results, .reuse = graph.reuse});
    std::vector<HostArray> inputs;
    std::vector<BufferPtr> uploaded;
    std::vector<Buffer*> arguments;
    for (const auto& spec : parameters) {
        inputs.push_back(sample(spec.shape));
        uploaded.push_back(test_backend().upload(inputs.back(), spec.placement));
        arguments.push_back(uploaded.back().get());
    }
    const auto found = executable->execute(arguments, {});
    const std::vector<std::vector<HostArray>> all(static_cast<std::size_t>(GetParam().mesh.size()), inputs);
    const auto expected = Interpreter(graph).run_together(all)[0];
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        if (std::string_view(GetParam().name) == "constants")
            EXPECT_EQ(found[i]->to_host(), expected[i]) << "bit for bit, result " << i;
        else
            expect_near(found[i]->to_host(), expected[i], fmt::format("{}, result {}", GetParam().name, i));
}

std::vector<Case> cases_that_run() {
    auto all = cases();
    std::erase_if(all, [](const Case& each) { return !each.runs; });
    return all;
}

std::string name_of(const testing::TestParamInfo<Case>& info) { return std::string(info.param.name); }
INSTANTIATE_TEST_SUITE_P(Emit, Golden, testing::ValuesIn(cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Emit, GoldenThatRuns, testing::ValuesIn(cases_that_run()), name_of);

TEST(Emit, EveryRowThatReachesItStandsInAGoldenFile) {
    std::string all;
    for (const auto& c : cases()) all += read_file(golden_path(c));
    for (const Op* op : all_ops()) {
        if (op->stablehlo.empty()) continue;
        EXPECT_THAT(all, HasSubstr(fmt::format("\"{}\"(", op->stablehlo))) << op->name;
    }
}

TEST(Emit, LocationsNameFileAndLine) {
    const std::string text = read_file("tests/golden/located.mlir");
    EXPECT_THAT(text, HasSubstr("loc(\"examples/model.cpp\":12:1)"));
    EXPECT_THAT(text, HasSubstr("loc(\"batch.\\22in\\22\")"));
}

TEST(Emit, ProductsForTheCpuHaveAtMostOneBatchDimension) {
    for (const auto& c : cases()) {
        if (!c.cpu_forms) continue;
        Build build;
        c.build(build);
        const Graph lowered = lower(build.graph, true);
        for (const Node* node : topological(lowered.results))
            if (node->op == &rows::dot_general) {
                EXPECT_LE(node->attributes[0].size(), 1) << c.name;
                for (const auto& operand : node->operands)
                    EXPECT_EQ(operand.rank(), 2 + static_cast<std::int64_t>(node->attributes[0].size())) << c.name;
            }
    }
}

}  // namespace
}  // namespace podium
