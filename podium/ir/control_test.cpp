#include "podium/ir/control.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::expect_gradient;
using test::f64;

/// h' = tanh(h W + x) over x's rows, W captured; an integer carry counts and scales.
TensorFunction recurrence(bool reversed) {
    return [=](const Tensors& in) {
        const Tensor count = scalar_of(DataType::INT32, 1);
        return scan_list(
            [&](const Tensors& t) {
                const Tensor h = tanh(matmul(t[0], in[2]) + t[2]);
                return Tensors{h, t[1] + 1, h * convert(t[1], DataType::FLOAT64)};
            },
            {in[0], count}, {in[1]}, 4, reversed);
    };
}

/// An inner scan over the columns, whose captures are the outer's carry and a constant.
Tensors nested(const Tensors& in) {
    return scan_list(
        [&](const Tensors& outer) {
            const Tensors inner = scan_list(
                [&](const Tensors& t) {
                    const Tensor next = sin(t[0] * outer[0] + t[1]);
                    return Tensors{next, next * in[2]};
                },
                {in[2]}, {outer[1]}, 3);
            return Tensors{inner[0] + outer[0], sum(inner[1])};
        },
        {in[0]}, {in[1]}, 2);
}

TEST(Control, ScansAreJaxs) {
    test::Oracle oracle;
    const std::vector<HostArray> inputs{f64({3}), f64({4, 3}, 2), f64({3, 3}, 3)};
    for (const bool reversed : {false, true}) {
        const auto results = test::run(recurrence(reversed), inputs);
        constexpr const char* JAX =
            "(lambda step: (lambda r: (r[0][0], r[0][1], r[1]))(lax.scan(step, (x[0], np.int32(1)), x[1], "
            "reverse={})))(lambda c, x_: (lambda h: ((h, c[1] + 1), h * c[1]))(jnp.tanh(c[0] @ x[2] + x_)))[{}]";
        for (std::size_t i = 0; i < 3; ++i)
            oracle.expect(fmt::format(fmt::runtime(JAX), reversed ? "True" : "False", i), inputs, results[i]);
    }
    oracle.expect("jnp.cumsum(x[0], 0)", {f64({5, 2})},
                  test::run(
                      [](const Tensors& in) {
                          return Tensors{scan_list(
                              [](const Tensors& t) {
                                  return Tensors{t[0] + t[1], t[0] + t[1]};
                              },
                              {zeros({2}, DataType::FLOAT64)}, {in[0]}, 5)[1]};
                      },
                      {f64({5, 2})})[0]);
    oracle.check();
}

TEST(Control, GradientsOfScansMatchCentralDifferences) {
    const std::vector<HostArray> inputs{f64({3}), f64({4, 3}, 2), f64({3, 3}, 3)};
    expect_gradient(recurrence(false), inputs);
    expect_gradient(recurrence(true), inputs);
    test::expect_mapped(recurrence(false), inputs);
    test::expect_mapped(recurrence(true), inputs);
    expect_gradient(nested, {f64({}), f64({2, 3}, 2), f64({}, 3)});
    test::expect_mapped(nested, {f64({}), f64({2, 3}, 2), f64({}, 3)});
    test::expect_mapped(test::gradient_of(nested), {f64({}), f64({2, 3}, 2), f64({}, 3)});
}

TEST(Control, GradientsFlowThroughOneResultOfAScanAlone) {
    const auto only = [](std::size_t result) {
        return [=](const Tensors& in) { return Tensors{recurrence(false)(in)[result]}; };
    };
    const std::vector<HostArray> inputs{f64({3}), f64({4, 3}, 2), f64({3, 3}, 3)};
    expect_gradient(only(0), inputs);
    expect_gradient(only(2), inputs);
}

TEST(Control, GradientsOfScansWithoutStacksMatchCentralDifferences) {
    const auto power = [](const Tensors& in) {
        return scan_list([&](const Tensors& t) { return Tensors{t[0] * in[1] + sin(t[0])}; }, {in[0]}, {}, 3);
    };
    expect_gradient(power, {f64({2}), f64({2}, 2)});
    expect_gradient([](const Tensors& in) { return scan_list([](const Tensors& t) { return t; }, {in[0]}, {}, 0); },
                    {f64({2})});
}

TEST(Control, SecondDerivativesOfScansMatchCentralDifferences) {
    const test::GradientCheck check{.step = 1e-4, .tolerance = 1e-5};
    expect_gradient(test::gradient_of(recurrence(false)), {f64({2}), f64({4, 2}, 2), f64({2, 2}, 3)}, check);
    expect_gradient(test::gradient_of(nested), {f64({}), f64({2, 3}, 2), f64({}, 3)}, check);
}

TEST(Control, RematGivesTheSameValueAndGradient) {
    const auto block = [](const Tensors& t) { return Tensors{tanh(matmul(t[0], t[1])), sum(t[0])}; };
    const std::vector<HostArray> inputs{f64({2, 3}), f64({3, 3}, 2)};
    const auto remat = [&](const Tensors& in) { return remat_list(block, in); };
    EXPECT_EQ(test::run(remat, inputs), test::run(block, inputs));
    EXPECT_EQ(test::run(test::gradient_of(remat), inputs), test::run(test::gradient_of(block), inputs));
    expect_gradient(remat, inputs);
    expect_gradient(test::gradient_of(remat), inputs);
    test::expect_mapped(remat, inputs);
    test::expect_mapped(test::gradient_of(remat), inputs);
    const auto captured = [](const Tensors& in) {
        return remat_list([&](const Tensors& t) { return Tensors{t[0] * sin(in[1])}; }, {in[0]});
    };
    expect_gradient(captured, {f64({3}), f64({3}, 2)});
}

TEST(Control, RematInsideAScanMatchesCentralDifferences) {
    const auto f = [](const Tensors& in) {
        return scan_list(
            [&](const Tensors& t) {
                const Tensor h =
                    remat_list([&](const Tensors& r) { return Tensors{tanh(matmul(r[0], in[2]) + r[1])}; }, t)[0];
                return Tensors{h, sum(h)};
            },
            {in[0]}, {in[1]}, 4);
    };
    expect_gradient(f, {f64({3}), f64({4, 3}, 2), f64({3, 3}, 3)});
}

TEST(Control, ScanInsideARematMatchesCentralDifferences) {
    expect_gradient([](const Tensors& in) { return remat_list(recurrence(false), in); },
                    {f64({3}), f64({4, 3}, 2), f64({3, 3}, 3)});
}

TEST(Control, TheBranchThatIsNamedRuns) {
    const auto branch = [](double by) { return [by](const Tensors& t) { return Tensors{t[0] * by}; }; };
    const std::vector<TensorFunction> branches{branch(1), branch(10), branch(100)};
    for (const auto& [index, factor] : {std::pair{0, 1.0}, {1, 10.0}, {2, 100.0}, {3, 100.0}, {-1, 100.0}}) {
        const auto f = [&, index = index](const Tensors& in) {
            return switch_case(scalar_of(DataType::INT32, index), branches, in);
        };
        EXPECT_EQ(test::run(f, {HostArray::scalar(2.0)})[0].as_double(0), 2 * factor) << index;
    }
}

TEST(Control, GradientsOfChoicesMatchCentralDifferences) {
    for (const double sign : {1.0, -1.0}) {
        const auto f = [&](const Tensors& in) {
            return cond(
                greater(sum(in[0]) * sign, -100 * sign), [&](const Tensors& t) { return Tensors{sin(t[0]) * in[1]}; },
                [&](const Tensors& t) { return Tensors{exp(t[0]) + t[1]}; }, in);
        };
        expect_gradient(f, {f64({3}), f64({3}, 2)});
        expect_gradient(test::gradient_of(f), {f64({3}), f64({3}, 2)});
        test::expect_mapped(f, {f64({3}), f64({3}, 2)});
    }
}

TEST(Control, WhileLoopsRunUntilTheConditionFails) {
    const auto f = [](const Tensors& in) {
        const Tensor limit = in[1] * 2;
        return while_loop([&](const Tensors& t) { return Tensors{less(t[0], limit)}; },
                          [&](const Tensors& t) {
                              return Tensors{t[0] + in[0], t[1] * 2};
                          },
                          {in[0], scalar_of(DataType::INT32, 1)});
    };
    const auto results = test::run(f, {HostArray::scalar(3.0), HostArray::scalar(5.0)});
    EXPECT_EQ(results[0].as_double(0), 12.0);
    EXPECT_EQ(results[1].as_double(0), 8.0);
}

/// x times factor until its sum passes `limit`; both are inputs.
Tensors grown(const Tensors& in, double limit) {
    return while_loop([&](const Tensors& t) { return Tensors{less(sum(abs(t[0])), limit)}; },
                      [&](const Tensors& t) {
                          return Tensors{t[0] * in[1] + sin(t[0]) * 0.01, t[1] + 1};
                      },
                      {in[0], zeros({}, DataType::INT32)});
}

TEST(Control, GradientsOfLoopsOfUnknownLengthMatchCentralDifferences) {
    const HostArray x = HostArray::of<double>({2}, std::vector<double>{0.3, -0.2});
    const auto factor = [](double by) { return HostArray::of<double>({2}, std::vector<double>{by, by}); };
    const auto f = [](const Tensors& in) { return grown(in, 9.0); };
    EXPECT_EQ(test::run(f, {x, factor(1.5)})[1].as_double(0), 8);
    expect_gradient(f, {x, factor(1.5)});
    expect_gradient(f, {x, factor(1.02)}, {.tolerance = 1e-5});  // more steps than checkpoints
    EXPECT_GT(test::run(f, {x, factor(1.02)})[1].as_double(0), 64);
    expect_gradient(test::gradient_of(f), {x, factor(1.7)}, {.step = 1e-4, .tolerance = 1e-4});
    expect_gradient([](const Tensors& in) { return grown(in, -1.0); }, {x, factor(1.5)});  // no step at all
}

TEST(Control, GradientsOfLoopsInLoopsAndChoicesMatchCentralDifferences) {
    const auto f = [](const Tensors& in) {
        const auto step = [&](const Tensors& t) {
            const Tensors inner =
                while_loop([](const Tensors& w) { return Tensors{less(w[0], 3)}; },
                           [&](const Tensors& w) {
                               const Tensor next = cond(
                                   greater(sum(w[1]), 0.0), [](const Tensors& c) { return Tensors{sin(c[0]) + c[1]}; },
                                   [](const Tensors& c) { return Tensors{c[0] * c[1] - 0.5}; }, {w[1], t[1]})[0];
                               return Tensors{w[0] + 1, next};
                           },
                           {zeros({}, DataType::INT32), t[0]});
            return Tensors{inner[1], inner[1] * in[0]};
        };
        return scan_list(step, {in[0]}, {in[1]}, 3);
    };
    expect_gradient(f, {f64({2}), f64({3, 2}, 2)});
    test::expect_mapped(f, {f64({2}), f64({3, 2}, 2)});
}

TEST(Control, EachExampleRunsItsOwnLoopAndItsOwnBranch) {
    test::expect_mapped([](const Tensors& in) { return grown(in, 9.0); },
                        {HostArray::of<double>({3}, std::vector<double>{0.3, -2.0, 0.1}),
                         HostArray::of<double>({3}, std::vector<double>{1.5, 2.0, 1.1})});
    test::expect_mapped(
        [](const Tensors& in) {
            const auto by = [](double factor) {
                return [=](const Tensors& t) { return Tensors{t[0] * factor, sum(t[0])}; };
            };
            return switch_case(squeeze(slice(in[1], {0}, {1}), 0),
                               std::vector<TensorFunction>{by(2.0), by(3.0), by(5.0)}, {in[0]});
        },
        {f64({2}), HostArray::of<std::int32_t>({3}, std::vector<std::int32_t>{1, -1, 7})});
}

TEST(Control, BarriersHandValuesAndGradientsOn) {
    expect_gradient(
        [](const Tensors& in) {
            return optimization_barrier({in[0] * 2, in[1]});
        },
        {f64({3}), f64({2}, 2)});
}

TEST(Control, ErrorsSayWhichShapesMustStay) {
    const Tensor x = zeros({2}), go = zeros({}, DataType::BOOL);
    const auto grow = [](const Tensors& t) { return Tensors{concatenate({t[0], t[0]}, 0)}; };
    const auto keep = [](const Tensors& t) { return t; };
    expect_error(Code::SHAPE_MISMATCH, "scan: carry 0 is f32[2] going in and f32[4] coming out; the shapes must stay",
                 [&] { scan_list(grow, {x}, {}, 3); });
    expect_error(Code::SHAPE_MISMATCH, "scan: f32[2] has no first dimension of length 3",
                 [&] { scan_list(keep, {}, {x}, 3); });
    expect_error(Code::SHAPE_MISMATCH, "scan: the body returned 0 tensors, 1 are carried",
                 [&] { scan_list([](const Tensors&) { return Tensors{}; }, {x}, {}, 3); });
    expect_error(Code::SHAPE_MISMATCH,
                 "while_loop: tensor 0 is f32[2] going in and f32[4] coming out; the shapes must stay",
                 [&] { while_loop([&](const Tensors&) { return Tensors{go}; }, grow, {x}); });
    expect_error(Code::SHAPE_MISMATCH, "while_loop: the condition must return one bool scalar",
                 [&] { while_loop(keep, keep, {x}); });
    expect_error(Code::SHAPE_MISMATCH, "switch_case: tensor 0 is f32[2] in one branch and f32[4] in another",
                 [&] { cond(go, keep, grow, {x}); });
    expect_error(Code::DTYPE_MISMATCH, "cond: the predicate must be bool[], got f32[2]",
                 [&] { cond(x, keep, keep, {x}); });
}

TEST(Scan, OfNoStepsIsItsCarry) {
    const auto f = [](const Tensors& in) {
        return scan_list([](const Tensors& t) { return Tensors{t[0] * t[1], t[0] + t[1]}; }, {in[0]}, {in[1]}, 0);
    };
    const std::vector<HostArray> inputs{test::f64({3}), HostArray(Shape(DataType::FLOAT64, {0, 3}))};
    const auto found = test::run(f, inputs);
    EXPECT_EQ(found[0], inputs[0]);
    EXPECT_EQ(found[1].shape(), inputs[1].shape());
    test::expect_gradient([&](const Tensors& in) { return Tensors{f(in)[0]}; }, inputs);
}

}  // namespace
}  // namespace podium
