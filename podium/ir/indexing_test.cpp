#include "podium/ir/indexing.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

HostArray indices(Dims dims, const std::vector<std::int32_t>& values) { return HostArray::of(std::move(dims), values); }

TensorFunction take_along(std::int64_t axis) {
    return [=](const Tensors& x) { return Tensors{take(x[0], x[1], axis)}; };
}
TensorFunction scatter_rows(const Binary* combiner) {
    return [=](const Tensors& x) { return Tensors{scatter(combiner, x[0], x[1], x[2], {{1}, {0}, {0}, 1})}; };
}

constexpr const char* WINDOWS =
    "lax.gather(x[0], x[1], lax.GatherDimensionNumbers((1, 2), (), (1, 0)), (2, 3), mode='clip')";
constexpr const char* ADD_WINDOWS =
    "lax.scatter_add(x[0], x[1], x[2], lax.ScatterDimensionNumbers((1, 2), (), (1, 0)), mode='drop')";

const std::vector<test::Example>& differentiable() {
    static const std::vector<test::Example> SAMPLES{
        {"jnp.take(x[0], x[1], 0)", take_along(0), {f64({5, 3}), indices({4}, {1, 4, 1, 0})}},
        {"jnp.take(x[0], x[1], 1)", take_along(-1), {f64({3, 5}), indices({2, 2}, {4, 0, 2, 2})}},
        {"jnp.take(x[0], x[1], 1)", take_along(1), {f64({2, 4, 3}), indices({2}, {3, 3})}},
        {"jnp.take(x[0], x[1], 0)", take_along(0), {f64({5}), indices({}, {2})}},
        {"jnp.take_along_axis(x[0], x[1][..., None], -1)[..., 0]",
         [](const Tensors& x) { return Tensors{take_last(x[0], x[1])}; },
         {f64({2, 3, 4}), indices({2, 3}, {0, 3, 1, 2, 0, 3})}},
        {WINDOWS,
         [](const Tensors& x) {
             return Tensors{gather(x[0], x[1], {{1, 2}, {}, {1, 0}, 1, {2, 3}})};
         },
         {f64({4, 5}), indices({3, 2}, {0, 0, 2, 2, 1, 0})}},
        {"x[0].at[x[1]].add(x[2])", scatter_rows(&add), {f64({5, 3}), indices({3, 1}, {1, 4, 1}), f64({3, 3}, 2)}},
        {ADD_WINDOWS,
         [](const Tensors& x) {
             return Tensors{scatter(&add, x[0], x[1], x[2], {{1, 2}, {}, {1, 0}, 1})};
         },
         {f64({4, 5}), indices({2, 2}, {0, 0, 2, 1}), f64({2, 2, 3}, 2)}},
    };
    return SAMPLES;
}

TEST(Indexing, ValuesAreJaxs) {
    std::vector<test::Example> all = differentiable();
    all[6].jax = "x[0].at[x[1][:, 0]].add(x[2])";
    all.push_back({WINDOWS,  // moved inside where it would stick out
                   [](const Tensors& x) {
                       return Tensors{gather(x[0], x[1], {{1, 2}, {}, {1, 0}, 1, {2, 3}})};
                   },
                   {f64({4, 5}), indices({2, 2}, {-3, 7, 4, 3})}});
    all.push_back({"x[0].at[x[1][:, 0]].set(x[2])",
                   scatter_rows(nullptr),
                   {f64({5, 3}), indices({2, 1}, {3, 0}), f64({2, 3}, 2)}});
    all.push_back({"x[0].at[x[1][:, 0]].max(x[2])",
                   scatter_rows(&maximum),
                   {f64({5, 3}), indices({3, 1}, {3, 0, 3}), f64({3, 3}, 2)}});
    all.push_back({"x[0].at[x[1][:, 0]].add(x[2], mode='drop')",
                   scatter_rows(&add),  // row 5 is left out
                   {f64({5, 3}), indices({2, 1}, {5, 0}), f64({2, 3}, 2)}});
    all.push_back({"jax.nn.one_hot(x[0], 4, dtype='f4')",
                   [](const Tensors& x) { return Tensors{one_hot(x[0], 4)}; },
                   {indices({2, 3}, {0, 1, 2, 3, 4, -1})}});
    test::Oracle oracle;
    for (const auto& one : all) oracle.expect(one.jax, one.inputs, test::run(one.call, one.inputs)[0]);
    oracle.check();
}

TEST(Indexing, GradientsMatchCentralDifferences) {
    for (const auto& one : differentiable()) {
        SCOPED_TRACE(one.jax);
        test::expect_gradient(one.call, one.inputs);
        test::expect_mapped(one.call, one.inputs);
    }
}

TEST(Indexing, AlongAnAxisAndInSegmentsItIsJaxs) {
    const HostArray along = indices({2, 2}, {2, 0, 1, 1}), segments = indices({5}, {0, 2, 0, 3, -1});
    test::expect_examples({
        {"jnp.take_along_axis(x[0], x[1], 0)",
         [](const Tensors& x) { return Tensors{take_along_axis(x[0], x[1], 0)}; },
         {f64({3, 2}), along}},
        {"jnp.take_along_axis(x[0], x[1], 1)",
         [](const Tensors& x) { return Tensors{take_along_axis(x[0], x[1], -1)}; },
         {f64({2, 3}), along}},
        {"x[0].at[x[1], jnp.arange(2)[None]].add(x[2])",
         [](const Tensors& x) { return Tensors{put_along_axis(&add, x[0], x[1], x[2], 0)}; },
         {f64({3, 2}), along, f64({2, 2}, 2)}},
        {"x[0].at[x[1], jnp.arange(2)[None]].set(x[2])",
         [](const Tensors& x) { return Tensors{put_along_axis(nullptr, x[0], x[1], x[2], 0)}; },
         {f64({3, 2}), indices({2, 2}, {2, 0, 1, 1}), f64({2, 2}, 2)}},
        {"x[0].at[x[1][:, 0]].set(x[2], mode='drop')",
         scatter_rows(nullptr),
         {f64({5, 3}), indices({3, 1}, {3, 9, 1}), f64({3, 3}, 2)}},
        {"jax.ops.segment_sum(x[0], x[1], 4)",
         [](const Tensors& x) { return Tensors{segment_reduce(add, x[0], x[1], 4)}; },
         {f64({5, 2}), segments}},
    });
    test::Oracle oracle;
    for (const auto& [name, row] : {std::pair{"max", &maximum}, {"min", &minimum}, {"prod", &multiply}})
        oracle.expect(fmt::format("jax.ops.segment_{}(x[0], x[1], 4)", name), {f64({5, 2}), segments},
                      test::run([row = row](const Tensors& x) { return Tensors{segment_reduce(*row, x[0], x[1], 4)}; },
                                {f64({5, 2}), segments})[0]);
    oracle.check();
    // Of two updates of one place the last one stays, and has the gradient.
    test::expect_gradient(scatter_rows(nullptr), {f64({4, 2}), indices({3, 1}, {1, 1, 3}), f64({3, 2}, 2)});
    expect_error(Code::SHAPE_MISMATCH, "take_along_axis: indices i32[2] may differ from f32[2,3] in dimension 1 only",
                 [] {
                     take_along_axis(zeros({2, 3}), zeros({2}, DataType::INT32), 1);
                 });
    expect_error(Code::SHAPE_MISMATCH, "segment_reduce: i32[2] does not name one of 3 segments for each row of f32[4]",
                 [] { segment_reduce(add, zeros({4}), zeros({2}, DataType::INT32), 3); });
    expect_error(Code::UNIMPLEMENTED, "scatter: the form that takes the maximum has no gradient", [] {
        test::run(test::gradient_of(scatter_rows(&maximum)), {f64({4, 2}), indices({3, 1}, {1, 1, 3}), f64({3, 2}, 2)});
    });
}

TEST(Indexing, SecondDerivativesMatchCentralDifferences) {
    const auto f = [](const Tensors& x) {
        const Tensor y = take(x[0], x[1]);
        return Tensors{y * y * y};
    };
    test::expect_gradient(test::gradient_of(f), {f64({3}), indices({4}, {2, 0, 2, 2})});
}

TEST(Indexing, ErrorsNameTheShapes) {
    const Tensor x = zeros({5, 3}), at = zeros({2}, DataType::INT32);
    expect_error(Code::DTYPE_MISMATCH, "take: indices must be integers, got f32[2]", [&] { take(x, zeros({2})); });
    expect_error(Code::SHAPE_MISMATCH, "take: no dimension 2 in a tensor of rank 2", [&] { take(x, at, 2); });
    expect_error(Code::SHAPE_MISMATCH, "take_last: indices i32[2] do not name one element for each row of f32[5,3]",
                 [&] { take_last(x, at); });
    expect_error(Code::SHAPE_MISMATCH, "gather: slice size 6 does not fit dimension 0 of f32[5,3]", [&] {
        gather(x, at, {{0, 1}, {}, {0, 1}, 0, {6, 3}});
    });
    expect_error(Code::SHAPE_MISMATCH, "gather: the index vector i32[2] does not name 1 dimensions", [&] {
        gather(x, at, {{0, 1}, {}, {0}, 0, {5, 3}});
    });
    expect_error(Code::DTYPE_MISMATCH, "scatter: cannot put i32[2,3] into f32[5,3]", [&] {
        scatter(&add, x, at, zeros({2, 3}, DataType::INT32), {{1}, {0}, {0}, 1});
    });
    expect_error(Code::SHAPE_MISMATCH, "scatter: updates f32[3,3] do not fit indices i32[2] and f32[5,3]", [&] {
        scatter(&add, x, at, zeros({3, 3}), {{1}, {0}, {0}, 1});
    });
    expect_error(Code::SHAPE_MISMATCH, "scatter: updates f32[2,4] do not fit indices i32[2] and f32[5,3]", [&] {
        scatter(&add, x, at, zeros({2, 4}), {{1}, {0}, {0}, 1});
    });
}

}  // namespace
}  // namespace podium
