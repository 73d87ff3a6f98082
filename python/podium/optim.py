"""Optimizers over dictionaries of arrays, as optax has them: `init(params)` and `update(grads, state, params)`.

    optimizer = podium.optim.adamw(learning_rate=1e-3, weight_decay=0.1)
    state = optimizer.init(params)
    updates, state = optimizer.update(grads, state, params)
    params = podium.optim.apply_updates(params, updates)

There is one function for each optimizer of the library's table (`names()`), and all take the table's options
(`options()`): a method takes what it knows.
"""

from ._core import optim as _optim
from ._tree import by_path, flatten, unflatten


class GradientTransform:
    """One step from gradients towards updates: pure functions whose state the caller holds."""

    def __init__(self, transform):
        self._transform = transform

    def init(self, params):
        """Returns the state before the first step: a dict of tensors by path."""
        return self._transform.init(by_path(params, "optim: params"))

    def update(self, grads, state, params, value=None, loss=None):
        """Returns the updates, in the form of `grads`, and the next state. Some methods need the loss's `value`, a Tensor,
        and some the `loss` itself, a function of the parameters."""
        updates, update_paths, form = flatten(grads, "optim: grads")
        leaves, paths, params_form = flatten(params, "optim: params")
        if loss is not None and value is None:
            value = loss(params)
        at = None if loss is None else lambda tree: loss(unflatten(params_form, [tree[path] for path in paths]))
        result, state = self._transform.update(
            dict(zip(update_paths, updates)), dict(state), dict(zip(paths, leaves)), value, at
        )
        return unflatten(form, list(result.values())), state

    def __repr__(self):
        return f"GradientTransform({self._transform.name})"


def names():
    """Returns each optimizer's name and source."""
    return dict(_optim.names())


def options():
    """Returns each option's name with its default and meaning."""
    return {name: (default, text) for name, default, text in _optim.options() if name != "name"}


def chain(*transforms):
    """Returns the transforms one after another."""
    return GradientTransform(_optim.chain([each._transform for each in transforms]))


def clip_by_global_norm(max_norm):
    """Returns the transform that scales all gradients together to a norm of at most `max_norm`."""
    return GradientTransform(_optim.clip_by_global_norm(max_norm))


def apply_updates(params, updates):
    """Returns params + updates, leaf by leaf, in the parameters' types."""
    leaves, paths, form = flatten(params, "optim: params")
    changed = _optim.apply_updates(dict(zip(paths, leaves)), by_path(updates, "optim: updates"))
    return unflatten(form, list(changed.values()))


def global_norm(tree):
    """Returns the Euclidean norm of all leaves together."""
    return _optim.global_norm(by_path(tree))


def _optimizer(name, source, listed):
    def make(learning_rate=1e-3, **given):
        return GradientTransform(_optim.make(name, {"learning_rate": learning_rate, **given}))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = (
        f"Returns the optimizer {name}. Source: {source}.\n\nOptions, of which it takes what it knows:\n{listed}"
    )
    return make


_listed = "\n".join(f"    {option}: {text} ({default})" for option, (default, text) in options().items())
for _name, _source in names().items():
    globals()[_name] = _optimizer(_name, _source, _listed)
