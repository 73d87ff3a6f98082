"""The work that `podium bench` measures is that of the peers: their first losses, computed here with JAX."""

import json
import unittest

from command import CommandTest

PEER = """
import os
os.environ['JAX_PLATFORMS'] = 'cpu'
import jax, jax.numpy as jnp, optax

def hashed(count, seed):
    x = ((np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    x ^= x >> np.uint32(16); x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15); x *= np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))

def uniform(shape, scale, seed):
    return ((hashed(np.prod(shape), seed) / 2.0**32 * 2.0 - 1.0) * scale).astype(np.float32).reshape(shape)

# name, inputs, outputs, window
LAYERS = [('stem', 3, 16, 3), ('0.1', 16, 16, 3), ('0.2', 16, 16, 3), ('1.1', 16, 32, 3), ('1.2', 32, 32, 3),
          ('1.short', 16, 32, 1), ('2.1', 32, 64, 3), ('2.2', 64, 64, 3), ('2.short', 32, 64, 1)]
parameters = {n: (uniform((k, k, i, o), (3.0 / (k * k * i)) ** 0.5, 300 + at), np.zeros(o, np.float32))
              for at, (n, i, o, k) in enumerate(LAYERS)}
parameters['head'] = uniform((64, 10), 0.1, 390), np.zeros(10, np.float32)
images, labels = uniform((128, 32, 32, 3), 1.0, 9), (hashed(128, 10) % 10).astype(np.int32)

def conv(p, name, x, stride):
    weight, bias = p[name]
    half = weight.shape[0] // 2
    return bias + jax.lax.conv_general_dilated(x, weight, (stride, stride), [(half, half)] * 2,
                                               dimension_numbers=('NHWC', 'HWIO', 'NHWC'))

def loss(p):
    h = jax.nn.relu(conv(p, 'stem', images, 1))
    for i in range(3):
        stride = 1 if i == 0 else 2
        short = h if i == 0 else conv(p, f'{i}.short', h, 2)
        h = jax.nn.relu(conv(p, f'{i}.2', jax.nn.relu(conv(p, f'{i}.1', h, stride)), 1) + short)
    weight, bias = p['head']
    return optax.softmax_cross_entropy_with_integer_labels(h.mean((1, 2)) @ weight + bias, labels).mean()

optimizer = optax.adamw(3e-4, weight_decay=0.01)

@jax.jit
def step(p, state):
    value, gradient = jax.value_and_grad(loss)(p)
    updates, state = optimizer.update(gradient, state, p)
    return optax.apply_updates(p, updates), state, value

state, losses = optimizer.init(parameters), []
for _ in range(5):
    parameters, state, value = step(parameters, state)
    losses.append(float(value))
print(losses)
"""


class Bench(CommandTest):
    def test_the_residual_networks_first_losses_are_jaxs(self):
        measured = json.loads(self.done("bench", "cnn_step", "--json", "--seconds", "0"))
        for ours, jaxs in zip(measured["extra"]["losses"], json.loads(self.numpy(PEER)), strict=True):
            self.assertAlmostEqual(ours, jaxs, delta=1e-5)


if __name__ == "__main__":
    unittest.main()
