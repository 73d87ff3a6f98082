#include "podium/numeric/fourier.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

/// Returns the tensors together as complex numbers: differences are of real ones.
Tensor joined(const Tensors& parts) { return complex(parts[0], parts[1]); }

TEST(Fourier, ExamplesAreJaxs) {
    const std::vector<HostArray> two{f64({2, 5}), f64({2, 5}, 2)};
    const auto of_complex = [](auto f) { return [=](const Tensors& in) { return Tensors{f(joined(in))}; }; };
    test::expect_examples({
        {"jnp.fft.fft(x[0])", [](const Tensors& in) { return Tensors{fft(in[0])}; }, {f64({2, 5})}},
        {"jnp.fft.fft(lax.complex(*x), 4)", of_complex([](const Tensor& z) { return fft(z, {.length = 4}); }), two},
        {"jnp.fft.ifft(lax.complex(*x), 3, 0, 'ortho')",
         of_complex([](const Tensor& z) { return ifft(z, {.length = 3, .axis = 0, .norm = FourierNorm::ORTHO}); }),
         two},
        {"jnp.fft.rfft(x[0], norm='forward')",
         [](const Tensors& in) { return Tensors{rfft(in[0], {.norm = FourierNorm::FORWARD})}; },
         {f64({2, 6})}},
        {"jnp.fft.rfft(x[0], 7, 0)",
         [](const Tensors& in) { return Tensors{rfft(in[0], {.length = 7, .axis = 0})}; },
         {f64({4, 2})}},
        {"jnp.fft.irfft(lax.complex(*x))", of_complex([](const Tensor& z) { return irfft(z); }), two},
        {"jnp.fft.irfft(lax.complex(*x), 7, norm='ortho')",
         of_complex([](const Tensor& z) { return irfft(z, {.length = 7, .norm = FourierNorm::ORTHO}); }), two},
        {"jnp.fft.irfft(lax.complex(*x), 5)", of_complex([](const Tensor& z) { return irfft(z, {.length = 5}); }), two},
        {"jnp.fft.hfft(lax.complex(*x))", of_complex([](const Tensor& z) { return hfft(z); }), two},
        {"jnp.fft.hfft(lax.complex(*x), 6, norm='forward')",
         of_complex([](const Tensor& z) { return hfft(z, {.length = 6, .norm = FourierNorm::FORWARD}); }), two},
        {"jnp.fft.ihfft(x[0], norm='ortho')",
         [](const Tensors& in) { return Tensors{ihfft(in[0], {.norm = FourierNorm::ORTHO})}; },
         {f64({5})}},
        {"jnp.fft.fft2(lax.complex(*x))", of_complex([](const Tensor& z) { return fft2(z); }), two},
        {"jnp.fft.rfft2(x[0], (4, 3), axes=(1, 0))",
         [](const Tensors& in) {
             return Tensors{rfft2(in[0], {.lengths = {4, 3}, .axes = {1, 0}})};
         },
         {f64({2, 5})}},
        {"jnp.fft.irfft2(lax.complex(*x), norm='ortho')",
         of_complex([](const Tensor& z) { return irfft2(z, {.norm = FourierNorm::ORTHO}); }), two},
        {"jnp.fft.fftshift(x[0])", [](const Tensors& in) { return Tensors{fftshift(in[0])}; }, {f64({2, 5})}},
        {"jnp.fft.ifftshift(x[0], 1)", [](const Tensors& in) { return Tensors{ifftshift(in[0], {1})}; }, {f64({2, 5})}},
    });
}

TEST(Fourier, AnyNumberOfAxesIsTransformed) {
    test::Oracle oracle;
    const Shape shape(DataType::COMPLEX128, {2, 3, 2, 4, 3});
    const std::vector<HostArray> inputs{test::sample(shape), f64(shape.dims, 2)};
    const auto expect = [&](const char* jax, auto f) {
        oracle.expect(jax, inputs, test::run([&](const Tensors& in) { return Tensors{f(in)}; }, inputs)[0], 1e-12);
    };
    expect("jnp.fft.fft(jnp.fft.fftn(jnp.fft.fft(x[0], axis=0), axes=(1, 2, 3)), axis=4)",
           [](const Tensors& in) { return fftn(in[0]); });
    expect("jnp.fft.ifft(jnp.fft.ifftn(x[0], axes=(1, 2, 3)), axis=4)", [](const Tensors& in) {
        return ifftn(in[0], {.axes = {4, 2, 1, 3}});
    });
    expect("jnp.fft.ifft2(x[0], norm='forward')",
           [](const Tensors& in) { return ifft2(in[0], {.norm = FourierNorm::FORWARD}); });
    expect("jnp.fft.fftn(jnp.fft.rfftn(x[1], axes=(2, 3, 4)), axes=(0, 1))",
           [](const Tensors& in) { return rfftn(in[1]); });
    expect("jnp.fft.rfftn(x[1], (5, 2))", [](const Tensors& in) { return rfftn(in[1], {.lengths = {5, 2}}); });
    expect("jnp.fft.irfftn(jnp.fft.ifftn(x[0], axes=(0, 1)), (2, 4, 5), axes=(2, 3, 4))", [](const Tensors& in) {
        return irfftn(in[0], {.lengths = {2, 3, 2, 4, 5}});
    });
    expect("jnp.fft.fftfreq(5, 0.1).astype('f4')", [](const Tensors&) { return fftfreq(5, 0.1); });
    expect("jnp.fft.fftfreq(6).astype('f4')", [](const Tensors&) { return fftfreq(6); });
    expect("jnp.fft.rfftfreq(7, 2.0)", [](const Tensors&) { return rfftfreq(7, 2.0, DataType::FLOAT64); });
    oracle.check();
}

TEST(Fourier, SaysWhatDoesNotFit) {
    expect_error(Code::DTYPE_MISMATCH, "rfft: takes f32 and f64, got c64[2]",
                 [] { rfft(zeros({2}, DataType::COMPLEX64)); });
    expect_error(Code::DTYPE_MISMATCH, "fft: takes c64, c128, f32, f64, got i32[2]",
                 [] { fft(zeros({2}, DataType::INT32)); });
    expect_error(Code::SHAPE_MISMATCH, "fft: f32[2,0] has 0 elements along dimension 1", [] { fft(zeros({2, 0})); });
    expect_error(Code::SHAPE_MISMATCH, "fftn: axes [0] of f32[2] and lengths [2,2]", [] {
        fftn(zeros({2}), {.lengths = {2, 2}, .axes = {0}});
    });
    expect_error(Code::INVALID_ARGUMENT, "fftn: axis 1 is there twice", [] { fftn(zeros({2, 2}), {.axes = {1, -1}}); });
    expect_error(Code::SHAPE_MISMATCH, "fft2", [] { fft2(zeros({2})); });
    expect_error(Code::INVALID_ARGUMENT, "fftfreq: a signal has 1 element at least, got 0", [] { fftfreq(0); });
}

}  // namespace
}  // namespace podium
