#include "podium/ir/sorting.h"

#include <gtest/gtest.h>

#include <limits>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

HostArray integers(Dims dims, std::int64_t below, std::uint64_t seed = 1) {
    return test::sample(Shape(DataType::INT32, std::move(dims)), 0, static_cast<double>(below), seed);
}

const double NOT = std::numeric_limits<double>::quiet_NaN();
const HostArray SPECIAL =
    HostArray::of<double>({8}, std::vector<double>{2, NOT, -1, INFINITY, 0.0, -0.0, -INFINITY, NOT});

TEST(Sorting, ExamplesAreJaxs) {
    test::expect_examples({
        {"jnp.sort(x[0])", [](const Tensors& in) { return Tensors{sort(in[0])}; }, {f64({3, 5})}},
        {"jnp.sort(x[0], axis=0)", [](const Tensors& in) { return Tensors{sort(in[0], 0)}; }, {f64({4, 2})}},
        {"jnp.sort(x[0], descending=True)",
         [](const Tensors& in) { return Tensors{sort(in[0], -1, true)}; },
         {f64({3, 5})}},
        {"jnp.argsort(x[0]).astype('i4')", [](const Tensors& in) { return Tensors{argsort(in[0])}; }, {f64({3, 5})}},
        {"jnp.argsort(x[0], descending=True).astype('i4')",
         [](const Tensors& in) { return Tensors{argsort(in[0], -1, true)}; },
         {integers({3, 7}, 4)}},
        {"lax.sort((x[0], x[1]), num_keys=1)[1]",
         [](const Tensors& in) {
             return Tensors{sort_by([](const Tensors& t) -> Tensors { return {less(t[0], t[1])}; }, {in[0], in[1]})[1]};
         },
         {f64({3, 4}), f64({3, 4}, 2)}},
        {"lax.top_k(x[0], 3)[0]", [](const Tensors& in) { return Tensors{top_k(in[0], 3).values}; }, {f64({2, 5})}},
        {"lax.top_k(x[0], 3)[1]",
         [](const Tensors& in) { return Tensors{top_k(in[0], 3).indices}; },
         {integers({2, 7}, 4)}},
        {"jnp.searchsorted(jnp.sort(x[0]), x[1])",
         [](const Tensors& in) { return Tensors{searchsorted(sort(in[0]), in[1])}; },
         {integers({9}, 6), integers({2, 3}, 8, 2)}},
        {"jnp.searchsorted(jnp.sort(x[0]), x[1], side='right')",
         [](const Tensors& in) { return Tensors{searchsorted(sort(in[0]), in[1], true)}; },
         {integers({9}, 6), integers({2, 3}, 8, 2)}},
        {"jnp.unique(x[0], size=5, fill_value=-1)",
         [](const Tensors& in) { return Tensors{unique(in[0], 5, -1).values}; },
         {integers({3, 4}, 4)}},
        {"jnp.unique(x[0], size=2)",
         [](const Tensors& in) { return Tensors{unique(in[0], 2).values}; },
         {integers({12}, 4)}},
        {"jnp.unique(x[0], size=5, return_counts=True)[1].astype('i4')",
         [](const Tensors& in) { return Tensors{unique(in[0], 5).counts}; },
         {integers({12}, 4)}},
        {"jnp.unique(x[0], size=5, return_inverse=True)[1].astype('i4')",
         [](const Tensors& in) { return Tensors{unique(in[0], 5).inverse}; },
         {integers({3, 4}, 4)}},
        {"jnp.array(len(np.unique(np.array([0]))) * 0 + 4, 'i4')",
         [](const Tensors& in) { return Tensors{unique(in[0], 9).count}; },
         {HostArray::of<std::int32_t>({4}, std::vector<std::int32_t>{3, 1, 2, 0})}},
    });
}

TEST(Sorting, NanAndInfinitiesHaveTheirPlaces) {
    test::Oracle oracle;
    const auto expect = [&](const char* jax, const TensorFunction& f, const HostArray& x) {
        oracle.expect(jax, {x}, test::run(f, {x})[0]);
    };
    expect(
        "jnp.sort(x[0])", [](const Tensors& in) { return Tensors{sort(in[0])}; }, SPECIAL);
    expect(
        "jnp.argsort(x[0]).astype('i4')", [](const Tensors& in) { return Tensors{argsort(in[0])}; }, SPECIAL);
    expect(
        "jnp.sort(x[0], descending=True)", [](const Tensors& in) { return Tensors{sort(in[0], -1, true)}; }, SPECIAL);
    expect(
        "lax.top_k(x[0], 8)[0]", [](const Tensors& in) { return Tensors{top_k(in[0], 8).values}; }, SPECIAL);
    expect(
        "jnp.unique(x[0], size=8, fill_value=7)", [](const Tensors& in) { return Tensors{unique(in[0], 8, 7).values}; },
        SPECIAL);
    expect(
        "jnp.searchsorted(jnp.sort(x[0]), x[0])",
        [](const Tensors& in) { return Tensors{searchsorted(sort(in[0]), in[0])}; }, SPECIAL);
    expect(
        "jnp.sort(x[0])", [](const Tensors& in) { return Tensors{sort(in[0])}; },
        test::sample(Shape(DataType::COMPLEX128, {6})));
    for (const DataType type : {DataType::UINT8, DataType::BOOL, DataType::BFLOAT16, DataType::INT64})
        expect(
            "jnp.sort(x[0])", [](const Tensors& in) { return Tensors{sort(in[0])}; },
            test::sample(Shape(type, {9}), 0, type == DataType::BOOL ? 2 : 90));
    oracle.check();
}

TEST(Sorting, SaysWhatDoesNotFit) {
    const auto by_first = [](const Tensors& t) -> Tensors { return {less(t[0], t[1])}; };
    expect_error(Code::INVALID_ARGUMENT, "sort: no tensors were given", [&] { sort_by(by_first, {}); });
    expect_error(Code::SHAPE_MISMATCH, "sort: f32[2] and f32[3] cannot be sorted together", [&] {
        sort_by(by_first, {zeros({2}), zeros({3})});
    });
    expect_error(Code::SHAPE_MISMATCH, "sort: the order must return one bool scalar",
                 [] { sort_by([](const Tensors& t) -> Tensors { return {t[0]}; }, {zeros({2})}); });
    const Tensor outside = zeros({});
    expect_error(Code::SHAPE_MISMATCH, "top_k: f32[3] has no 4 elements", [] { top_k(zeros({3}), 4); });
    expect_error(Code::DTYPE_MISMATCH, "top_k: takes real numbers, got c64[3]",
                 [] { top_k(zeros({3}, DataType::COMPLEX64), 1); });
    expect_error(Code::SHAPE_MISMATCH, "searchsorted: takes a vector", [] { searchsorted(zeros({3, 1}), zeros({2})); });
    expect_error(Code::SHAPE_MISMATCH, "unique: 0 values of f32[3] were asked for", [] { unique(zeros({3}), 0); });
}

TEST(Cumulative, ExamplesAreJaxs) {
    const auto along = [](auto f, std::int64_t axis, bool reversed = false) {
        return [=](const Tensors& in) { return Tensors{f(in[0], axis, reversed)}; };
    };
    const HostArray x = f64({3, 5});
    test::expect_examples({
        {"like(jnp.cumsum(x[0], 1), x[0])", along(cumulative_sum, 1), {x}},
        {"lax.cumsum(x[0], 0, reverse=True)", along(cumulative_sum, 0, true), {x}},
        {"lax.cumprod(x[0], 1)", along(cumulative_product, 1), {x}},
        {"lax.cumprod(x[0], 1, reverse=True)", along(cumulative_product, 1, true), {x}},
        {"lax.cummax(x[0], 1)", along(cumulative_max, 1), {x}},
        {"lax.cummin(x[0], 0, reverse=True)", along(cumulative_min, 0, true), {x}},
        {"lax.cumlogsumexp(x[0], 1)", along(cumulative_logsumexp, 1), {x}},
        {"like(jnp.cumsum(x[0], 0), x[0])", along(cumulative_sum, 0), {integers({7}, 9)}},
    });
    test::Oracle oracle;
    const HostArray low = HostArray::of<double>({4}, std::vector<double>{-INFINITY, -INFINITY, 800, 801});
    oracle.expect("lax.cumlogsumexp(x[0])", {low}, test::run(along(cumulative_logsumexp, 0), {low})[0]);
    oracle.check();
    expect_error(Code::DTYPE_MISMATCH, "cumulative_sum: takes numbers, got bool[2]",
                 [] { cumulative_sum(zeros({2}, DataType::BOOL), 0); });
}

}  // namespace
}  // namespace podium
