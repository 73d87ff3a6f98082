"""A training loop: one compiled step of a loss and an optimizer, with its state."""

import math

from . import _core
from ._errors import NotFinite
from ._transforms import jit, value_and_grad
from ._tree import flatten
from ._tree import map as tree_map


def _copied(tree):
    """Returns the tree with tensors of its own."""
    copy = tree_map(lambda leaf: leaf + 0, tree)
    _core.evaluate(flatten(copy)[0])
    return copy


class Trainer:
    """Minimizes `loss(params, batch)` (a scalar, or (scalar, dict of metrics) with `has_aux`) by an optimizer.

        trainer = Trainer(loss, podium.optim.adamw(1e-3), params)
        trainer.fit(batches, on_step=lambda step, metrics: print(step, float(metrics["loss"])))

    `params`, `state` and `step` are what a run goes on from. One program makes a step; losses are read one step late, so
    that the device does not wait for Python. `mesh` and `shardings` spread it over devices, as in `jit`.
    """

    def __init__(self, loss, optimizer, params, *, state=None, step=0, has_aux=False, mesh=None, shardings=()):
        from . import optim

        self.params = _copied(params)  # steps give their memory away
        self.state = _copied(optimizer.init(self.params) if state is None else state)
        self.step = step

        def train_step(params, state, batch):
            value, gradient = value_and_grad(loss, has_aux=has_aux)(params, batch)
            metrics = {"loss": value[0], **value[1]} if has_aux else {"loss": value}
            updates, state = optimizer.update(gradient, state, params)
            return optim.apply_updates(params, updates), state, metrics

        self._step = jit(train_step, donate_argnums=(0, 1), mesh=mesh, shardings=shardings)

    def fit(self, batches, *, on_step=None):
        """Makes a step of each batch and returns the last metrics; `on_step(step, metrics)` is called after each.

        Throws NotFinite, naming the step, where the loss is no number."""
        metrics, waiting = None, None
        for batch in batches:
            self.params, self.state, metrics = self._step(self.params, self.state, batch)
            self.step += 1
            self._read(waiting, on_step)
            waiting = (self.step, metrics)
        self._read(waiting, on_step)
        return metrics

    def _read(self, waiting, on_step):
        if waiting is None:
            return
        step, metrics = waiting
        if not math.isfinite(float(metrics["loss"])):
            raise NotFinite(f"trainer: the loss of step {step} is {float(metrics['loss'])}; try a lower learning rate")
        if on_step is not None:
            on_step(step, metrics)
