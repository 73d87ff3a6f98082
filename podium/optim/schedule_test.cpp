#include "podium/optim/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "podium/arrays/npy.h"
#include "podium/base/expect_error.h"
#include "podium/optim/cycles.h"
#include "podium/optim/optimizers.h"
#include "tests/support/interpreted.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::optim {
namespace {

TEST(Schedule, ValuesAreOptaxValues) {
    const std::vector<std::pair<Schedule, const char*>> cases{
        {0.25, "lambda count: 0.25"},
        {linear(0.5, 0.125, 20), "optax.linear_schedule(0.5, 0.125, 20)"},
        {cosine(0.3, 25), "optax.cosine_decay_schedule(0.3, 25)"},
        {cosine(0.3, 25, 0.06), "optax.cosine_decay_schedule(0.3, 25, 0.2)"},
        {warmup_cosine({.peak = 3e-4, .warmup_steps = 7, .total_steps = 30, .end = 3e-5, .init = 1e-5}),
         "optax.warmup_cosine_decay_schedule(1e-5, 3e-4, 7, 30, 3e-5)"},
        {warmup_cosine({.peak = 0.0, .warmup_steps = 7, .total_steps = 30, .init = 0.1}),
         "optax.warmup_cosine_decay_schedule(0.1, 0.0, 7, 30)"},
        {warmup_cosine({.peak = 3e-4, .total_steps = 30}), "optax.warmup_cosine_decay_schedule(0.0, 3e-4, 0, 30)"},
        {cosine(0.3, 25, 0.06, 1.5), "optax.cosine_decay_schedule(0.3, 25, 0.2, 1.5)"},
        {polynomial(0.3, 0.01, 25, 2.5), "optax.polynomial_schedule(0.3, 0.01, 2.5, 25)"},
        {warmup_constant(0.01, 0.3, 8), "optax.warmup_constant_schedule(0.01, 0.3, 8)"},
        {exponential(0.3, {.steps = 7, .rate = 0.6}), "optax.exponential_decay(0.3, 7, 0.6)"},
        {exponential(0.3, {.steps = 7, .rate = 0.6, .begin = 3, .staircase = true, .end = 0.05}),
         "optax.exponential_decay(0.3, 7, 0.6, 3, True, 0.05)"},
        {exponential(0.3, {.steps = 7, .rate = 1.6, .end = 0.8}),
         "optax.exponential_decay(0.3, 7, 1.6, end_value=0.8)"},
        {warmup_exponential(0.01, 0.3, 8, {.steps = 7, .rate = 0.6}),
         "optax.warmup_exponential_decay_schedule(0.01, 0.3, 8, 7, 0.6)"},
        {piecewise_constant(0.3, {{20, 2.0}, {5, 0.5}}), "optax.piecewise_constant_schedule(0.3, {5: 0.5, 20: 2.0})"},
        {piecewise_interpolated(0.3, {{5, 0.5}, {20, 2.0}}),
         "optax.piecewise_interpolate_schedule('linear', 0.3, {5: 0.5, 20: 2.0})"},
        {piecewise_interpolated(0.3, {{5, 0.5}, {20, 2.0}}, DecayShape::COSINE),
         "optax.piecewise_interpolate_schedule('cosine', 0.3, {5: 0.5, 20: 2.0})"},
        {one_cycle({.peak = 0.3, .total_steps = 37}), "optax.cosine_onecycle_schedule(37, 0.3)"},
        {one_cycle({.peak = 0.3, .total_steps = 37, .shape = DecayShape::LINEAR, .divisor = 10, .last_divisor = 100}),
         "optax.linear_onecycle_schedule(37, 0.3, div_factor=10, final_div_factor=100)"},
        {sgdr({{.peak = 0.3, .warmup_steps = 4, .total_steps = 12, .end = 0.01},
               {.peak = 0.2, .total_steps = 15},
               {.peak = 0.1, .total_steps = 10, .power = 2.0}}),
         "optax.sgdr_schedule([dict(init_value=0., peak_value=0.3, warmup_steps=4, decay_steps=12, end_value=0.01), "
         "dict(init_value=0., peak_value=0.2, warmup_steps=0, decay_steps=15), "
         "dict(init_value=0., peak_value=0.1, warmup_steps=0, decay_steps=10, exponent=2.)])"},
        {join_schedules({0.1, linear(1.0, 0.0, 10), 0.7}, {8, 15}),
         "optax.join_schedules([optax.constant_schedule(0.1), optax.linear_schedule(1., 0., 10), "
         "optax.constant_schedule(0.7)], [8, 15])"},
    };
    constexpr int COUNTS = 40;
    for (const auto& [type, tolerance] : {std::pair{DataType::FLOAT32, 1e-6}, {DataType::FLOAT64, 1e-12}}) {
        const test::TemporaryFolder folder;
        std::vector<std::string> arguments{folder / "values.npy", type == DataType::FLOAT32 ? "float32" : "float64"};
        for (const auto& each : cases) arguments.emplace_back(each.second);
        test::run_python(R"(
import sys, jax, numpy as np
jax.config.update('jax_enable_x64', sys.argv[2] == 'float64')
import optax
counts = jax.numpy.arange(40, dtype=sys.argv[2])
np.save(sys.argv[1], np.array([[eval(e)(c) for c in counts] for e in sys.argv[3:]], sys.argv[2]))
)",
                         arguments);
        const HostArray expected = read_npy(folder / "values.npy");
        for (std::size_t i = 0; i < cases.size(); ++i) {
            Tensors values;
            double largest = 0.0;
            for (int count = 0; count < COUNTS; ++count)
                largest =
                    std::max(largest, std::abs(expected.as_double(static_cast<std::int64_t>(i) * COUNTS + count)));
            for (int count = 0; count < COUNTS; ++count)
                values.push_back(cases[i].first(scalar_of(DataType::INT32, count), type));
            std::int64_t position = static_cast<std::int64_t>(i) * COUNTS;
            for (const auto& value : test::interpreted(values)) {
                ASSERT_EQ(to_string(value.shape()), to_string(Shape(type, {})));
                const double distance = std::abs(value.as_double(0) - expected.as_double(position++));
                EXPECT_LE(distance, tolerance * largest) << cases[i].second << " after " << position - 1;
            }
        }
    }
}

/// PyTorch 2.15's lr_scheduler with a learning rate of 0.5: what it says after the steps of TORCH_STEPS.
const std::vector<std::int64_t> TORCH_STEPS{0, 1, 5, 8, 11, 12, 14, 20, 27, 35, 38, 39};
struct TorchCase {
    const char* name;
    Schedule schedule;
    std::vector<double> expected;
};
std::vector<TorchCase> torch_cases() {
    const Schedule factor = exponential(1.0, {.rate = 0.9});
    return {
        {"StepLR(7, 0.3)",
         exponential(0.5, {.steps = 7, .rate = 0.3, .staircase = true}),
         {0.5, 0.5, 0.5, 0.15, 0.15, 0.15, 0.045, 0.045, 0.0135, 0.001215, 0.001215, 0.001215}},
        {"MultiStepLR([5, 12, 12, 30], 0.4)",
         piecewise_constant(0.5, {{5, 0.4}, {12, 0.4}, {12, 0.4}, {30, 0.4}}),
         {0.5, 0.5, 0.2, 0.2, 0.2, 0.032, 0.032, 0.032, 0.032, 0.0128, 0.0128, 0.0128}},
        {"ConstantLR(0.25, 6)",
         join_schedules({0.125, 0.5}, {6}),
         {0.125, 0.125, 0.125, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}},
        {"LinearLR(0.2, 0.9, 11)",
         linear(0.1, 0.45, 11),
         {0.1, 0.131818181818, 0.259090909091, 0.354545454545, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45}},
        {"ExponentialLR(0.93)",
         exponential(0.5, {.rate = 0.93}),
         {0.5, 0.465, 0.34784418465, 0.279790904833, 0.225051772838, 0.20929814874, 0.181021968845, 0.117119436831,
          0.0704708671065, 0.0394342153441, 0.0317191871515, 0.0294988440509}},
        {"PolynomialLR(25, 1.7)",
         polynomial(0.5, 0.0, 25, 1.7),
         {0.5, 0.466477929218, 0.342155071997, 0.259558440384, 0.186590552323, 0.164503706823, 0.123833901038,
          0.0324131319339, 0, 0, 0, 0}},
        {"CosineAnnealingLR(9, 0.05)",
         cosine_annealing(0.5, 9, 0.05),
         {0.5, 0.486430839677, 0.235929160025, 0.0635691603232, 0.102640000298, 0.1625, 0.314070839975, 0.447359999702,
          0.05, 0.486430839677, 0.447359999702, 0.3875}},
        {"CosineAnnealingWarmRestarts(5, 2, 0.05)",
         cosine_restarts(0.5, 5, 2, 0.05),
         {0.5, 0.457028823734, 0.5, 0.407251681766, 0.205471176266, 0.142748318234, 0.0610122838336, 0.434099025767,
          0.205471176266, 0.5, 0.493783232089, 0.488987716166}},
        {"CosineAnnealingWarmRestarts(6)",
         cosine_restarts(0.5, 6),
         {0.5, 0.466506350946, 0.0334936490539, 0.375, 0.0334936490539, 0.5, 0.375, 0.375, 0.25, 0.0334936490539, 0.375,
          0.25}},
        {"OneCycleLR(0.5, 40)",
         one_cycle_lr({.peak = 0.5, .total_steps = 40}),
         {0.02, 0.0297216863325, 0.225844438814, 0.417166576147, 0.5, 0.498428058761, 0.485970888694, 0.383008487097,
          0.194370989032, 0.0247596839933, 0.0015739412389, 2e-06}},
        {"OneCycleLR(0.5, 40, pct_start=0.25, anneal_strategy='linear', div_factor=10, final_div_factor=100)",
         one_cycle_lr({.peak = 0.5,
                       .total_steps = 40,
                       .shape = DecayShape::LINEAR,
                       .rise = 0.25,
                       .divisor = 10,
                       .last_divisor = 100}),
         {0.05, 0.1, 0.3, 0.45, 0.4667, 0.45005, 0.41675, 0.31685, 0.2003, 0.0671, 0.01715, 0.0005}},
        {"OneCycleLR(0.5, 40, pct_start=0.4, three_phase=True)",
         one_cycle_lr({.peak = 0.5, .total_steps = 40, .rise = 0.4}, true),
         {0.02, 0.0252445758239, 0.14, 0.285086831184, 0.420591345526, 0.45416407865, 0.494755424176, 0.38,
          0.06583592135, 0.00826469187151, 0.000605013484762, 2e-06}},
        {"CyclicLR(0.1, 0.5, 6, 9)",
         cyclic({.low = 0.1, .high = 0.5, .up_steps = 6, .down_steps = 9}),
         {0.1, 0.166666666667, 0.433333333333, 0.411111111111, 0.277777777778, 0.233333333333, 0.144444444444,
          0.433333333333, 0.233333333333, 0.433333333333, 0.411111111111, 0.366666666667}},
        {"CyclicLR(0.1, 0.5, 6, mode='triangular2')",
         cyclic({.low = 0.1, .high = 0.5, .up_steps = 6, .down_steps = 6, .height = CycleHeight::HALVED}),
         {0.1, 0.166666666667, 0.433333333333, 0.366666666667, 0.166666666667, 0.1, 0.166666666667, 0.233333333333,
          0.15, 0.116666666667, 0.116666666667, 0.125}},
        {"CyclicLR(0.1, 0.5, 4, 6, mode='exp_range', gamma=0.97)",
         cyclic({.low = 0.1,
                 .high = 0.5,
                 .up_steps = 4,
                 .down_steps = 6,
                 .height = CycleHeight::EXPONENTIAL,
                 .rate = 0.97}),
         {0.1, 0.197, 0.386244675233, 0.204499114592, 0.171530140309, 0.238768472199, 0.361134510984, 0.1,
          0.187875300035, 0.214786138101, 0.141904883608, 0.12032386855}},
        {"SequentialLR([ConstantLR(0.1, 20), ExponentialLR(0.9)], [8])",
         join_schedules({0.05, exponential(0.5, {.rate = 0.9})}, {8}),
         {0.05, 0.05, 0.05, 0.5, 0.3645, 0.32805, 0.2657205, 0.141214768241, 0.0675425858836, 0.0290748685015,
          0.0211955791376, 0.0190760212238}},
        {"ChainedScheduler([ConstantLR(0.1, 8), ExponentialLR(0.9)])",
         times(join_schedules({0.05, 0.5}, {8}), factor),
         {0.05, 0.045, 0.0295245, 0.215233605, 0.156905298045, 0.141214768241, 0.114383962275, 0.0607883272953,
          0.0290748685015, 0.012515777525, 0.0091240018157, 0.00821160163413}},
    };
}

std::vector<double> values_of(const Schedule& schedule, const std::vector<std::int64_t>& steps) {
    Tensors values;
    for (const auto step : steps) values.push_back(schedule(scalar_of(DataType::INT32, step), DataType::FLOAT64));
    std::vector<double> found;
    for (const auto& value : test::interpreted(values)) found.push_back(value.as_double(0));
    return found;
}

TEST(Schedule, ValuesArePyTorchs) {
    for (const auto& each : torch_cases())
        EXPECT_THAT(values_of(each.schedule, TORCH_STEPS),
                    ::testing::Pointwise(::testing::DoubleNear(1e-11), each.expected))
            << each.name;
}

TEST(Schedule, WarmupStableDecayGoesUpStaysAndGoesDown) {
    WarmupStableDecayOptions options{
        .peak = 0.4, .warmup_steps = 4, .decay_steps = 8, .total_steps = 20, .end = 0.1, .init = 0.2};
    const auto of = [&](DecayShape shape, const std::vector<std::int64_t>& steps) {
        options.shape = shape;
        return values_of(warmup_stable_decay(options), steps);
    };
    const auto near = [](const std::vector<double>& expected) {
        return ::testing::Pointwise(::testing::DoubleNear(1e-12), expected);
    };
    EXPECT_THAT(of(DecayShape::LINEAR, {0, 2, 4, 11, 12, 14, 20, 99}),
                near({0.2, 0.3, 0.4, 0.4, 0.4, 0.325, 0.1, 0.1}));
    EXPECT_THAT(of(DecayShape::COSINE, {12, 16, 20}), near({0.4, 0.25, 0.1}));
    EXPECT_THAT(of(DecayShape::SQRT, {12, 14, 20}), near({0.4, 0.25, 0.1}));
}

TEST(Schedule, InverseSqrtFallsWithTheRootOfTheStep) {
    const auto found = values_of(inverse_sqrt(0.0, 0.3, 4), {0, 2, 4, 16, 400});
    EXPECT_THAT(found, ::testing::Pointwise(::testing::DoubleNear(1e-12), {0.0, 0.15, 0.3, 0.15, 0.03}));
}

TEST(Schedule, EveryKindOfAConfigIsARowThatMakesOne) {
    const OptimizerOptions options{.learning_rate = 0.3,
                                   .warmup_steps = 5,
                                   .total_steps = 40,
                                   .end_learning_rate = 0.01,
                                   .curve = {.boundaries = {10, 20}, .factors = {0.5, 0.1}}};
    std::size_t i = 0;
    for (const auto& [kind, name] : enum_names(ScheduleKind{})) {
        ASSERT_LT(i, schedules().size());
        EXPECT_EQ(schedules()[i].kind, kind) << name;
        EXPECT_FALSE(schedules()[i++].source.empty()) << name;
        OptimizerOptions of_kind = options;
        of_kind.schedule = kind;
        double greatest = 0.0;
        for (const double value : values_of(make_schedule(of_kind), {0, 5, 11, 12, 20, 39})) {
            EXPECT_GE(value, 0.0) << name;
            greatest = std::max(greatest, value);
        }
        EXPECT_NEAR(greatest, 0.3, 0.02) << name;
    }
    EXPECT_EQ(i, schedules().size());
}

TEST(Schedule, AConfigsNumbersAreThoseOfTheFunction) {
    const std::vector<std::int64_t> steps{0, 1, 4, 9, 10, 17, 29, 30, 40};
    const auto expect = [&](OptimizerOptions options, const Schedule& expected) {
        options.learning_rate = 0.3;
        options.total_steps = 30;
        options.end_learning_rate = 0.01;
        EXPECT_EQ(values_of(make_schedule(options), steps), values_of(expected, steps)) << name(options.schedule);
    };
    expect({.schedule = ScheduleKind::EXPONENTIAL, .curve = {.steps = 9, .rate = 0.5, .staircase = true}},
           exponential(0.3, {.steps = 9, .rate = 0.5, .staircase = true, .end = 0.01}));
    expect({.schedule = ScheduleKind::WARMUP_STABLE_DECAY, .warmup_steps = 4, .curve = {.start = 0.1}},
           warmup_stable_decay({.peak = 0.3,
                                .warmup_steps = 4,
                                .decay_steps = 3,
                                .total_steps = 30,
                                .end = 0.01,
                                .init = 0.1,
                                .shape = DecayShape::COSINE}));
    expect({.schedule = ScheduleKind::ONE_CYCLE_LR, .curve = {.start = 0.03, .rise = 0.4}},
           one_cycle_lr({.peak = 0.3, .total_steps = 30, .rise = 0.4, .divisor = 10, .last_divisor = 3}));
    expect({.schedule = ScheduleKind::SGDR, .warmup_steps = 2, .curve = {.steps = 8, .growth = 2}},
           sgdr({{.peak = 0.3, .warmup_steps = 2, .total_steps = 8, .end = 0.01},
                 {.peak = 0.3, .warmup_steps = 2, .total_steps = 16, .end = 0.01},
                 {.peak = 0.3, .warmup_steps = 2, .total_steps = 32, .end = 0.01}}));
    expect({.schedule = ScheduleKind::CYCLIC, .curve = {.start = 0.1, .steps = 10, .rise = 0.4}},
           cyclic({.low = 0.1, .high = 0.3, .up_steps = 4, .down_steps = 6}));
}

TEST(Schedule, AFunctionOfTheStepIsASchedule) {
    const Schedule schedule = [](const Tensor& step) { return 1.0 / (step + 1.0); };
    EXPECT_FALSE(schedule.constant().has_value());
    const auto values =
        test::interpreted({schedule(scalar_of(DataType::INT32, 3)), schedule.negated()(scalar_of(DataType::INT32, 1))});
    EXPECT_EQ(values[0].as_double(0), 0.25);
    EXPECT_EQ(values[1].as_double(0), -0.5);
}

TEST(Schedule, SchedulesOfNoStepsAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "linear: 0 steps", [] { linear(1.0, 0.0, 0); });
    expect_error(Code::INVALID_ARGUMENT, "cosine: -3 steps", [] { cosine(1.0, -3); });
    expect_error(Code::INVALID_ARGUMENT, "warmup_cosine: 5 steps in all leave none after a warmup of 5",
                 [] { warmup_cosine({.warmup_steps = 5, .total_steps = 5}); });
    expect_error(Code::INVALID_ARGUMENT,
                 "warmup_stable_decay: 9 steps in all are less than a warmup of 5 and a decay of 5",
                 [] { warmup_stable_decay({.warmup_steps = 5, .decay_steps = 5, .total_steps = 9}); });
    expect_error(Code::INVALID_ARGUMENT, "join_schedules: 2 schedules have 2 boundaries", [] {
        join_schedules({0.1, 0.2}, {1, 2});
    });
    expect_error(Code::INVALID_ARGUMENT, "join_schedules: the boundaries [5, 3] do not ascend", [] {
        join_schedules({0.1, 0.2, 0.3}, {5, 3});
    });
    expect_error(Code::INVALID_ARGUMENT, "piecewise_constant: at step 3 a factor of -1", [] {
        piecewise_constant(0.1, {{3, -1.0}});
    });
    expect_error(Code::INVALID_ARGUMENT, "curve.boundaries has 1 numbers and curve.factors 0",
                 [] { make_schedule({.schedule = ScheduleKind::PIECEWISE_CONSTANT, .curve = {.boundaries = {3}}}); });
    expect_error(Code::INVALID_ARGUMENT, "sgdr: 1000000 steps are more than 200 cycles of 10", [] {
        make_schedule({.schedule = ScheduleKind::SGDR, .total_steps = 1000000, .curve = {.steps = 10}});
    });
}

}  // namespace
}  // namespace podium::optim
