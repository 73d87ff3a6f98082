#include "tests/support/gradient.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "podium/ir/pushforward.h"
#include "podium/ir/reduction.h"
#include "tests/support/interpreted.h"
#include "tests/support/oracle.h"

namespace podium::test {
namespace {

/// Returns the sum of all float results, each element with a weight of its own.
Tensor weighted_sum(const Tensors& results) {
    Tensor total = zeros({}, DataType::FLOAT64);
    std::uint64_t seed = 100;
    for (const auto& result : results)
        for (const Unary* part : {&real, &imag})
            if (is_complex(result.type()) || (is_float(result.type()) && part == &real))
                total = total + sum(convert((*part)(result), DataType::FLOAT64) *
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
        if (is_complex(shape.type))
            store(array, i,
                  Complex128(low + (high - low) * unit,
                             low + (high - low) * static_cast<double>(engine() >> 11) * 0x1p-53));
        else if (is_float(shape.type))
            store(array, i, low + (high - low) * unit);
        else
            store(array, i, static_cast<std::int64_t>(high * unit));
    }
    return array;
}

/// Expects that the tangents of f's results in a direction equal central differences along it.
void expect_tangents(const TensorFunction& f, const std::vector<HostArray>& inputs, const GradientCheck& check) {
    std::vector<HostArray> all = inputs;
    std::vector<std::size_t> moving;  // the inputs that have tangents
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (is_float(inputs[i].type())) {
            moving.push_back(i);
            all.push_back(sample(inputs[i].shape(), -1, 1, 50 + i));
        }
    const auto pushed = run(
        [&](const Tensors& in) {
            const Tensors given(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
            Tensors tangents(inputs.size()), results;
            for (std::size_t i = 0; i < moving.size(); ++i) tangents[moving[i]] = in[inputs.size() + i];
            const Pushforward found = pushforward(f(given), given, tangents);
            for (std::size_t i = 0; i < found.outputs.size(); ++i)
                if (is_inexact(found.outputs[i].type()))
                    results.push_back(
                        convert(or_zeros(found.tangents[i], found.outputs[i].shape()), DataType::FLOAT64));
            return results;
        },
        all);
    const Traced value(
        [&](const Tensors& in) {
            Tensors results;
            for (const auto& result : f(in))
                if (is_inexact(result.type())) results.push_back(convert(result, DataType::FLOAT64));
            return results;
        },
        inputs);
    const auto at = [&](double offset) {
        std::vector<HostArray> moved = inputs;
        for (std::size_t i = 0; i < moving.size(); ++i) {
            HostArray& array = moved[moving[i]] = HostArray(inputs[moving[i]].shape());
            for (std::int64_t j = 0; j < array.count(); ++j)
                store(array, j, inputs[moving[i]].as_double(j) + offset * all[inputs.size() + i].as_double(j));
        }
        return value(moved);
    };
    const auto above = at(check.step), below = at(-check.step);
    for (std::size_t i = 0; i < pushed.size(); ++i)
        for (std::int64_t k = 0; k < pushed[i].count(); ++k) {
            const double expected = (above[i].as_double(k) - below[i].as_double(k)) / (2 * check.step);
            EXPECT_NEAR(pushed[i].as_double(k), expected, check.tolerance * std::max(1.0, std::abs(expected)))
                << "tangent of result " << i << ", element " << k;
        }
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
            if (is_inexact(inputs[i].type())) gradients.push_back(or_zeros(back.gradients[i], inputs[i].shape()));
        return gradients;
    };
}

void expect_gradient(const TensorFunction& f, const std::vector<HostArray>& inputs, GradientCheck check,
                     std::source_location place) {
    const testing::ScopedTrace trace_of(place.file_name(), static_cast<int>(place.line()), "expect_gradient");
    expect_tangents(f, inputs, check);
    const auto gradients = run(gradient_of(f), inputs);
    const Traced loss([&](const Tensors& in) { return Tensors{weighted_sum(f(in))}; }, inputs);
    std::size_t next = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!is_inexact(inputs[i].type())) continue;
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

void expect_mapped(const TensorFunction& f, const std::vector<HostArray>& inputs, std::source_location place) {
    const testing::ScopedTrace trace_of(place.file_name(), static_cast<int>(place.line()), "expect_mapped");
    constexpr std::int64_t EXAMPLES = 3;
    const Traced single(f, inputs);
    // Examples are the input with its elements rotated, so that integers stay what the function takes.
    const auto example = [](const HostArray& input, std::int64_t turn) {
        HostArray turned(input.shape());
        for (std::int64_t i = 0; i < input.count(); ++i) store(turned, i, load(input, (i + turn) % input.count()));
        return turned;
    };
    for (std::size_t only = 0; only <= inputs.size(); ++only) {
        std::vector<HostArray> given = inputs;
        std::vector<std::vector<HostArray>> examples(EXAMPLES, inputs);
        std::vector<bool> mapped(inputs.size());
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            mapped[i] = only == inputs.size() || only == i;
            if (!mapped[i]) continue;
            given[i] = HostArray(mapped_shape(inputs[i].shape(), EXAMPLES));
            for (std::int64_t e = 0; e < EXAMPLES; ++e) {
                examples[static_cast<std::size_t>(e)][i] = example(inputs[i], e);
                for (std::int64_t k = 0; k < inputs[i].count(); ++k)
                    store(given[i], e * inputs[i].count() + k, load(examples[static_cast<std::size_t>(e)][i], k));
            }
        }
        if (inputs.empty()) return;
        const auto found = run(
            [&](const Tensors& in) {
                const TraceScope scope;
                Tensors arguments = in, variables, values;
                for (std::size_t i = 0; i < in.size(); ++i)
                    if (mapped[i]) {
                        variables.push_back(arguments[i] = scope.parameter(inputs[i].shape()));
                        values.push_back(in[i]);
                    }
                return batched(f(arguments), variables, values, EXAMPLES);
            },
            given);
        for (std::int64_t e = 0; e < EXAMPLES; ++e) {
            const auto expected = single(examples[static_cast<std::size_t>(e)]);
            for (std::size_t i = 0; i < expected.size(); ++i) {
                ASSERT_EQ(found[i].shape(), mapped_shape(expected[i].shape(), EXAMPLES)) << "result " << i;
                HostArray own(expected[i].shape());
                for (std::int64_t k = 0; k < own.count(); ++k) store(own, k, load(found[i], e * own.count() + k));
                EXPECT_EQ(difference(own, expected[i], 1e-12), "")
                    << "result " << i << " of example " << e << ", input " << only << " mapped of " << inputs.size();
            }
        }
    }
}

namespace {

/// Returns the array with its f64 elements rounded to the type.
HostArray rounded(const HostArray& array, DataType type) {
    if (array.type() != DataType::FLOAT64) return array;
    HostArray result(Shape(type, array.shape().dims));
    for (std::int64_t i = 0; i < array.count(); ++i) store(result, i, load(array, i));
    return result;
}

/// Asks for the gradients of the first result, each element with a weight, as JAX has them.
void expect_jax_gradients(Oracle& oracle, const Example& one, double tolerance, std::source_location place) {
    const Shape shape = run(one.call, one.inputs)[0].shape();
    if (!is_float(shape.type)) return;
    const HostArray weights = sample(shape, 0.5, 1.5, 100);
    const auto gradients = run(
        [&](const Tensors& in) {
            const Tensor loss = sum(one.call(in)[0] * constant(weights));
            const Pullback back = pullback({loss}, {ones({}, loss.type())}, in);
            Tensors found;
            for (std::size_t i = 0; i < in.size(); ++i)
                if (is_float(in[i].type())) found.push_back(or_zeros(back.gradients[i], in[i].shape()));
            return found;
        },
        one.inputs);
    std::vector<HostArray> given = one.inputs;
    given.push_back(weights);
    std::size_t next = 0;
    for (std::size_t i = 0; i < one.inputs.size(); ++i)
        if (is_float(one.inputs[i].type()))
            oracle.expect_unless_refused(
                fmt::format(
                    "jax.grad(lambda v: jnp.sum((lambda x: {0})(x[:{1}] + [v] + x[{1} + 1:-1]) * x[-1]))(x[{1}])",
                    one.jax, i),
                given, gradients[next++], tolerance, place);
}

/// Asks for the first result for inputs rounded to narrower types, where the call takes them.
void expect_narrower(Oracle& oracle, const Example& one, std::source_location place) {
    for (const auto type : {DataType::FLOAT32, DataType::FLOAT16, DataType::BFLOAT16}) {
        std::vector<HostArray> inputs;
        inputs.reserve(one.inputs.size());
        for (const auto& input : one.inputs) inputs.push_back(rounded(input, type));
        try {
            oracle.expect_unless_refused(one.jax, inputs, run(one.call, inputs)[0], -1, place);
        } catch (const Error& error) {
            if (error.code() != Code::DTYPE_MISMATCH) throw;
        }
    }
}

/// Returns the array as integers of the type: floats between -2 and 2 as those between -6 and 6, or 0 and 12.
HostArray whole(const HostArray& array, DataType type) {
    HostArray result(Shape(type, array.shape().dims));
    for (std::int64_t i = 0; i < array.count(); ++i) {
        const double x = array.as_double(i);
        const double moved = is_integer(array.type()) ? x : 3 * (is_unsigned(type) ? x + 2 : x);
        store(result, i, static_cast<std::int64_t>(std::llround(moved)));
    }
    return result;
}

constexpr std::array INTEGERS{DataType::INT8,  DataType::INT16,  DataType::INT32,  DataType::INT64,
                              DataType::UINT8, DataType::UINT16, DataType::UINT32, DataType::UINT64};

/// Asks for the first result for integers in place of floats, or, where there are no floats, of other integers, where
/// the call takes them.
void expect_integers(Oracle& oracle, const Example& one, std::source_location place) {
    const auto any = [&](bool (*is)(DataType)) {
        return std::any_of(one.inputs.begin(), one.inputs.end(), [&](const auto& input) { return is(input.type()); });
    };
    const auto changes = any(is_float) ? is_float : is_integer;
    if (!any(changes)) return;
    for (const auto type : INTEGERS) {
        std::vector<HostArray> inputs;
        inputs.reserve(one.inputs.size());
        for (const auto& input : one.inputs) inputs.push_back(changes(input.type()) ? whole(input, type) : input);
        try {
            oracle.expect_unless_refused(one.jax, inputs, run(one.call, inputs)[0], -1, place);
        } catch (const Error& error) {
            if (error.code() != Code::DTYPE_MISMATCH) throw;
        }
    }
}

}  // namespace

void expect_examples(const std::vector<Example>& examples, GradientCheck check, double tolerance,
                     std::source_location place) {
    Oracle oracle;
    for (const auto& one : examples) {
        const testing::ScopedTrace trace_of(place.file_name(), static_cast<int>(place.line()), one.jax);
        oracle.expect(one.jax, one.inputs, run(one.call, one.inputs)[0], tolerance, place);
        expect_gradient(one.call, one.inputs, check, place);
        expect_mapped(one.call, one.inputs, place);
        if (std::getenv("PODIUM_EVERY_TYPE") == nullptr) continue;
        expect_jax_gradients(oracle, one, std::max(tolerance, 1e-10), place);
        expect_narrower(oracle, one, place);
        expect_integers(oracle, one, place);
    }
    oracle.check();
}

}  // namespace podium::test
