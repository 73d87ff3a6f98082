#include "podium/transform/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "tests/support/error_of.h"

namespace podium {
namespace {

using test::error_of;
using testing::HasSubstr;

struct Layer {
    Tensor weight, bias;
    [[maybe_unused]] static constexpr std::array names{"weight", "bias"};
};
struct Model {
    std::vector<Layer> layers;
    std::optional<Tensor> scale;
    std::map<std::string, Tensor> extra;
    std::pair<Tensor, Tree> rest;
};

Tensor vector(const std::vector<double>& values) { return tensor(values); }

void expect_values(const Tensor& found, const std::vector<double>& expected, double tolerance = 1e-12) {
    const HostArray host = found.to_host();
    ASSERT_EQ(host.count(), static_cast<std::int64_t>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(host.as_double(static_cast<std::int64_t>(i)), expected[i], tolerance) << "element " << i;
}

/// Returns how many nodes of the row the tensors need, regions and composites aside.
std::size_t count_of(const Op& op, const Tensors& roots) {
    std::size_t count = 0;
    for (const Node* node : topological(roots)) count += node->op == &op ? 1 : 0;
    return count;
}

TEST(Grad, IsByTheFirstArgument) {
    const auto f = [](const Tensor& x, const Tensor& y) { return sum(x * x * y); };
    expect_values(grad(f)(vector({1, 2}), vector({3, 4})), {6, 16});
    const auto [value, gradient] = value_and_grad(f)(vector({1, 2}), vector({3, 4}));
    expect_values(value, {19});
    expect_values(gradient, {6, 16});
}

TEST(Grad, TakesNumbersAndOtherStaticArguments) {
    const auto f = [](const Tensor& x, int power, const std::string& mode) {
        return mode == "cube" ? sum(x * x * x) : sum(x) * power;
    };
    expect_values(grad(f)(vector({1, 2}), 7, std::string("line")), {7, 7});
    expect_values(grad(f)(vector({1, 2}), 7, std::string("cube")), {3, 12});
}

TEST(Grad, HandsOnWhatComesWithTheLoss) {
    struct Report {
        Tensor squares, count;
    };
    const auto f = [](const Tensor& x) {
        const Tensor squares = square(x);
        return std::pair(sum(squares), Report{squares, zeros({2}, DataType::INT32)});
    };
    const auto [result, gradient] = value_and_grad(f)(vector({1, 3}));
    expect_values(result.first, {10});
    expect_values(result.second.squares, {1, 9});
    expect_values(gradient, {2, 6});
    const auto [same, report] = grad(f)(vector({1, 3}));
    expect_values(same, {2, 6});
    expect_values(report.count, {0, 0});
}

TEST(Grad, HasTheFormOfItsArgument) {
    Tree tree;
    tree.set("h.0", vector({2}));
    tree.set("a", vector({5}));
    const Model model{{{vector({1}), vector({2})}, {vector({3}), vector({4})}},
                      vector({6}),
                      {{"z", vector({7})}, {"b", vector({8})}},
                      {vector({9}), tree}};
    const auto f = [](const Model& m) {
        Tensor total = zeros({1}, DataType::FLOAT64);
        double weight = 1;
        for_each_leaf(m, [&](const Tensor& leaf) { total = total + weight++ * square(leaf); });
        return sum(total);
    };
    const Model gradient = grad(f)(model);
    ASSERT_EQ(gradient.layers.size(), 2);
    expect_values(gradient.layers[1].bias, {4 * 2 * 4});
    expect_values(*gradient.scale, {5 * 2 * 6});
    expect_values(gradient.extra.at("b"), {6 * 2 * 8});
    expect_values(gradient.extra.at("z"), {7 * 2 * 7});
    expect_values(gradient.rest.second["a"], {10 * 2 * 5});
    Model smaller = model;
    smaller.scale.reset();
    EXPECT_FALSE(grad(f)(smaller).scale.has_value());
}

TEST(Grad, OfWhatIsNotUsedIsZero) {
    const auto f = [](const std::pair<Tensor, Tensor>& x) { return sum(x.first); };
    const auto gradient = grad(f)(std::pair(vector({1, 2}), vector({3})));
    expect_values(gradient.first, {1, 1});
    expect_values(gradient.second, {0});
}

TEST(Grad, ThrowsByIntegers) {
    expect_error(Code::DTYPE_MISMATCH,
                 "floating-point or complex tensors, a leaf is i32[2]; pass it as another argument", [] {
                     grad([](const std::pair<Tensor, Tensor>& x) { return sum(x.first); })(
                         std::pair(vector({1}), zeros({2}, DataType::INT32)));
                 });
}

TEST(Grad, ThrowsForALossThatIsNoScalar) {
    std::uint32_t line = 0;
    const auto error = error_of([&] {
        grad([&](const Tensor& x) {
            line = __LINE__ + 1;
            return tanh(x);
        })(vector({1, 2}));
    });
    EXPECT_EQ(error.code(), Code::SHAPE_MISMATCH);
    EXPECT_THAT(error.message(), HasSubstr("the function returned f64[2]; take its mean or sum"));
    EXPECT_EQ(error.context(), fmt::format("podium/transform/transform_test.cpp:{}", line));
    expect_error(Code::SHAPE_MISMATCH, "i32[]",
                 [] { grad([](const Tensor& x) { return convert(sum(x), DataType::INT32); })(vector({1})); });
}

TEST(Grad, NestsToHigherOrders) {
    auto cube = [](const Tensor& x) { return x * x * x * x; };
    const Tensor x = tensor(HostArray::scalar(1.5));
    expect_values(grad(cube)(x), {4 * std::pow(1.5, 3)});
    expect_values(grad(grad(cube))(x), {12 * std::pow(1.5, 2)});
    expect_values(grad(grad(grad(cube)))(x), {24 * 1.5});
    // The inner gradient is by another value than the outer: x and y must not be taken for one another.
    const auto mixed = [](const Tensor& x) { return grad([&](const Tensor& y) { return x * x * y * y; })(x) * x; };
    expect_values(grad(mixed)(x), {2 * 4 * std::pow(1.5, 3)});
}

TEST(Grad, OfOneTensorUsedOutsideIsByTheArgumentOnly) {
    const Tensor x = vector({2});
    expect_values(grad([&](const Tensor& y) { return sum(x * y); })(x), {2});
}

TEST(Vjp, GivesOneGradientAnArgument) {
    const auto f = [](const Tensor& x, const std::pair<Tensor, Tensor>& y) {
        return std::pair(x * y.first, y.second * 3.0);
    };
    const auto [result, back] = vjp(f, vector({1, 2}), std::pair(vector({3, 4}), vector({5})));
    expect_values(result.first, {3, 8});
    expect_values(result.second, {15});
    const auto [dx, dy] = back(std::pair(vector({1, 10}), vector({100})));
    expect_values(dx, {3, 40});
    expect_values(dy.first, {1, 20});
    expect_values(dy.second, {300});
    const auto again = back(std::pair(vector({0, 1}), vector({0})));
    expect_values(std::get<0>(again), {0, 4});
}

TEST(Remat, HasThePlainGradientAndComputesItsInsideAgain) {
    const auto inside = [](const Tensor& x, const Tensor& w) { return sin(exp(x * w)); };
    const auto loss = [](auto f) { return [f](const Tensor& x, const Tensor& w) { return sum(f(x, w) * x); }; };
    const Tensor x = vector({0.1, 0.7}), w = vector({0.5, -1});
    const Tensor plain = grad(loss(inside))(x, w), again = grad(loss(remat(inside)))(x, w),
                 kept = grad(loss(remat(inside, RematPolicy::EVERYTHING)))(x, w);
    const HostArray expected = plain.to_host();
    expect_values(again, {expected.as_double(0), expected.as_double(1)});
    expect_values(kept, {expected.as_double(0), expected.as_double(1)});
    EXPECT_EQ(count_of(rows::hold, {plain}), 0);
    EXPECT_EQ(count_of(rows::hold, {again}), 1);
    EXPECT_EQ(count_of(rows::hold, {kept}), 0);
    EXPECT_EQ(count_of(exp, {again}), 1) << "held until the cotangent is there; the first is inside the composite";
    const auto second = [&](auto f) {
        return grad([=](const Tensor& x) { return sum(square(grad(loss(f))(x, w))); })(x);
    };
    const HostArray twice = second(inside).to_host();
    expect_values(second(remat(inside)), {twice.as_double(0), twice.as_double(1)});
}

TEST(Remat, KeepsTheFormOfItsResult) {
    const auto f = remat([](const Layer& l) { return std::map<std::string, Tensor>{{"y", l.weight * l.bias}}; });
    expect_values(f(Layer{vector({2}), vector({3})}).at("y"), {6});
}

TEST(Scan, GoesOverTreesAndReturnsTrees) {
    Tree xs;
    xs.set("a", tensor<double>({3, 1}, {1, 2, 3}));
    xs.set("b", tensor<double>({3}, {10, 20, 30}));
    const auto body = [](const std::pair<Tensor, Tensor>& carry, const Tree& x) {
        const auto next = std::pair(carry.first + x["a"], carry.second * 2.0);
        return std::pair(next, Layer{next.first * x["b"], carry.second});
    };
    const auto start = std::pair(vector({0}), tensor(HostArray::scalar(1.0)));
    const auto [last, ys] = scan(body, start, xs);
    expect_values(last.first, {6});
    expect_values(last.second, {8});
    expect_values(ys.weight, {10, 60, 180});
    expect_values(ys.bias, {1, 2, 4});
    const auto [first, backwards] = scan(body, start, xs, true);
    expect_values(first.first, {6});
    expect_values(backwards.weight, {60, 100, 90});
    expect_values(backwards.bias, {4, 2, 1});
}

TEST(Scan, HasTheUnrolledGradient) {
    const auto looped = [](bool reversed) {
        return [reversed](const std::pair<Tensor, Tensor>& p) {
            const auto [last, ys] = scan(
                [&](const Tensor& carry, const Tensor& x) {
                    const Tensor next = tanh(carry * p.first + x);
                    return std::pair(next, next * carry);
                },
                zeros({2}, DataType::FLOAT64), p.second, reversed);
            return sum(last) + sum(ys);
        };
    };
    const auto unrolled = [](bool reversed) {
        return [reversed](const std::pair<Tensor, Tensor>& p) {
            Tensor carry = zeros({2}, DataType::FLOAT64), total = zeros({}, DataType::FLOAT64);
            for (int step = 0; step < 3; ++step) {
                const int i = reversed ? 2 - step : step;
                const Tensor next = tanh(carry * p.first + squeeze(slice_axis(p.second, 0, i, i + 1), 0));
                total = total + sum(next * carry);
                carry = next;
            }
            return sum(carry) + total;
        };
    };
    const auto p = std::pair(vector({0.1, -0.2}), tensor<double>({3, 2}, {1, 2, 3, 4, 5, 6}));
    const auto second = [](auto f) {
        return grad([f](const std::pair<Tensor, Tensor>& p) {
            const auto g = grad(f)(p);
            return sum(square(g.first)) + sum(g.second);
        });
    };
    for (const bool reversed : {false, true}) {
        const auto a = grad(looped(reversed))(p), b = grad(unrolled(reversed))(p);
        const auto c = second(looped(reversed))(p), d = second(unrolled(reversed))(p);
        const auto expect_equal = [](const Tensor& found, const Tensor& expected) {
            const HostArray x = found.to_host(), y = expected.to_host();
            for (std::int64_t i = 0; i < y.count(); ++i) EXPECT_NEAR(x.as_double(i), y.as_double(i), 1e-12);
        };
        expect_equal(a.first, b.first);
        expect_equal(a.second, b.second);
        expect_equal(c.first, d.first);
        expect_equal(c.second, d.second);
    }
}

TEST(Scan, NamesAShapeThatChangesWithTheUsersLine) {
    const std::uint32_t line = __LINE__ + 2;
    const auto error = error_of([] {
        scan(
            [](const Tensor& c, const Tensor& x) {
                return std::pair(concatenate({c, c}, 0), x);
            },
            zeros({2}), zeros({3}));
    });
    EXPECT_EQ(error.code(), Code::SHAPE_MISMATCH);
    EXPECT_THAT(error.message(), HasSubstr("carry 0 is f32[2] going in and f32[4] coming out"));
    EXPECT_EQ(error.context(), fmt::format("podium/transform/transform_test.cpp:{}", line));
}

TEST(Cond, GivesTheGradientOfTheBranchThatRuns) {
    const auto f = [](const Tensor& x, const Tensor& w, const Tensor& p) {
        return sum(cond(
            p, [&](const Tensors& v) -> Tensors { return {v[0] * v[0] * w}; },
            [&](const Tensors& v) -> Tensors { return {sin(v[0])}; }, {x})[0]);
    };
    const Tensor x = vector({2, 3}), w = vector({5, 7});
    const Tensor yes = tensor(HostArray::scalar(true)), no = tensor(HostArray::scalar(false));
    expect_values(grad(f)(x, w, yes), {20, 42});
    expect_values(grad(f)(x, w, no), {std::cos(2.0), std::cos(3.0)});
    const auto by_w = [&](const Tensor& w, const Tensor& p) { return f(x, w, p); };
    expect_values(grad(by_w)(w, yes), {4, 9});
    expect_values(grad(by_w)(w, no), {0, 0});
}

TEST(While, HasAGradientWhateverItsLength) {
    const auto f = [&](const Tensor& x) {
        return sum(while_loop([](const Tensors& s) -> Tensors { return {less(sum(s[0]), 10.0)}; },
                              [](const Tensors& s) -> Tensors { return {s[0] * 2.0}; }, {x})[0]);
    };
    const auto [value, gradient] = value_and_grad(f)(vector({1, 2}));
    expect_values(value, {12});
    expect_values(gradient, {4, 4});
    expect_values(grad(f)(vector({20, 1})), {1, 1});
    const auto stopped = [&](const Tensor& x) { return sum(x) + stop_gradient(f(x)); };
    expect_values(grad(stopped)(vector({1, 2})), {1, 1});
}

}  // namespace
}  // namespace podium
