#pragma once

#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"

namespace podium::test {

/// Returns numbers between `low` and `high` that depend on `seed` only; integers between 0 and `high`, exclusive.
HostArray sample(const Shape& shape, double low = -2.0, double high = 2.0, std::uint64_t seed = 1);

/// Returns f64 numbers between -2 and 2.
inline HostArray f64(Dims dims, std::uint64_t seed = 1) {
    return sample(Shape(DataType::FLOAT64, std::move(dims)), -2, 2, seed);
}

/// A call of ours, the same in Python on x[0], x[1], …, and the inputs of both.
struct Example {
    const char* jax;
    TensorFunction call;
    std::vector<HostArray> inputs;
};

/// How a gradient is compared with central differences.
struct GradientCheck {
    double step = 1e-5;
    double tolerance = 1e-6;  ///< of max(1, |difference quotient|)
};

/// Expects that the gradients of a weighted sum of f's float results with respect to each float input equal central
/// differences, and that f's tangent in some direction does too, all run by the interpreter. Inputs should be f64.
void expect_gradient(const TensorFunction& f, const std::vector<HostArray>& inputs, GradientCheck check = {},
                     std::source_location place = std::source_location::current());

/// Expects that f mapped over several examples gives what it gives for each: with every input mapped, and with each
/// input alone.
void expect_mapped(const TensorFunction& f, const std::vector<HostArray>& inputs,
                   std::source_location place = std::source_location::current());

/// Expects for each example JAX's values, gradients and tangents like central differences, and the same for many. With
/// PODIUM_EVERY_TYPE in the environment JAX's gradients too, and its values in f32, f16, bf16 and integers.
void expect_examples(const std::vector<Example>& examples, GradientCheck check = {}, double tolerance = 1e-12,
                     std::source_location place = std::source_location::current());

/// Returns the function that gives the gradients of a weighted sum of f's results: differentiate it again for the
/// second order.
TensorFunction gradient_of(const TensorFunction& f);

/// A function traced once and run by the interpreter as often as wanted.
class Traced {
public:
    /// Traces `f` on parameters shaped like `inputs`.
    Traced(const TensorFunction& f, const std::vector<HostArray>& inputs);
    std::vector<HostArray> operator()(std::vector<HostArray> inputs) const;

private:
    explicit Traced(const Closed& closed);
    Interpreter interpreter_;
    std::vector<HostArray> captures_;
};

/// Returns f(inputs), traced and run by the interpreter.
std::vector<HostArray> run(const TensorFunction& f, const std::vector<HostArray>& inputs);

}  // namespace podium::test
