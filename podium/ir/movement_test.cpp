#include "podium/ir/movement.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/slicing.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::expect_gradient;
using test::sample;

const HostArray X = sample(Shape(DataType::FLOAT64, {3, 4}));
const HostArray Y = sample(Shape(DataType::FLOAT64, {2, 4}), -2, 2, 2);

Tensor start(std::int32_t at) { return scalar_of(DataType::INT32, at); }

const std::vector<test::Example>& samples() {
    static const std::vector<test::Example> SAMPLES{
        {"lax.broadcast_in_dim(x[0], (3, 2, 4), (0, 2))",
         [](const Tensors& x) {
             return Tensors{broadcast_in_dim(x[0], {3, 2, 4}, {0, 2})};
         },
         {X}},
        {"lax.broadcast_in_dim(x[0][:1], (3, 4), (0, 1))",
         [](const Tensors& x) {
             return Tensors{broadcast_to(slice(x[0], {0, 0}, {1, 4}), {3, 4})};
         },
         {X}},
        {"x[0].reshape(2, 6)",
         [](const Tensors& x) {
             return Tensors{reshape(x[0], {2, -1})};
         },
         {X}},
        {"x[0].reshape(3, 1, 4)", [](const Tensors& x) { return Tensors{expand_dims(x[0], 1)}; }, {X}},
        {"x[0].T", [](const Tensors& x) { return Tensors{transpose(x[0])}; }, {X}},
        {"x[0].reshape(2, 3, 2).transpose(2, 0, 1)",
         [](const Tensors& x) {
             return Tensors{transpose(reshape(x[0], {2, 3, 2}), {2, 0, 1})};
         },
         {X}},
        {"jnp.swapaxes(x[0].reshape(2, 3, 2), 0, -1)",
         [](const Tensors& x) {
             return Tensors{swap_axes(reshape(x[0], {2, 3, 2}), 0, -1)};
         },
         {X}},
        {"x[0][1:3, 0:4:3]",
         [](const Tensors& x) {
             return Tensors{slice(x[0], {1, 0}, {3, 4}, {1, 3})};
         },
         {X}},
        {"x[0][:, 0:3:2]",
         [](const Tensors& x) {
             return Tensors{slice(x[0], {0, 0}, {3, 3}, {1, 2})};
         },
         {X}},
        {"x[0][1:1]", [](const Tensors& x) { return Tensors{slice_axis(x[0], 0, 1, 1)}; }, {X}},
        {"jnp.split(x[0], 2, 1)[1]", [](const Tensors& x) { return Tensors{split(x[0], 2, 1)[1]}; }, {X}},
        {"jnp.prod(jnp.stack(jnp.split(x[0], 2, -1)), 0)",
         [](const Tensors& x) {
             const Tensors halves = split(x[0], 2, -1);
             return Tensors{halves[0] * halves[1]};
         },
         {X}},
        {"x[0][1:3, 0:3]",  // moved inside at both ends
         [](const Tensors& x) {
             return Tensors{dynamic_slice(x[0], {start(2), start(-1)}, {2, 3})};
         },
         {X}},
        {"lax.dynamic_slice(x[0], (1, 1), (2, 3))",
         [](const Tensors& x) {
             return Tensors{dynamic_slice(x[0], {start(1), start(1)}, {2, 3})};
         },
         {X}},
        {"lax.dynamic_update_slice(x[0], x[1], (2, 3))",
         [](const Tensors& x) {
             return Tensors{dynamic_update_slice(x[0], x[1], {start(2), start(3)})};
         },
         {X, Y}},
        {"lax.dynamic_update_slice(x[0], x[1][:, :2], (0, 1))",
         [](const Tensors& x) {
             return Tensors{dynamic_update_slice(x[0], slice_axis(x[1], 1, 0, 2), {start(0), start(1)})};
         },
         {X, Y}},
        {"lax.pad(x[0], 1.5, ((1, 2, 0), (0, 1, 2)))",
         [](const Tensors& x) {
             return Tensors{pad(x[0], 1.5, {1, 0}, {2, 1}, {0, 2})};
         },
         {X}},
        {"lax.pad(x[0], x[1][0, 0], ((0, 0, 3), (1, 0, 0)))",
         [](const Tensors& x) {
             return Tensors{pad(x[0], reshape(slice(x[1], {0, 0}, {1, 1}), {}), {0, 1}, {0, 0}, {3, 0})};
         },
         {X, Y}},
        {"jnp.concatenate([x[0], x[1], x[0]], 0)",
         [](const Tensors& x) {
             return Tensors{concatenate({x[0], x[1], x[0]}, 0)};
         },
         {X, Y}},
        {"jnp.stack([x[0], x[0]], 2)",
         [](const Tensors& x) {
             return Tensors{stack({x[0], x[0]}, -1)};
         },
         {X}},
        {"x[0][::-1, ::-1]",
         [](const Tensors& x) {
             return Tensors{reverse(x[0], {0, 1})};
         },
         {X}},
        {"x[0][:, ::-1]", [](const Tensors& x) { return Tensors{reverse(x[0], {-1})}; }, {X}},
    };
    return SAMPLES;
}

TEST(Movement, ValuesAreJaxs) {
    test::Oracle oracle;
    for (const auto& one : samples()) oracle.expect(one.jax, one.inputs, test::run(one.call, one.inputs)[0], 0.0);
    oracle.expect("jnp.eye(3, dtype='f4')", {}, test::run([](auto&&) { return Tensors{eye(3)}; }, {})[0]);
    oracle.expect("lax.broadcasted_iota('u1', (2, 300), 1)", {},
                  test::run(
                      [](auto&&) {
                          return Tensors{iota({2, 300}, 1, DataType::UINT8)};
                      },
                      {})[0]);
    oracle.expect("lax.broadcasted_iota('bfloat16', (2, 300), 1)", {},
                  test::run(
                      [](auto&&) {
                          return Tensors{iota({2, 300}, 1, DataType::BFLOAT16)};
                      },
                      {})[0],
                  0.0);
    oracle.check();
}

TEST(Movement, GradientsMatchCentralDifferences) {
    for (const auto& one : samples()) {
        SCOPED_TRACE(one.jax);
        expect_gradient(one.call, one.inputs);
        test::expect_mapped(one.call, one.inputs);
    }
}

TEST(Movement, MovesEveryTypeBitForBit) {
    for (std::size_t t = 0; t < DATA_TYPE_COUNT; ++t) {
        const HostArray x = sample(Shape(static_cast<DataType>(t), {2, 3}), -2, 2);
        EXPECT_EQ(test::run([](const Tensors& in) { return Tensors{transpose(transpose(in[0]))}; }, {x})[0], x);
        EXPECT_EQ(test::run(
                      [](const Tensors& in) {
                          return Tensors{pad(slice_axis(in[0], 1, 0, 2), 0, {0, 0}, {0, 1})};
                      },
                      {x})[0]
                      .shape(),
                  x.shape());
    }
}

TEST(Movement, NothingIsRecordedWhereNothingMoves) {
    const Tensor x = zeros({2, 3});
    EXPECT_EQ(reshape(x, {2, 3}).node(), x.node());
    EXPECT_EQ(transpose(x, {0, 1}).node(), x.node());
    EXPECT_EQ(slice(x, {0, 0}, {2, 3}).node(), x.node());
    EXPECT_EQ(pad(x, 0, {0, 0}, {0, 0}).node(), x.node());
    EXPECT_EQ(concatenate({x}, 0).node(), x.node());
}

TEST(Movement, ErrorsNameTheShapes) {
    const Tensor x = zeros({2, 3});
    const auto fails = [](const char* message, const std::function<void()>& f) {
        expect_error(Code::SHAPE_MISMATCH, message, f);
    };
    fails("broadcast_to: cannot broadcast f32[2,3] to [3,3]", [&] { broadcast_to(x, {3, 3}); });
    fails("broadcast_in_dim: dimension 0 of f32[2,3] cannot become dimension 1 of [3,3]", [&] {
        broadcast_in_dim(x, {3, 3}, {1, 0});
    });
    fails("broadcast_in_dim: dimensions [0,0] repeat", [&] { broadcast_in_dim(zeros({2, 2}), {2, 2}, {0, 0}); });
    fails("reshape: f32[2,3] has 6 elements, [4] does not", [&] { reshape(x, {4}); });
    fails("reshape: f32[2,3] has 6 elements, [-1,4] does not", [&] { reshape(x, {-1, 4}); });
    fails("reshape: f32[2,3] has 6 elements, [-2,-3] does not", [&] { reshape(x, {-2, -3}); });
    fails("transpose: [0,0] is no permutation", [&] { transpose(x, {0, 0}); });
    fails("transpose: f32[2,3] has 2 dimensions, 1 entries of a permutation were given", [&] { transpose(x, {0}); });
    fails("slice: 0:4:1 is not inside dimension 1 of f32[2,3]", [&] { slice(x, {0, 0}, {2, 4}); });
    fails("slice: 0:3:0 is not inside dimension 1 of f32[2,3]", [&] { slice(x, {0, 0}, {2, 3}, {1, 0}); });
    fails("squeeze: dimension 1 of f32[2,3] is not 1", [&] { squeeze(x, -1); });
    fails("split: dimension 1 of f32[2,3] does not split into 2 equal parts", [&] { split(x, 2, 1); });
    fails("dynamic_slice: size 4 is larger than dimension 1 of f32[2,3]", [&] {
        dynamic_slice(x, {start(0), start(0)}, {1, 4});
    });
    fails("dynamic_slice: starts must be integer scalars, got f32[]", [&] {
        dynamic_slice(x, {zeros({}), zeros({})}, {1, 1});
    });
    fails("dynamic_update_slice: the update f32[3,3] is larger than f32[2,3]", [&] {
        dynamic_update_slice(x, zeros({3, 3}), {start(0), start(0)});
    });
    fails("dynamic_update_slice: starts must be integer scalars, got i32[1]", [&] {
        dynamic_update_slice(x, x, {start(0), zeros({1}, DataType::INT32)});
    });
    fails("pad: edges and interior must not be negative", [&] { pad(x, 0, {-1, 0}, {0, 0}); });
    fails("pad: f32[2,3] has 2 dimensions, 1 interiors were given", [&] { pad(x, 0, {1, 0}, {0, 0}, {1}); });
    fails("pad: the value must be a scalar, got f32[2,3]", [&] { pad(x, x, {1, 0}, {0, 0}); });
    fails("concatenate: f32[2,4] does not fit f32[2,3] along dimension 0", [&] { concatenate({x, zeros({2, 4})}, 0); });
    fails("concatenate: no dimension 2 in a tensor of rank 2", [&] { concatenate({x, x}, 2); });
    fails("reverse: dimensions [0,0] repeat", [&] { reverse(x, {0, -2}); });
    fails("iota: no dimension 1 in a tensor of rank 1", [] { iota({3}, 1); });
    expect_error(Code::DTYPE_MISMATCH, "dynamic_update_slice: cannot write i32[2,3] into f32[2,3]", [&] {
        dynamic_update_slice(x, zeros({2, 3}, DataType::INT32), {start(0), start(0)});
    });
    expect_error(Code::DTYPE_MISMATCH, "pad: cannot pad f32[2,3] with i32[]", [&] {
        pad(x, zeros({}, DataType::INT32), {1, 0}, {0, 0});
    });
    expect_error(Code::DTYPE_MISMATCH, "concatenate: i32[2,3] does not fit f32[2,3]", [&] {
        concatenate({x, zeros({2, 3}, DataType::INT32)}, 0);
    });
    expect_error(Code::INVALID_ARGUMENT, "concatenate: no tensors were given", [] { concatenate({}, 0); });
}

}  // namespace
}  // namespace podium
