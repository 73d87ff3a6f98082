#include "podium/optim/state_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "podium/base/expect_error.h"
#include "podium/config/config.h"
#include "podium/optim/adam.h"
#include "podium/optim/dynamic_code.h"
#include "podium/optim/optimizers.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/python.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

/// Returns the 256 values in order. Source: bitsandbytes, create_dynamic_map(signed, 7, 8).
std::vector<double> dynamic_map(CodeSign sign) {
    std::vector<double> values{0.0, 1.0};
    for (int i = 0; i < 7; ++i) {
        const int items = 1 << (sign == CodeSign::SIGNED ? i : i + 1);
        for (int k = 0; k < items; ++k) {
            const double low = 0.1 + 0.9 * k / items, high = 0.1 + 0.9 * (k + 1) / items;
            values.push_back(std::pow(10.0, i - 6) * (low + high) / 2.0);
            if (sign == CodeSign::SIGNED) values.push_back(-values.back());
        }
    }
    std::sort(values.begin(), values.end());
    return values;
}

struct HostCodes {
    std::vector<int> codes;
    std::vector<double> scales;
};

/// Source: Dettmers et al. 2022, arXiv:2110.02861, section 2.2: the nearest of the values, in blocks of 2,048.
HostCodes encoded_by_search(const std::vector<double>& x, CodeSign sign) {
    const auto values = dynamic_map(sign);
    HostCodes result;
    for (std::size_t begin = 0; begin < x.size(); begin += 2048) {
        const std::size_t end = std::min(begin + 2048, x.size());
        double scale = 0.0;
        for (std::size_t i = begin; i < end; ++i) scale = std::max(scale, std::abs(x[i]));
        result.scales.push_back(scale);
        for (std::size_t i = begin; i < end; ++i) {
            int best = 0;
            for (int code = 1; code < 256; ++code)
                if (std::abs(values[code] - x[i] / scale) < std::abs(values[best] - x[i] / scale)) best = code;
            result.codes.push_back(best);
        }
    }
    return result;
}

std::vector<double> numbers(const HostArray& array) {
    std::vector<double> result;
    for (std::int64_t i = 0; i < array.count(); ++i) result.push_back(array.as_double(i));
    return result;
}

/// Returns numbers of all magnitudes from 1e-9 to 1.
std::vector<float> spread_numbers(std::int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> exponent(-9.0, 0.0);
    std::vector<float> result;
    for (std::int64_t i = 0; i < count; ++i)
        result.push_back(static_cast<float>((random() % 2 == 0 ? 1.0 : -1.0) * std::pow(10.0, exponent(random))));
    return result;
}

TEST(DynamicCode, ValuesAreThoseOfTheDynamicMap) {
    std::vector<std::uint8_t> codes(256);
    for (int i = 0; i < 256; ++i) codes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
    for (const auto sign : {CodeSign::SIGNED, CodeSign::UNSIGNED}) {
        const Coded coded{tensor<std::uint8_t>({16, 16}, codes), full({1}, 3.0)};
        const auto found = numbers(test::interpreted({decoded(coded, sign, DataType::FLOAT64)})[0]);
        const auto expected = dynamic_map(sign);
        ASSERT_EQ(expected.size(), 256U);
        for (std::size_t i = 0; i < 256; ++i)
            EXPECT_NEAR(found[i], 3.0 * expected[i], 4e-7 * std::abs(3.0 * expected[i])) << i;
    }
}

TEST(DynamicCode, CodesAreTheNearestValues) {
    for (const std::int64_t count : {2048, 5000, 1})
        for (const auto sign : {CodeSign::SIGNED, CodeSign::UNSIGNED}) {
            auto x = spread_numbers(count, 5);
            for (auto& each : x)
                if (sign == CodeSign::UNSIGNED) each = std::abs(each);
            const Coded coded = encoded(tensor<float>({count, 1}, x), sign);
            const auto found = test::interpreted({coded.codes, coded.scales});
            const auto expected = encoded_by_search({x.begin(), x.end()}, sign);
            for (std::int64_t i = 0; i < count; ++i)
                EXPECT_EQ(found[0].as_double(i), expected.codes[static_cast<std::size_t>(i)])
                    << x[static_cast<std::size_t>(i)];
            EXPECT_EQ(numbers(found[1]), expected.scales);
            EXPECT_EQ(found[0].shape(), Shape(DataType::UINT8, {count, 1}));
        }
}

TEST(DynamicCode, BlocksOfZerosStayAndThoseOfNoNumbersShow) {
    const auto there_and_back = [](const Tensor& x) {
        return numbers(test::interpreted({decoded(encoded(x, CodeSign::SIGNED), CodeSign::SIGNED, x.type())})[0]);
    };
    EXPECT_THAT(there_and_back(zeros({3})), ::testing::Each(0.0));
    for (const double value : {HUGE_VAL, std::nan("")})
        EXPECT_FALSE(std::isfinite(there_and_back(full({2}, value))[0]));
}

constexpr std::int64_t SIDE = 72;  // 5,184 elements: two blocks and a part of one

HostTree matrix_and_bias(const std::vector<float>& weight, float bias) {
    const auto side = static_cast<std::int64_t>(std::sqrt(weight.size()));
    return TreeBuilder<HostArray>()
        .add("h.weight", HostArray::of<float>({side, side}, weight))
        .add("h.bias", HostArray::of<float>({1}, {bias}))
        .build();
}

HostTree state_before(Backend& backend, const GradientTransform& optimizer, const HostTree& parameters) {
    return TreeProgram(backend, {parameters}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{optimizer.init(trees[0])};
    })({parameters})[0];
}

/// Dequantize, update, quantize. Source: Dettmers et al. 2022, arXiv:2110.02861, section 2; Kingma and Ba 2015.
TEST(StateType, EightBitAdamIsThePapers) {
    const auto backend = make_interp_backend();
    const auto optimizer = make({.name = "adam", .learning_rate = 0.1, .state_type = StateType::EIGHT_BIT});
    const HostTree parameters = matrix_and_bias(spread_numbers(SIDE * SIDE, 1), 1.0F);
    HostTree state = state_before(*backend, optimizer, parameters);
    const TreeProgram step(*backend, {parameters, state}, [&](const std::vector<Tree>& trees) {
        const auto [updates, next] = optimizer.update(trees[0], trees[1], trees[0]);
        return std::vector<Tree>{updates, next};
    });
    const std::string first = "adam.scale_by_adam.first_moment.", second = "adam.scale_by_adam.second_moment.";
    EXPECT_EQ(state[first + "h.bias"].type(), DataType::FLOAT32);
    const auto moment = [&](const std::string& path, CodeSign sign) {
        const auto values = dynamic_map(sign);
        std::vector<double> result;
        for (std::int64_t i = 0; i < SIDE * SIDE; ++i)
            result.push_back(values[static_cast<std::size_t>(state[path].as_double(i))] *
                             state["scales." + path + ".blocks"].as_double(i / 2048));
        return result;
    };
    for (int t = 1; t <= 10; ++t) {
        const auto g = spread_numbers(SIDE * SIDE, static_cast<unsigned>(t));
        auto m = moment(first + "h.weight", CodeSign::SIGNED), v = moment(second + "h.weight", CodeSign::UNSIGNED);
        auto results = step({matrix_and_bias(g, 0.5F), state});
        for (std::size_t i = 0; i < g.size(); ++i) {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * static_cast<double>(g[i]) * g[i];
            const double update =
                -0.1 * (m[i] / (1 - std::pow(0.9, t))) / (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8);
            ASSERT_NEAR(results[0]["h.weight"].as_double(static_cast<std::int64_t>(i)), update,
                        4e-5 * std::max(1.0, std::abs(update)));
        }
        state = std::move(results[1]);
        for (const auto& [path, sign, expected] :
             {std::tuple(first, CodeSign::SIGNED, m), std::tuple(second, CodeSign::UNSIGNED, v)}) {
            const auto codes = encoded_by_search(expected, sign).codes;
            for (std::size_t i = 0; i < codes.size(); ++i)
                ASSERT_EQ(state[path + "h.weight"].as_double(static_cast<std::int64_t>(i)), codes[i])
                    << path << ", step " << t << ", element " << i;
        }
    }
}

TEST(StateType, MeansOfGradientsInBf16AreOptaxsMuDtype) {
    // optax decays the mean in bf16: a decay that is a number of bf16 leaves nothing but that product's rounding.
    constexpr auto SCRIPT = R"(
import jax, jax.numpy as jnp, optax
optimizer = optax.adam(0.1, b1=0.875, mu_dtype=jnp.bfloat16)
p = jnp.asarray([0.5, 1.5, -2.5, 0.01])
state = optimizer.init(p)
for t in range(1, 31):
    updates, state = optimizer.update(jnp.sin(0.7 * t + jnp.arange(4.0)), state, p)
    print(*state[0].mu.astype(jnp.float32).tolist(), *updates.tolist())
)";
    std::istringstream expected(test::run_python(SCRIPT));
    const auto optimizer = stored_in(StateType::BF16, adam(0.1, {.beta1 = 0.875}));
    const Tree parameters = TreeBuilder<Tensor>().add("w", tensor<float>({4}, {0.5, 1.5, -2.5, 0.01F})).build();
    Tree state = optimizer.init(parameters);
    EXPECT_EQ(state["scale_by_adam.first_moment.w"].type(), DataType::BFLOAT16);
    for (int t = 1; t <= 30; ++t) {
        const Tree gradients = TreeBuilder<Tensor>().add("w", sin(0.7 * t + arange(4, DataType::FLOAT32))).build();
        const auto [updates, next] = optimizer.update(gradients, state, parameters);
        state = next.map([](const Tensor& leaf) { return tensor(test::interpreted({leaf})[0]); });
        const auto arrays = test::interpreted({state["scale_by_adam.first_moment.w"], updates["w"]});
        for (int i = 0; i < 4; ++i) {
            double mean = 0.0;
            ASSERT_TRUE(expected >> mean);
            EXPECT_NEAR(arrays[0].as_double(i), mean, std::ldexp(1.0, -6)) << t;  // one unit of numbers up to 2
        }
        for (int i = 0; i < 4; ++i) {
            double update = 0.0;
            ASSERT_TRUE(expected >> update);
            EXPECT_NEAR(arrays[1].as_double(i), update, 2e-3) << t;
        }
    }
}

TEST(StateType, MeansOfSquaresInBf16DecayThoughAStepIsLessThanHalfAUnit) {
    constexpr std::size_t COUNT = 256;
    const auto optimizer = stored_in(StateType::BF16, adam(0.1));
    const auto backend = make_interp_backend();
    const HostTree equal = matrix_and_bias(std::vector<float>(COUNT, 1.0F), 1.0F);
    const HostTree none = matrix_and_bias(std::vector<float>(COUNT, 0.0F), 0.0F);
    HostTree state = state_before(*backend, optimizer, equal);
    const TreeProgram step(*backend, {equal, state}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{optimizer.update(trees[0], trees[1], trees[0]).second};
    });
    state = step({equal, state})[0];
    for (int t = 0; t < 200; ++t) state = step({none, state})[0];
    const HostArray& squares = state["scale_by_adam.second_moment.h.weight"];
    EXPECT_EQ(squares.type(), DataType::BFLOAT16);
    double mean = 0.0;
    for (const double square : numbers(squares)) mean += square / COUNT;
    EXPECT_NEAR(mean / 1e-3, std::pow(0.999, 200), 5e-3);  // to nearest it would still be 1
}

/// Returns the squared distance from sines, a sixth of what it is where all parameters are one.
Tensor stretched_valley(const Tree& parameters) {
    const Tensor& weight = parameters["h.weight"];
    const Tensor at = reshape(arange(weight.shape().count(), weight.type()), weight.dims());
    return mean(square(weight - sin(at * 0.37))) + mean(square(parameters["h.bias"] - 0.5));
}

/// Returns by how much the loss falls from where all parameters of a square matrix are one.
double fall_of_loss(const OptimizerOptions& options, std::int64_t side, int steps) {
    const auto backend = make_interp_backend();
    const auto optimizer = make(options);
    HostTree parameters = matrix_and_bias(std::vector<float>(static_cast<std::size_t>(side * side), 1.0F), 1.0F);
    HostTree state = state_before(*backend, optimizer, parameters);
    const TreeProgram step(*backend, {parameters, state}, [&](const std::vector<Tree>& trees) {
        const Tree& now = trees[0];
        const auto [updates, next] = optimizer.update(grad(stretched_valley)(now), trees[1], now,
                                                      {.value = stretched_valley(now), .function = stretched_valley});
        return std::vector<Tree>{apply_updates(now, updates), next,
                                 TreeBuilder<Tensor>().add("loss", stretched_valley(now)).build()};
    });
    std::vector<double> losses;
    for (int i = 0; i < steps; ++i) {
        auto results = step({parameters, state});
        parameters = std::move(results[0]);
        state = std::move(results[1]);
        losses.push_back(results[2]["loss"].as_double(0));
    }
    return losses.front() - losses.back();
}

class EveryStored : public ::testing::TestWithParam<OptimizerRow> {};

TEST_P(EveryStored, LearnsAsItDoesInF32OrSaysThatItHasNoMoments) {
    OptimizerOptions options{.name = std::string(GetParam().name), .learning_rate = 0.02, .momentum = 0.9};
    const Tree parameters = TreeBuilder<Tensor>().add("h.weight", ones({SIDE, SIDE})).build();
    const bool has = has_moments(make(options).init(parameters), parameters);
    for (const auto type : {StateType::BF16, StateType::EIGHT_BIT}) {
        options.state_type = type;
        if (!has) {
            expect_error(Code::INVALID_ARGUMENT, "keeps no moving means", [&] { make(options).init(parameters); });
            continue;
        }
        EXPECT_LT(state_size(GetParam(), type).bytes_per_parameter,
                  state_size(GetParam(), StateType::PARAMETER).bytes_per_parameter + 1e-4);
        OptimizerOptions whole = options;
        whole.state_type = StateType::PARAMETER;
        const std::int64_t side = type == StateType::BF16 ? 4 : 64;
        const int steps = type == StateType::BF16 ? 40 : 6;
        const double expected = fall_of_loss(whole, side, steps);
        // These multiply the moment by inverse roots of its factors, which are large where gradients have few
        // directions.
        const bool amplifies = options.name == "shampoo" || options.name == "soap";
        EXPECT_NEAR(fall_of_loss(options, side, steps), expected, (amplifies ? 0.35 : 0.05) * std::abs(expected));
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, EveryStored, ::testing::ValuesIn(optimizers().begin(), optimizers().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(StateType, SizesAreStated) {
    const auto bytes = [](const char* name, StateType type) {
        return state_size(find_optimizer(name), type).bytes_per_parameter;
    };
    EXPECT_NEAR(bytes("adamw", StateType::BF16), 4.0, 1e-3);
    EXPECT_NEAR(bytes("adamw", StateType::EIGHT_BIT), 2.0 + 2 * 4.0 / 2048, 1e-4);
    EXPECT_NEAR(bytes("lion", StateType::EIGHT_BIT), 1.0 + 4.0 / 2048, 1e-4);
    EXPECT_EQ(bytes("sgd", StateType::EIGHT_BIT), 0.0);
    const auto shapes = TreeBuilder<Shape>()
                            .add("w", Shape(DataType::FLOAT32, {64, 64}))
                            .add("b", Shape(DataType::FLOAT32, {64}))
                            .build();
    const auto size = state_size(find_optimizer("adam"), StateType::EIGHT_BIT, shapes);
    EXPECT_EQ(size.bytes, 4 + 2 * (4096 + 2 * 4) + 2 * 64 * 4);
}

TEST(StateType, AConfigChoosesIt) {
    const auto options = config::read<OptimizerOptions>("name: adam\nstate_type: 8bit\naccumulate: 2\n", "test");
    const Tree parameters = TreeBuilder<Tensor>().add("w", ones({64, 64})).build();
    const Tree state = make(options).init(parameters);
    EXPECT_EQ(state["inner.adam.scale_by_adam.first_moment.w"].type(), DataType::UINT8);
    EXPECT_EQ(state["accumulated.w"].type(), DataType::FLOAT32);
    expect_error(Code::INVALID_ARGUMENT, "optimizer.state_type: sgd keeps no moving means",
                 [&] { make({.name = "sgd", .state_type = StateType::BF16}).init(parameters); });
    EXPECT_ANY_THROW(config::read<OptimizerOptions>("state_type: 4bit\n", "test"));
}

}  // namespace
}  // namespace podium::optim
