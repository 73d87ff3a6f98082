#include "podium/models/unet.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::models {
namespace {

UnetOptions small_unet() {
    return {.channels = 2,
            .widths = {4, 8},
            .blocks = 1,
            .groups = 2,
            .heads = 2,
            .precision = {DataType::FLOAT64, DataType::FLOAT64}};
}

TEST(Unet, ValueAndGradientsAreJaxs) {
    const Unet model(small_unet());
    Tree parameters = test::sampled(model.init(key(0)));
    parameters.set("x", test::sample({2, 4, 6, 2}, 9));
    const Tensor steps = tensor(std::vector<std::int32_t>{3, 700});
    const auto loss = [&](const Tree& p) { return mean(square(model(p, p["x"], steps))); };
    const auto [value, gradient] = value_and_grad(loss)(parameters);
    const auto expected = test::jax_results(R"(
def sub(p, name): return {k[len(name) + 1:]: v for k, v in p.items() if k.startswith(name + '.')}
def conv(p, x, stride=1):
    k = p['weight'].shape[0] // 2
    y = jax.lax.conv_general_dilated(x, p['weight'], (stride, stride), [(k, k), (k, k)],
                                     dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
    return y + p['bias']
def linear(p, x): return x @ p['weight'] + p['bias']
def norm(p, y):
    g = y.reshape(*y.shape[:3], 2, -1)
    g = (g - g.mean((1, 2, 4), keepdims=True)) / jnp.sqrt(g.var((1, 2, 4), keepdims=True) + 1e-5)
    return g.reshape(y.shape) * p['weight'] + p['bias']
silu = jax.nn.silu
def block(p, x, t):
    y = conv(sub(p, 'conv1'), silu(norm(sub(p, 'norm1'), x))) + linear(sub(p, 'time'), silu(t))[:, None, None]
    y = conv(sub(p, 'conv2'), silu(norm(sub(p, 'norm2'), y)))
    return y + (conv(sub(p, 'shortcut'), x) if 'shortcut.weight' in p else x)
def attend(p, x):
    b, h, w, c = x.shape
    q, k, v = jnp.split(linear(sub(p, 'qkv'), norm(sub(p, 'norm'), x)).reshape(b, h * w, 3 * c), 3, axis=2)
    q, k, v = (a.reshape(b, h * w, 2, c // 2) for a in (q, k, v))
    weights = jax.nn.softmax(jnp.einsum('bqhd,bkhd->bhqk', q, k) / (c // 2) ** 0.5)
    return x + linear(sub(p, 'out'), jnp.einsum('bhqk,bkhd->bqhd', weights, v).reshape(x.shape))
def loss(p):
    angles = np.array([3.0, 700.0])[:, None] * np.exp(-np.log(10000) * np.arange(2) / 2)
    t = jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], 1)
    t = linear(sub(p, 'time.down'), silu(linear(sub(p, 'time.up'), t)))
    a = conv(sub(p, 'stem'), p['x'])
    b = block(sub(p, 'down.0'), a, t)
    c = conv(sub(p, 'halve.0'), b, 2)
    d = block(sub(p, 'down.1'), c, t)
    y = block(sub(p, 'middle.1'), attend(sub(p, 'attention'), block(sub(p, 'middle.0'), d, t)), t)
    y = block(sub(p, 'up.0'), jnp.concatenate([y, d], 3), t)
    y = block(sub(p, 'up.1'), jnp.concatenate([y, c], 3), t)
    y = conv(sub(p, 'double.0'), y.repeat(2, 1).repeat(2, 2))
    y = block(sub(p, 'up.2'), jnp.concatenate([y, b], 3), t)
    y = block(sub(p, 'up.3'), jnp.concatenate([y, a], 3), t)
    return (conv(sub(p, 'head'), silu(norm(sub(p, 'norm'), y))) ** 2).mean()
out['loss'], gradient = jax.jit(jax.value_and_grad(loss))(given)
out.update(gradient)
)",
                                            parameters);
    test::expect_near(test::interpreted({value})[0], expected["loss"], 1e-12, "loss");
    const auto ours = test::interpreted(gradient.leaves());
    for (std::size_t i = 0; i < ours.size(); ++i)
        test::expect_near(ours[i], expected[gradient.path(i)], 1e-9, "gradient of " + gradient.path(i));
}

TEST(Unet, SaysWhichSizesItTakes) {
    const auto with = [](auto change) {
        return [=] {
            auto options = small_unet();
            change(options);
            const Unet model(options);
        };
    };
    expect_error(Code::INVALID_ARGUMENT, "unet: needs a width", with([](auto& o) { o.widths = {}; }));
    expect_error(Code::INVALID_ARGUMENT, "unet: 3 groups do not divide a width of 4",
                 with([](auto& o) { o.groups = 3; }));
    expect_error(Code::INVALID_ARGUMENT, "unet: 3 heads do not divide a width of 8",
                 with([](auto& o) { o.heads = 3; }));
    const Unet model(small_unet());
    const Tree parameters = model.init(key(0));
    expect_error(Code::SHAPE_MISMATCH, "unet: takes [batch,height,width,2] with sides that 2 divides, got f64[1,4,5,2]",
                 [&] {
                     model(parameters, zeros({1, 4, 5, 2}, DataType::FLOAT64), zeros({1}, DataType::INT32));
                 });
    expect_error(Code::SHAPE_MISMATCH, "unet: takes a step for each of 1 images, got i32[2]", [&] {
        model(parameters, zeros({1, 4, 4, 2}, DataType::FLOAT64), zeros({2}, DataType::INT32));
    });
}

}  // namespace
}  // namespace podium::models
