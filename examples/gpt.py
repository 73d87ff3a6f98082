"""Trains a byte-level GPT on eight devices: the batch split four ways, the wide layers two ways.

gpt.py [FOLDER] [STEPS]"""

import pathlib
import sys

import numpy as np
import podium as pd

folder = sys.argv[1] if len(sys.argv) > 1 else "docs"
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
LENGTH, BATCH = 128, 16

mesh = pd.Mesh({"data": 4, "model": 2}, "cpu")
model = pd.models.Gpt(vocabulary=256, length=LENGTH, layers=2, width=128, heads=4)
optimizer = pd.optim.adamw(
    learning_rate=1e-3,
    schedule="warmup_cosine",
    warmup_steps=steps // 10,
    total_steps=steps,
    weight_decay=0.1,
    clip_global_norm=1.0,
)
shardings = {"batch.**": ["data"], "**.mlp.up.weight": ["", "model"]}


def loss(params, batch, dropout):
    return pd.nn.cross_entropy(model(params, batch["inputs"], dropout), batch["targets"])


def init(key):
    params = model.init(key)
    return {"params": params, "optimizer": optimizer.init(params), "key": key}


def step(state, batch):
    dropout, key = pd.random.split(state["key"])
    value, gradient = pd.value_and_grad(loss)(state["params"], batch, dropout)
    updates, slots = optimizer.update(gradient, state["optimizer"], state["params"])
    return {"params": pd.optim.apply_updates(state["params"], updates), "optimizer": slots, "key": key}, value


init = pd.jit(init, mesh=mesh, shardings=shardings)  # born sharded
step = pd.jit(step, mesh=mesh, shardings=shardings, donate_argnums=0)

text = b"\n".join(path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*.md")))
data, random = np.frombuffer(text, np.uint8).astype(np.int32), np.random.default_rng(0)
state = init(pd.random.key(0))
for _ in range(steps):
    windows = np.stack([data[i : i + LENGTH + 1] for i in random.integers(0, len(data) - LENGTH - 1, BATCH)])
    batch = {"inputs": pd.shard(windows[:, :-1], mesh, ["data"]), "targets": pd.shard(windows[:, 1:], mesh, ["data"])}
    state, value = step(state, batch)  # returns at once
print(float(value))  # waits
