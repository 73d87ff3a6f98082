"""Optimizers beside optax, layers beside NumPy, and a loop that learns."""

import unittest

import numpy as np
import podium as pd
from support import oracle

RANDOM = np.random.default_rng(1)
WEIGHT = RANDOM.normal(size=(4, 3)).astype(np.float32)
BIAS = RANDOM.normal(size=(3,)).astype(np.float32)
GRADIENTS = RANDOM.normal(size=(5, 4, 3)).astype(np.float32)
# The library's table has more; C++ compares each with its source.
OPTAX = {
    "sgd": ("optax.sgd(0.1, momentum=0.9)", {"momentum": 0.9}),
    "adam": ("optax.adam(0.1, b1=0.8)", {"beta1": 0.8}),
    "adamw": ("optax.adamw(0.1, weight_decay=0.2)", {"weight_decay": 0.2}),
    "lion": ("optax.lion(0.1)", {}),
    "rmsprop": ("optax.rmsprop(0.1)", {}),
}


class TrainingTest(unittest.TestCase):
    def test_optimizers_are_optaxs(self):
        script = "import optax, jax\n"
        for name, (text, _) in OPTAX.items():
            script += f"""
optimizer = {text}
params = {{'w': weight, 'b': bias}}
state = optimizer.init(params)
for gradient in gradients:
    updates, state = optimizer.update({{'w': gradient, 'b': gradient[0]}}, state, params)
    params = optax.apply_updates(params, updates)
result['{name}.w'], result['{name}.b'] = params['w'], params['b']
"""
        wanted = oracle(script, weight=WEIGHT, bias=BIAS, gradients=GRADIENTS)
        for name, (_, options) in OPTAX.items():
            optimizer = getattr(pd.optim, name)(learning_rate=0.1, **options)
            params = {"w": WEIGHT, "b": BIAS}
            state = optimizer.init(params)
            for gradient in GRADIENTS:
                updates, state = optimizer.update({"w": gradient, "b": gradient[0]}, state, params)
                params = pd.optim.apply_updates(params, updates)
            for leaf in "wb":
                np.testing.assert_allclose(np.asarray(params[leaf]), wanted[f"{name}.{leaf}"], rtol=1e-5, atol=1e-5)

    def test_every_optimizer_of_the_table_steps_and_is_described(self):
        def loss(params):
            return pd.sum(params["layer"]["w"] ** 2) + pd.sum(params["layer"]["b"] ** 2)

        self.assertGreater(len(pd.optim.names()), 10)
        for name in pd.optim.names():
            optimizer = getattr(pd.optim, name)(learning_rate=0.1)
            params = {"layer": {"w": WEIGHT, "b": BIAS}}
            updates, state = optimizer.update(params, optimizer.init(params), params, loss=loss)
            self.assertEqual(updates["layer"]["w"].shape, (4, 3), name)
            self.assertTrue(np.isfinite(np.asarray(updates["layer"]["w"])).all(), name)
            self.assertIn("learning_rate", getattr(pd.optim, name).__doc__)

    def test_wrong_options_and_trees_are_named(self):
        with self.assertRaisesRegex(TypeError, "no option beta9"):
            pd.optim.adam(0.1, beta9=1)
        with self.assertRaisesRegex(pd.InvalidArgument, "clip_global_norm is -1"):
            pd.optim.adam(0.1, clip_global_norm=-1.0)
        optimizer = pd.optim.adam(0.1)
        with self.assertRaises(pd.ShapeMismatch):
            optimizer.update({"other": WEIGHT}, optimizer.init({"w": WEIGHT}), {"w": WEIGHT})

    def test_layers_compute_what_they_say(self):
        layer = pd.nn.Linear(4, 3)
        params = layer.init(pd.random.key(0))
        x = RANDOM.normal(size=(2, 4)).astype(np.float32)
        weight, bias = (np.asarray(params[name]) for name in ("weight", "bias"))
        np.testing.assert_allclose(np.asarray(layer(params, x)), x @ weight + bias, rtol=1e-5, atol=1e-6)
        network = pd.nn.Sequential(pd.nn.Linear(10, 20), pd.nn.ReLU(), pd.nn.Linear(20, 5))
        model = network.model(3).to("cpu")
        self.assertEqual(list(model.params), ["0.weight", "0.bias", "2.weight", "2.bias"])
        self.assertEqual(model(pd.ones((7, 10))).shape, (7, 5))
        hidden = np.maximum(
            np.ones((1, 10)) @ np.asarray(model.params["0.weight"]) + np.asarray(model.params["0.bias"]), 0
        )
        wanted = hidden @ np.asarray(model.params["2.weight"]) + np.asarray(model.params["2.bias"])
        np.testing.assert_allclose(np.asarray(model(pd.ones((1, 10)))), wanted, rtol=1e-5, atol=1e-5)
        self.assertEqual(model.to("interp")(pd.ones((1, 10)).to("interp")).device.type, pd.DeviceType.INTERP)
        with self.assertRaisesRegex(pd.ShapeMismatch, "linear|Linear"):
            model(pd.ones((7, 11)))
        images = pd.nn.Sequential(pd.nn.Conv(3, 8, strides=(2, 2)), pd.nn.GroupNorm(8, 2), pd.nn.Dropout(0.5)).model()
        self.assertEqual(images(pd.ones((2, 8, 8, 3)), pd.random.key(1)).shape, (2, 4, 4, 8))

    def test_keys_are_jaxs(self):
        wanted = oracle("import jax\njax.config.update('jax_threefry_partitionable', True)\n"
                        "result['normal'] = jax.random.normal(jax.random.PRNGKey(7), (3, 5))\n"
                        "result['split'] = jax.random.split(jax.random.PRNGKey(7), 3)")  # fmt: skip
        np.testing.assert_allclose(
            np.asarray(pd.random.normal(pd.random.key(7), (3, 5))), wanted["normal"], rtol=1e-5, atol=1e-6
        )
        np.testing.assert_array_equal([np.asarray(k) for k in pd.random.split(pd.random.key(7), 3)], wanted["split"])

    def test_a_trainer_learns_two_rings_and_goes_on_from_its_state(self):
        angle, outer = RANDOM.uniform(0, 2 * np.pi, 512), RANDOM.integers(0, 2, 512)
        points = np.stack([(1 + outer) * np.cos(angle), (1 + outer) * np.sin(angle)], 1).astype(np.float32)
        batch = {"x": points, "y": outer.astype(np.int32)}
        network = pd.nn.Sequential(pd.nn.Linear(2, 32), pd.nn.relu, pd.nn.Linear(32, 2))

        def loss(params, batch):
            logits = network(params, batch["x"])
            return pd.nn.cross_entropy(logits, batch["y"]), {"accuracy": pd.nn.accuracy(logits, batch["y"])}

        seen = []
        trainer = pd.Trainer(loss, pd.optim.adam(1e-2), network.init(pd.random.key(0)), has_aux=True)
        metrics = trainer.fit([batch] * 100, on_step=lambda step, values: seen.append((step, float(values["loss"]))))
        self.assertEqual([step for step, _ in seen], list(range(1, 101)))
        self.assertLess(seen[-1][1], 0.2 * seen[0][1])
        self.assertGreater(float(metrics["accuracy"]), 0.95)
        other = pd.Trainer(
            loss, pd.optim.adam(1e-2), trainer.params, state=trainer.state, step=trainer.step, has_aux=True
        )
        self.assertEqual(float(other.fit([batch])["loss"]), float(trainer.fit([batch])["loss"]))
        self.assertEqual(other.step, 101)

    def test_a_trainer_stops_where_the_loss_is_no_number(self):
        trainer = pd.Trainer(lambda p, b: (p["w"] / 0).sum() * b, pd.optim.sgd(0.1), {"w": WEIGHT * 0})
        with self.assertRaisesRegex(pd.NotFinite, "step 1"):
            trainer.fit([1.0])


if __name__ == "__main__":
    unittest.main()
