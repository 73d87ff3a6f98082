#include "podium/numeric/arrangement.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

HostArray numbers(Dims dims) { return test::sample(Shape(DataType::INT32, std::move(dims)), 0, 9); }

TEST(Arrangement, ExamplesAreJaxs) {
    test::expect_examples({
        {"jnp.roll(x[0], 2, 1)", [](const Tensors& in) { return Tensors{roll(in[0], 2, 1)}; }, {f64({2, 5})}},
        {"jnp.roll(x[0], -7, 0)", [](const Tensors& in) { return Tensors{roll(in[0], -7, -2)}; }, {numbers({4, 2})}},
        {"jnp.roll(x[0], (1, -1), (0, 1))",
         [](const Tensors& in) {
             return Tensors{roll(in[0], Dims{1, -1}, Dims{0, 1})};
         },
         {numbers({3, 4})}},
        {"jnp.roll(x[0], 4)", [](const Tensors& in) { return Tensors{roll(in[0], 4)}; }, {numbers({3, 4})}},
        {"jnp.flip(x[0])", [](const Tensors& in) { return Tensors{flip(in[0])}; }, {f64({2, 3})}},
        {"jnp.flip(x[0], 1)", [](const Tensors& in) { return Tensors{flip(in[0], {-1})}; }, {numbers({2, 3})}},
        {"jnp.rot90(x[0])", [](const Tensors& in) { return Tensors{rot90(in[0])}; }, {f64({2, 3})}},
        {"jnp.rot90(x[0], 2)", [](const Tensors& in) { return Tensors{rot90(in[0], 2)}; }, {numbers({2, 3})}},
        {"jnp.rot90(x[0], -1, (1, 2))",
         [](const Tensors& in) { return Tensors{rot90(in[0], -1, 1, 2)}; },
         {numbers({2, 3, 2})}},
        {"jnp.repeat(x[0], 3, 1)", [](const Tensors& in) { return Tensors{repeat(in[0], 3, 1)}; }, {f64({2, 3})}},
        {"jnp.repeat(x[0], np.array([2, 0, 1]), 0)",
         [](const Tensors& in) {
             return Tensors{repeat(in[0], Dims{2, 0, 1}, 0)};
         },
         {f64({3, 2})}},
        {"jnp.tile(x[0], (2, 3))",
         [](const Tensors& in) {
             return Tensors{tile(in[0], {2, 3})};
         },
         {f64({2, 2})}},
        {"jnp.tile(x[0], 2)", [](const Tensors& in) { return Tensors{tile(in[0], {2})}; }, {numbers({2, 3})}},
        {"jnp.tile(x[0], (2, 1, 2))",
         [](const Tensors& in) {
             return Tensors{tile(in[0], {2, 1, 2})};
         },
         {numbers({3})}},
        {"jnp.diff(x[0], 2)", [](const Tensors& in) { return Tensors{diff(in[0], 2)}; }, {f64({2, 5})}},
        {"jnp.diff(x[0], axis=0)", [](const Tensors& in) { return Tensors{diff(in[0], 1, 0)}; }, {numbers({4, 2})}},
        {"jnp.diff(x[0] > 4)", [](const Tensors& in) { return Tensors{diff(greater(in[0], 4))}; }, {numbers({9})}},
        {"jnp.meshgrid(*x)[0]",
         [](const Tensors& in) { return Tensors{meshgrid(in)[0]}; },
         {f64({3}), f64({2}, 2), f64({2}, 3)}},
        {"jnp.meshgrid(*x)[2]",
         [](const Tensors& in) { return Tensors{meshgrid(in)[2]}; },
         {numbers({3}), numbers({4}), numbers({2})}},
        {"jnp.meshgrid(*x, indexing='ij')[1]",
         [](const Tensors& in) { return Tensors{meshgrid(in, Indexing::IJ)[1]}; },
         {numbers({3}), numbers({2})}},
        {"jnp.linspace(x[0], x[1], 5)",
         [](const Tensors& in) { return Tensors{linspace(in[0], in[1], 5)}; },
         {f64({3}), f64({2, 1}, 2)}},
        {"jnp.linspace(x[0], 7, 4, endpoint=False)",
         [](const Tensors& in) { return Tensors{linspace(in[0], 7, 4, false)}; },
         {f64({2})}},
        {"jnp.logspace(x[0], x[1], 3, base=2)",
         [](const Tensors& in) { return Tensors{logspace(in[0], in[1], 3, true, 2.0)}; },
         {f64({}), f64({}, 2)}},
    });
}

TEST(Arrangement, NumbersAtEqualDistancesEndWhereTheyShould) {
    test::Oracle oracle;
    const auto expect = [&](const char* jax, const Tensor& ours) {
        oracle.expect(jax, {}, test::run([&](const Tensors&) { return Tensors{ours}; }, {})[0]);
    };
    expect("jnp.linspace(0, 1, 7, dtype='f4')", linspace(0, 1, 7));
    expect("jnp.linspace(2, 1, 1, dtype='f4')", linspace(2, 1, 1));
    expect("jnp.linspace(2, 1, 0, dtype='f4')", linspace(2, 1, 0));
    expect("jnp.linspace(2, 1, 1, endpoint=False, dtype='f4')", linspace(2, 1, 1, false));
    expect("jnp.logspace(0, 3, 4, dtype='f8')", logspace(0, 3, 4, true, 10.0, DataType::FLOAT64));
    oracle.check();
}

TEST(Arrangement, SaysWhatDoesNotFit) {
    expect_error(Code::INVALID_ARGUMENT, "roll: shifts [1] and axes [0,1] differ in number", [] {
        roll(zeros({2, 2}), Dims{1}, Dims{0, 1});
    });
    expect_error(Code::INVALID_ARGUMENT, "rot90: a plane has two different axes", [] {
        rot90(zeros({2, 2}), 1, 0, -2);
    });
    expect_error(Code::SHAPE_MISMATCH, "repeat: 1 counts for the 2 slices", [] { repeat(zeros({2}), Dims{1}, 0); });
    expect_error(Code::INVALID_ARGUMENT, "tile: a count is not negative, got -1", [] { tile(zeros({2}), {-1}); });
    expect_error(Code::SHAPE_MISMATCH, "meshgrid: takes vectors, got f32[2,2]", [] { meshgrid({zeros({2, 2})}); });
    expect_error(Code::DTYPE_MISMATCH, "linspace: gives floating-point and complex numbers, asked for i32",
                 [] { linspace(0, 1, 3, true, DataType::INT32); });
}

}  // namespace
}  // namespace podium
