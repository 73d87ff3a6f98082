"""A pytest plugin: tensors are on podium's interpreter, where each operation's reference runs and nothing is compiled."""

import podium

podium.device_scope("interp").__enter__()
