#include "podium/optim/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/arrays/npy.h"
#include "podium/base/expect_error.h"
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
}

}  // namespace
}  // namespace podium::optim
