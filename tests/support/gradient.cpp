#include "tests/support/gradient.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "podium/ir/reduction.h"
#include "tests/support/interpreted.h"

namespace podium::test {
namespace {

/// Returns the sum of all float results, each element with a weight of its own.
Tensor weighted_sum(const Tensors& results) {
    Tensor total = zeros({}, DataType::FLOAT64);
    std::uint64_t seed = 100;
    for (const auto& result : results)
        if (is_float(result.type()))
            total = total + sum(convert(result, DataType::FLOAT64) *
                                constant(sample(Shape(DataType::FLOAT64, result.dims()), 0.5, 1.5, seed++)));
    return total;
}

/// Returns tensors of the arrays' shapes.
Tensors like(const std::vector<HostArray>& arrays) {
    Tensors tensors;
    for (const auto& array : arrays) tensors.push_back(zeros(array.shape().dims, array.type()));
    return tensors;
}

}  // namespace

HostArray sample(const Shape& shape, double low, double high, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    HostArray array(shape);
    for (std::int64_t i = 0; i < array.count(); ++i) {
        const double unit = static_cast<double>(engine() >> 11) * 0x1p-53;
        if (is_float(shape.type))
            store(array, i, low + (high - low) * unit);
        else
            store(array, i, static_cast<std::int64_t>(high * unit));
    }
    return array;
}

Traced::Traced(const TensorFunction& f, const std::vector<HostArray>& inputs) : Traced(trace_region(f, like(inputs))) {}

Traced::Traced(const Closed& closed) : interpreter_(*closed.graph), captures_(interpreted(closed.captures)) {}

std::vector<HostArray> Traced::operator()(std::vector<HostArray> inputs) const {
    inputs.insert(inputs.end(), captures_.begin(), captures_.end());
    return interpreter_.run(inputs);
}

std::vector<HostArray> run(const TensorFunction& f, const std::vector<HostArray>& inputs) {
    return Traced(f, inputs)(inputs);
}

TensorFunction gradient_of(const TensorFunction& f) {
    return [f](const Tensors& inputs) {
        const Pullback back = pullback({weighted_sum(f(inputs))}, {ones({}, DataType::FLOAT64)}, inputs);
        Tensors gradients;
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (is_float(inputs[i].type())) gradients.push_back(or_zeros(back.gradients[i], inputs[i].shape()));
        return gradients;
    };
}

void expect_gradient(const TensorFunction& f, const std::vector<HostArray>& inputs, GradientCheck check,
                     std::source_location place) {
    const testing::ScopedTrace trace_of(place.file_name(), static_cast<int>(place.line()), "expect_gradient");
    const auto gradients = run(gradient_of(f), inputs);
    const Traced loss([&](const Tensors& in) { return Tensors{weighted_sum(f(in))}; }, inputs);
    std::size_t next = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!is_float(inputs[i].type())) continue;
        const HostArray& gradient = gradients[next++];
        ASSERT_EQ(gradient.shape(), inputs[i].shape()) << "of input " << i;
        for (std::int64_t k = 0; k < inputs[i].count(); ++k) {
            const auto at = [&](double offset) {
                std::vector<HostArray> moved = inputs;
                moved[i] = HostArray(inputs[i].shape());
                for (std::int64_t j = 0; j < moved[i].count(); ++j)
                    store(moved[i], j, inputs[i].as_double(j) + (j == k ? offset : 0.0));
                return loss(moved)[0].as_double(0);
            };
            const double expected = (at(check.step) - at(-check.step)) / (2 * check.step);
            EXPECT_NEAR(gradient.as_double(k), expected, check.tolerance * std::max(1.0, std::abs(expected)))
                << "of input " << i << ", element " << k;
        }
    }
}

}  // namespace podium::test
