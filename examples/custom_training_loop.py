"""A training loop of one's own: a small network learns which of two rings a point is on; its parameters are saved and
read back."""

import math
import pathlib
import tempfile

import numpy as np
import podium as pd

STEPS = 200


def draw(key, count):
    """Returns points on rings of radius 1 and 2, with some noise."""
    ring, angle, noise = pd.random.split(key, 3)
    outer = pd.random.bernoulli(ring, 0.5, [count])
    turn = pd.random.uniform(angle, [count], 0.0, 2 * math.pi)
    radius = pd.where(outer, 2.0, 1.0) + 0.2 * pd.random.normal(noise, [count])
    return {
        "positions": pd.stack([radius * pd.cos(turn), radius * pd.sin(turn)], axis=1),
        "labels": outer.astype("int32"),
    }


network = pd.nn.Sequential(pd.nn.Linear(2, 32), pd.nn.relu, pd.nn.Linear(32, 2))
optimizer = pd.optim.adam(learning_rate=1e-2, schedule="cosine", total_steps=STEPS)


def loss(params, points):
    logits = network(params, points["positions"])
    return pd.nn.cross_entropy(logits, points["labels"]), pd.nn.accuracy(logits, points["labels"])


@pd.jit(donate_argnums=0)
def step(state, key):
    (value, _), gradient = pd.value_and_grad(loss, has_aux=True)(state["params"], draw(key, 256))
    updates, slots = optimizer.update(gradient, state["optimizer"], state["params"])
    return {"params": pd.optim.apply_updates(state["params"], updates), "optimizer": slots}, value


evaluate = pd.jit(loss)
first, data, held_out = pd.random.split(pd.random.key(0), 3)
params = network.init(first)
state = {"params": params, "optimizer": optimizer.init(params)}
for i in range(STEPS):
    state, value = step(state, pd.random.fold_in(data, i))
    if i % 50 == 0:
        print(f"step {i:3}: loss {value:.3f}")
unseen = draw(held_out, 1000)
value, accuracy = evaluate(state["params"], unseen)
print(f"on unseen points: loss {value:.3f}, {100 * float(accuracy):.1f} % right")

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder, "rings.npz")
    np.savez(file, **{path: np.asarray(leaf) for path, leaf in state["params"].items()})
    with np.load(file) as saved:
        same = float(evaluate(dict(saved), unseen)[0]) == float(value)
print(f"the parameters read back give {'the same' if same else 'another'} loss")
raise SystemExit(0 if same and float(accuracy) > 0.95 else 1)
