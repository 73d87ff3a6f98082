"""Trees: dicts, lists, tuples and named tuples of tensors, arrays and numbers; None holds nothing."""

from ._core import Tensor
from ._creation import asarray


class Form:
    """What a tree is without its leaves: compared by value, so that equal forms share a program."""

    __slots__ = ("kind", "keys", "children", "_hash")

    def __init__(self, kind, keys, children):
        self.kind, self.keys, self.children = kind, keys, children
        self._hash = hash((kind, keys, children))

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return (
            isinstance(other, Form)
            and self._hash == other._hash
            and (self.kind, self.keys, self.children) == (other.kind, other.keys, other.children)
        )

    def __repr__(self):
        if self.kind is None:
            return "*"
        if self.kind is type(None):
            return "None"
        if self.kind is dict:
            return "{" + ", ".join(f"{k!r}: {c!r}" for k, c in zip(self.keys, self.children)) + "}"
        return f"{self.kind.__name__}({', '.join(map(repr, self.children))})"


LEAF = Form(None, (), ())
NONE = Form(type(None), (), ())


def is_leaf(value):
    return isinstance(value, (Tensor, bool, int, float, complex)) or hasattr(value, "__array__")


def flatten(tree, what="a tree"):
    """Returns the leaves as tensors, their paths ("layers.0.weight") and the form."""
    leaves, paths = [], []

    def walk(value, path):
        if value is None:
            return NONE
        if isinstance(value, dict):
            keys = tuple(value)
            return Form(dict, keys, tuple(walk(value[key], path + (str(key),)) for key in keys))
        if isinstance(value, (list, tuple)):
            keys = getattr(value, "_fields", tuple(range(len(value))))
            return Form(type(value), keys, tuple(walk(v, path + (str(k),)) for k, v in zip(keys, value)))
        if not is_leaf(value):
            raise TypeError(
                f"{what}: a {type(value).__name__} at \"{'.'.join(path)}\" is no tensor, array, number, dict, list or "
                "tuple of them"
            )
        leaves.append(value if isinstance(value, Tensor) else asarray(value))
        paths.append(".".join(path))
        return LEAF

    return leaves, paths, walk(tree, ())


def by_path(tree, what="a tree"):
    """Returns the leaves as tensors, by their paths."""
    leaves, paths, _ = flatten(tree, what)
    return dict(zip(paths, leaves))


def unflatten(form, leaves):
    """Returns the tree of that form with these leaves, in order."""
    rest = iter(leaves)

    def build(form):
        if form.kind is None:
            return next(rest)
        if form.kind is type(None):
            return None
        children = [build(child) for child in form.children]
        if form.kind is dict:
            return dict(zip(form.keys, children))
        return form.kind(*children) if hasattr(form.kind, "_fields") else form.kind(children)

    return build(form)


def map(function, tree, *others):
    """Returns the tree of function(leaf, leaf of each other tree, …); all have one form."""
    leaves, _, form = flatten(tree)
    rest = [flatten(other) for other in others]
    for _, _, other in rest:
        if other != form:
            raise ValueError(f"tree.map: the forms differ: {form!r} and {other!r}")
    return unflatten(form, [function(*each) for each in zip(leaves, *(leaves for leaves, _, _ in rest))])


def leaves(tree):
    """Returns the leaves, as tensors."""
    return flatten(tree)[0]
