#include "podium/numeric/interpolation.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

HostArray points() { return HostArray::of<double>({4}, {-1.5, -0.2, -0.2, 1}); }

test::Example resized_example(const char* jax, const Dims& from, const Dims& to, ResizeMethod method,
                              bool antialias = true) {
    return {jax, [=](const Tensors& in) { return Tensors{resize(in[0], to, method, antialias)}; }, {f64(from)}};
}

TEST(Interpolation, ExamplesAreJaxs) {
    const auto mapped = [](const char* jax, Dims dims, MapCoordinatesOptions options) -> test::Example {
        return {jax,
                [=](const Tensors& in) {
                    return Tensors{map_coordinates(in[0], {in[1] * 3.0, in[2] * 3.0}, options)};
                },
                {f64(std::move(dims)), f64({2, 4}, 5), f64({2, 4}, 6)}};
    };
    test::expect_examples({
        {"jnp.interp(x[0], jnp.array([-1.5, -0.2, -0.2, 1], x[0].dtype), x[1])",
         [](const Tensors& in) {
             return Tensors{interpolate(in[0], convert(constant(points()), in[0].type()), in[1])};
         },
         {f64({2, 4}), f64({4}, 2)}},
        {"jnp.interp(x[0], jnp.array([-1., 0.5, 1.], x[0].dtype), x[1], left=3, right=-4)",
         [](const Tensors& in) {
             const Tensor xs = convert(constant(HostArray::of<double>({3}, {-1, 0.5, 1})), in[0].type());
             return Tensors{interpolate(in[0], xs, in[1], {.left = 3, .right = -4})};
         },
         {f64({6}), f64({3}, 2)}},
        resized_example("jax.image.resize(x[0], (4, 5), 'linear')", {2, 3}, {4, 5}, ResizeMethod::LINEAR),
        resized_example("jax.image.resize(x[0], (3, 2), 'linear')", {7, 5}, {3, 2}, ResizeMethod::LINEAR),
        resized_example("jax.image.resize(x[0], (3,), 'linear', antialias=False)", {8}, {3}, ResizeMethod::LINEAR,
                        false),
        resized_example("jax.image.resize(x[0], (2, 5, 3), 'cubic')", {2, 4, 6}, {2, 5, 3}, ResizeMethod::CUBIC),
        resized_example("jax.image.resize(x[0], (3,), 'cubic', antialias=False)", {9}, {3}, ResizeMethod::CUBIC, false),
        resized_example("jax.image.resize(x[0], (9,), 'lanczos3')", {5}, {9}, ResizeMethod::LANCZOS3),
        resized_example("jax.image.resize(x[0], (4,), 'lanczos3')", {11}, {4}, ResizeMethod::LANCZOS3),
        resized_example("jax.image.resize(x[0], (5, 9), 'lanczos5')", {8, 4}, {5, 9}, ResizeMethod::LANCZOS5),
        resized_example("jax.image.resize(x[0], (5, 2), 'nearest')", {3, 5}, {5, 2}, ResizeMethod::NEAREST),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 1)", {3, 4}, {}),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 1, 'constant', 2)", {3, 4}, {.value = 2}),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 0, 'nearest')", {3, 4},
               {.order = 0, .outside = Outside::NEAREST}),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 1, 'wrap')", {3, 2},
               {.outside = Outside::WRAP}),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 1, 'mirror')", {3, 2},
               {.outside = Outside::MIRROR}),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 0, 'reflect')", {3, 2},
               {.order = 0, .outside = Outside::REFLECT}),
        mapped("jax.scipy.ndimage.map_coordinates(x[0], [x[1] * 3, x[2] * 3], 1, 'reflect')", {1, 4},
               {.outside = Outside::REFLECT}),
    });
}

TEST(Interpolation, IntegersAndNarrowFloatsKeepTheirTypes) {
    test::Oracle oracle;
    const auto expect = [&](const char* jax, const std::vector<HostArray>& x, auto f) {
        oracle.expect(jax, x, test::run([&](const Tensors& in) { return Tensors{f(in)}; }, x)[0]);
    };
    const HostArray image = test::sample(Shape(DataType::INT32, {3, 4}), 0, 90);
    expect("jax.image.resize(x[0], (7, 2), 'nearest')", {image}, [](const Tensors& in) {
        return resize(in[0], {7, 2}, ResizeMethod::NEAREST);
    });
    expect("jax.image.resize(x[0], (5, 2), 'cubic')", {test::sample(Shape(DataType::BFLOAT16, {3, 4}))},
           [](const Tensors& in) {
               return resize(in[0], {5, 2}, ResizeMethod::CUBIC);
           });
    expect("jax.scipy.ndimage.map_coordinates(x[0], [x[1], x[1]], 1)", {image, f64({5})}, [](const Tensors& in) {
        return map_coordinates(in[0], {in[1], in[1]});
    });
    oracle.check();
}

TEST(Interpolation, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "interpolate: takes points as two vectors of one length",
                 [] { interpolate(zeros({2}), zeros({3}), zeros({4})); });
    expect_error(Code::DTYPE_MISMATCH, "resize: takes floating-point numbers, got i32[2]",
                 [] { resize(zeros({2}, DataType::INT32), {3}, ResizeMethod::LINEAR); });
    expect_error(Code::SHAPE_MISMATCH, "resize: dimension 0 of f32[0] cannot get 3 elements",
                 [] { resize(zeros({0}), {3}, ResizeMethod::LINEAR); });
    expect_error(Code::SHAPE_MISMATCH, "resize", [] { resize(zeros({2, 2}), {3}, ResizeMethod::LINEAR); });
    expect_error(Code::INVALID_ARGUMENT, "map_coordinates: the order is 0 or 1, got 3",
                 [] { map_coordinates(zeros({2}), {zeros({3})}, {.order = 3}); });
    expect_error(Code::SHAPE_MISMATCH, "map_coordinates: takes floating-point coordinates of one shape", [] {
        map_coordinates(zeros({2, 2}), {zeros({3}), zeros({4})});
    });
}

}  // namespace
}  // namespace podium
