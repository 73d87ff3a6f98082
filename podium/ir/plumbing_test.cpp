#include "podium/ir/plumbing.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TEST(Plumbing, TuplesAndCompositesHandValuesAndGradientsOn) {
    const auto through = [](const Tensors& in) { return through_tuple({in[0] * 2, in[1]}); };
    test::expect_gradient(through, {f64({3}), f64({2}, 2)});
    test::expect_mapped(through, {f64({3}), f64({2}, 2)});
    const auto twice = [](const Tensors& in) {
        return composite(
            "podium.scaled_sum",
            [](const Tensors& t) {
                return Tensors{sum(t[0]) * t[1], t[0]};
            },
            in);
    };
    test::expect_gradient(twice, {f64({3}), f64({2}, 2)});
    test::expect_mapped(twice, {f64({3}), f64({2}, 2)});
    const Tensor outside = full({}, 1.0);
    expect_error(Code::INVALID_ARGUMENT, "composite: \"c\" uses a tensor from outside", [&] {
        test::run(
            [&](const Tensors& in) {
                return composite("c", [&](const Tensors& t) { return Tensors{t[0] * in[1]}; }, {in[0]});
            },
            {f64({2}), f64({2})});
    });
}

TEST(Plumbing, MapsAndReductionsByFunctions) {
    const auto mapped = [](const Tensors& in) {
        return Tensors{map_elements(
            [](const Tensors& t) -> Tensors { return {select(greater(t[0], 0.0), t[0] * t[1], sin(t[1]))}; }, in)};
    };
    test::expect_gradient(mapped, {f64({2, 3}), f64({2, 3}, 2)});
    test::expect_mapped(mapped, {f64({2, 3}), f64({2, 3}, 2)});
    const auto largest = [](const Tensors& in) {  // the greatest and where it is
        return reduce_list(
            [](const Tensors& t) -> Tensors {
                const Tensor keeps = greater_equal(t[0], t[2]);
                return {select(keeps, t[0], t[2]), select(keeps, t[1], t[3])};
            },
            {in[0], iota(in[0].dims(), 1)}, {lowest(DataType::FLOAT64), zeros({}, DataType::INT32)}, {-1});
    };
    test::Oracle oracle;
    const HostArray x = f64({3, 4});
    const auto found = test::run(largest, {x});
    oracle.expect("x[0].max(1)", {x}, found[0]);
    oracle.expect("x[0].argmax(1).astype('i4')", {x}, found[1]);
    oracle.check();
    test::expect_mapped(largest, {x});
    expect_error(Code::INVALID_ARGUMENT, "map: the function must give 1 scalars", [] {
        map_elements([](const Tensors& t) -> Tensors { return {t[0], t[0]}; }, {zeros({2})});
    });
    expect_error(Code::UNIMPLEMENTED, "reduce: a function of several tensors has no gradient here",
                 [&] { test::run(test::gradient_of(largest), {x}); });
}

TEST(Plumbing, TokensHaveNoValueAndTransfersSayWhatTheyNeed) {
    const Tensor token = after_all({after_all()});
    EXPECT_TRUE(is_token(token));
    EXPECT_TRUE(is_token(outfeed({zeros({2})}, token)));
    EXPECT_TRUE(is_token(send({zeros({2})}, token, 3)));
    EXPECT_EQ(to_string(infeed(token, {Shape(DataType::FLOAT32, {2})})[0].shape()), "f32[2]");
    EXPECT_TRUE(is_token(recv(token, {Shape(DataType::FLOAT32, {2})}, 4)[1]));
    expect_error(Code::INVALID_ARGUMENT, "outfeed: f32[2] is no token; make one with after_all",
                 [] { outfeed({zeros({2})}, zeros({2})); });
    expect_error(Code::INVALID_ARGUMENT, "custom_call: a target and at least one result are needed",
                 [] { custom_call("", {}, {}); });
    expect_error(Code::UNIMPLEMENTED, "interp: custom_call has no reference", [] {
        test::run(
            [](const Tensors& in) {
                return custom_call("f", in, {in[0].shape()}, {{"n", std::int64_t{1}}});
            },
            {f64({2})});
    });
}

}  // namespace
}  // namespace podium
