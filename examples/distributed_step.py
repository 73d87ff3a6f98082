"""One distributed step of an optimizer: a tensor spread over eight devices, gradients from a data set, XLA in between.

    distributed_step.py [TEXT] [ROWS] [COLUMNS]

The tensor predicts the COLUMNS bytes of a text that follow ROWS bytes of it, by one matrix product."""

import pathlib
import sys

import numpy as np
import podium as pd

text, rows, columns = (sys.argv[1:] + ["/usr/share/common-licenses", "8192", "4096"][len(sys.argv) - 1 :])[:3]
rows, columns = int(rows), int(columns)
mesh = pd.Mesh({"data": 8}, "cpu")
shardings = {"**.weight": ["data"]}  # the tensor and both of its moments, by rows
optimizer = pd.optim.adamw(learning_rate=1e-3, weight_decay=0.01)


def init(key):
    params = {"weight": pd.random.normal(key, [rows, columns]) * 1e-3}
    return {"params": params, "optimizer": optimizer.init(params)}


def step(state, batch):  # int32[batch, rows + columns]
    numbers = batch.astype("float32") / 255.0
    seen, wanted = numbers[:, :rows], numbers[:, rows:]
    loss = lambda params: pd.nn.mean_squared_error(seen @ params["weight"], wanted)
    value, gradient = pd.value_and_grad(loss)(state["params"])
    updates, slots = optimizer.update(gradient, state["optimizer"], state["params"])
    return {"params": pd.optim.apply_updates(state["params"], updates), "optimizer": slots}, value


init = pd.jit(init, mesh=mesh, shardings=shardings)
step = pd.jit(step, mesh=mesh, shardings=shardings, donate_argnums=0)

files = [text] if pathlib.Path(text).is_file() else sorted(p for p in pathlib.Path(text).rglob("*") if p.is_file())
data = np.frombuffer(b"".join(pathlib.Path(file).read_bytes() for file in files), np.uint8)
starts = np.random.default_rng(0).integers(0, len(data) - rows - columns, 8)
batch = pd.shard(np.stack([data[i : i + rows + columns] for i in starts]).astype(np.int32), mesh)
state = init(pd.random.key(0))
weight = state["params"]["weight"]
print(f"f32[{rows},{columns}] is spread over {weight.device_count} devices")

state, before = step(state, batch)
state, after = step(state, batch)
fell = float(after) < float(before)
print(f"after one step on the same bytes the loss {'fell' if fell else 'did not fall'}: {before:.6f} to {after:.6f}")
raise SystemExit(0 if fell else 1)
