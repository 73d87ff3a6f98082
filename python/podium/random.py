"""Random numbers from keys, the same on every device and mesh. Keys are u32[2]: split before using one again."""

from ._core import random as _random

__all__ = [name for name in dir(_random) if not name.startswith("_")]
globals().update({name: getattr(_random, name) for name in __all__})
