"""Tensors and a model on a device: the TPU where there is one, else the CPU."""

import numpy as np
import podium as pd

tpu = pd.Device(pd.DeviceType.TPU, 0)
print(f"{tpu} is {'there' if tpu.is_available() else 'not there'}")
device = tpu if tpu.is_available() else pd.Device(pd.DeviceType.CPU, 0)

zeros = pd.Tensor([2, 3], pd.DataType.FLOAT32, device)
numbers = pd.asarray(np.array([[1, 2], [3, 4], [5, 6]], np.float32), device=device)
result = pd.matmul(zeros + 1.0, numbers)
print(f"{result} on {device}")

network = pd.nn.Sequential(pd.nn.Linear(2, 4), pd.nn.ReLU(), pd.nn.Linear(4, 2))
model = network.model(key=0).to(device)
print(f"a model on {device} says {model(result)}")
