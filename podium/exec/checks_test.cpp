#include "podium/transform/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "podium/exec/jit.h"
#include "podium/ir/ops.h"
#include "tests/support/error_of.h"

namespace podium {
namespace {

using test::error_of;
using testing::HasSubstr;

constexpr Checks ALL{.nan = true, .infinity = true, .index = true, .condition = true};

/// Returns the line of source that "podium/exec/checks_test.cpp:12" names.
std::string line_at(const std::string& place) {
    const auto colon = place.find(':');
    std::ifstream file(place.substr(0, colon));
    std::string line;
    for (auto left = colon == std::string::npos ? 0 : std::stoi(place.substr(colon + 1)); left > 0; --left)
        std::getline(file, line);
    return line;
}

/// Expects that the call fails with the code and the words, in the line of this file that holds `source`.
void expect_failure(const std::function<void()>& call, Code code, const char* words, const char* source) {
    const Error error = error_of(call);
    EXPECT_EQ(name(error.code()), name(code));
    EXPECT_THAT(error.message(), HasSubstr(words));
    EXPECT_THAT(line_at(error.context()), HasSubstr(source)) << error.what();
}

Tensor vector(const std::vector<double>& values) { return tensor(values); }
Tensor index(std::int32_t value) { return tensor(HostArray::scalar(value)); }

TEST(Checkify, NamesTheFirstOperationThatMadeANaN) {
    const auto f = checkify([](const Tensor& x) {
        const Tensor y = x - 1.0;
        return sqrt(sum(log(y) * 2.0));
    });
    EXPECT_NEAR(f(vector({3, 3})).item<double>(), std::sqrt(4 * std::log(2.0)), 1e-15);
    expect_failure([&] { f(vector({3, 0.5})); }, Code::NOT_FINITE, "log f64[2] made NaN", "log(y)");
    EXPECT_EQ(f.stats().traces, 1);
}

TEST(Checkify, NamesTheArgumentThatHoldsANaN) {
    const auto f = checkify([](const Tensor& x) { return x + 1.0; }, {.nan = true}, {.names = {"x"}});
    const auto error = error_of([&] { f(vector({std::nan("")})); });
    EXPECT_THAT(error.message(), HasSubstr("argument x f64[1] holds NaN"));
}

TEST(Checkify, SaysNothingOfInfinitiesThatWereThereBefore) {
    const auto masked = [](const Tensor& x) {
        const auto infinity = std::numeric_limits<double>::infinity();
        return exp(select(less(x, 0.0), -infinity, x));
    };
    EXPECT_EQ(checkify(masked, ALL)(vector({-1, 0})).to_host(), HostArray::of<double>({2}, {0, 1}));
    expect_failure(
        [&] {
            checkify(masked, ALL)(vector({-1, 1000}));
        },
        Code::NOT_FINITE, "made an infinity", "exp(select");
    EXPECT_TRUE(std::isinf(checkify(masked)(vector({1000})).item<double>()));  // asked for NaN only
}

TEST(Checkify, LooksIntoScansAndTellsTheirFirstFailure) {
    const auto f = checkify([](const Tensor& xs) {
        return scan([](const Tensor& carry, const Tensor& x) { return std::pair(carry + sqrt(x), log(x + 2.0)); },
                    zeros({}, DataType::FLOAT64), xs)
            .first;
    });
    EXPECT_EQ(f(vector({1, 4, 9})).item<double>(), 6);
    expect_failure([&] { f(vector({1, -1, -4})); }, Code::NOT_FINITE, "sqrt f64[] made NaN", "carry + sqrt");
}

TEST(Checkify, LooksIntoLoopsBranchesAndWhatIsComputedAgain) {
    const auto loop = checkify([](const Tensor& x) {
        return while_loop([](const Tensors& s) -> Tensors { return {less(s[0], 3)}; },
                          [](const Tensors& s) -> Tensors {
                              return {s[0] + 1, log(s[1])};
                          },
                          {zeros({}, DataType::INT32), x})[1];
    });
    expect_failure([&] { loop(vector({2})); }, Code::NOT_FINITE, "log f64[1] made NaN", "log(s[1])");
    const auto branch = checkify([](const Tensor& x) {
        return cond(
            less(sum(x), 0.0), [](const Tensors& in) -> Tensors { return {sqrt(in[0])}; },
            [](const Tensors& in) -> Tensors { return {in[0]}; }, {x})[0];
    });
    EXPECT_EQ(branch(vector({4})).to_host(), HostArray::of<double>({1}, {4}));
    expect_failure([&] { branch(vector({-4})); }, Code::NOT_FINITE, "sqrt f64[1] made NaN", "sqrt(in[0])");
    const auto again = checkify(grad(remat([](const Tensor& x) { return sum(sqrt(x)); })), ALL);
    expect_failure([&] { again(vector({0})); }, Code::NOT_FINITE, "made an infinity", "remat");
}

TEST(Checkify, FindsIndicesOutside) {
    const auto rows = checkify([](const Tensor& x, const Tensor& i) { return take(x, i); });
    const Tensor table = tensor({3, 2}, std::vector<double>{1, 2, 3, 4, 5, 6});
    EXPECT_EQ(rows(table, tensor<std::int32_t>({2, 0})).to_host(), HostArray::of<double>({2, 2}, {5, 6, 1, 2}));
    for (const auto wrong : {-1, 3})
        expect_failure(
            [&] {
                rows(table, tensor<std::int32_t>({2, wrong}));
            },
            Code::OUT_OF_RANGE, "gather f64[2,2]: an index lies outside of f64[3,2]", "take(x, i)");
    const auto piece = checkify([](const Tensor& x, const Tensor& at) {
        return dynamic_slice(x, {at, zeros({}, DataType::INT32)}, {2, 2});
    });
    EXPECT_EQ(piece(table, index(1)).dim(0), 2);
    expect_failure([&] { piece(table, index(2)); }, Code::OUT_OF_RANGE, "dynamic_slice", "dynamic_slice(x");
    const auto written = checkify([](const Tensor& x, const Tensor& at) {
        return dynamic_update_slice(x, ones({2, 2}, DataType::FLOAT64), {at, zeros({}, DataType::INT32)});
    });
    expect_failure([&] { written(table, index(-1)); }, Code::OUT_OF_RANGE, "dynamic_update_slice",
                   "dynamic_update_slice(x");
    const auto sums = checkify([](const Tensor& x, const Tensor& to) { return segment_reduce(add, x, to, 2); });
    EXPECT_EQ(sums(vector({1, 2, 3}), tensor<std::int32_t>({1, 0, 1})).to_host(), HostArray::of<double>({2}, {2, 4}));
    expect_failure(
        [&] {
            sums(vector({1, 2, 3}), tensor<std::int32_t>({1, 0, 2}));
        },
        Code::OUT_OF_RANGE, "scatter", "segment_reduce(add");
}

TEST(Checkify, ThrowsWhatTheUserAsserts) {
    const auto rate = [](const Tensor& x) {
        const Tensor y = check(x, greater(x, 0.0), "rates must be positive");
        return sum(y * y);
    };
    const Tensor good = vector({1, 2}), bad = vector({1, -2});
    EXPECT_EQ(checkify(rate)(good).item<double>(), 5);
    expect_failure([&] { checkify(rate)(bad); }, Code::FAILED_PRECONDITION, "rates must be positive", "check(x");
    expect_failure([&] { checkify(grad(rate))(bad); }, Code::FAILED_PRECONDITION, "rates must be positive", "check(x");
    expect_failure(
        [&] {
            checkify(vmap(rate))(tensor({2, 2}, std::vector<double>{1, 2, 1, -2}));
        },
        Code::FAILED_PRECONDITION, "rates must be positive", "check(x");
    EXPECT_EQ(rate(bad).item<double>(), 5);  // not asked for
    EXPECT_EQ(grad(rate)(bad).to_host(), HostArray::of<double>({2}, {2, -4}));
}

TEST(Checkify, CostsNothingWhenOff) {
    const auto plain = jit([](const Tensor& x) { return take(log(x), zeros({1}, DataType::INT32)); });
    const auto asserted = jit(
        [](const Tensor& x) { return take(log(check(x, greater(x, 0.0), "positive")), zeros({1}, DataType::INT32)); });
    plain(vector({1, 2}));
    asserted(vector({1, 2}));
    const auto without_places = [](std::string text) {
        for (auto at = text.find("loc("); at != std::string::npos; at = text.find("loc(", at))
            text.erase(at, text.find(')', at) - at);
        return text;
    };
    EXPECT_EQ(without_places(plain.text()), without_places(asserted.text()));
    EXPECT_NE(without_places(plain.text()), without_places(checkify(asserted).text()));
}

TEST(Checkify, GivesTheMemoryOfDonatedArguments) {
    const auto f = checkify([](const Tensor& x) { return x * 2.0; }, ALL, {.donate = {0}});
    Tensor x = vector({1, 2});
    const Tensor kept = x;
    EXPECT_EQ(f(std::move(x)).to_host(), HostArray::of<double>({2}, {2, 4}));
    EXPECT_EQ(error_of([&] { kept.to_host(); }).code(), Code::DONATED);
}

}  // namespace
}  // namespace podium
