"""Functions of functions: jit, grad, value_and_grad, vjp, jvp, vmap, remat, scan, cond, while_loop."""

import functools

from . import _core
from ._core import Tensor
from ._creation import asarray
from ._dtypes import kind_of
from ._tree import flatten, is_leaf, unflatten


def _numbers(given):
    return (given,) if isinstance(given, int) else tuple(given)


class Jitted:
    """A compiled function: one program for each shape, structure and static argument of its calls."""

    def __init__(
        self, function, *, static_argnums=(), static_argnames=(), donate_argnums=(), mesh=None, shardings=(), name=None
    ):
        functools.update_wrapper(self, function)
        self._function = function
        self._static = frozenset(_numbers(static_argnums))
        self._static_names = frozenset([static_argnames] if isinstance(static_argnames, str) else static_argnames)
        self._donated = frozenset(_numbers(donate_argnums))
        self._forms = {}
        self._program = _core.Program(
            name or getattr(function, "__name__", "main").strip("<>") or "main", _names(function), mesh,
            [(pattern, list(axes)) for pattern, axes in dict(shardings).items()],
        )  # fmt: skip

    def __call__(self, *arguments, **named):
        if _core.inlining():
            return self._function(*arguments, **named)
        leaves, forms, first, donated = [], [], [], 0
        paths = []
        for number, (key, argument) in enumerate([*enumerate(arguments), *sorted(named.items())]):
            first.append(len(leaves))
            if key in self._static or key in self._static_names or not _is_tree(argument):
                forms.append((key, False, argument))
                continue
            own, own_paths, form = flatten(argument)
            leaves += own
            paths.append((number, key, own_paths))
            forms.append((key, True, form))
            if key in self._donated:
                donated |= 1 << number
        forms = tuple(forms)
        try:
            number = self._forms.setdefault(forms, len(self._forms))
        except TypeError as error:
            raise TypeError(f"jit: a static argument has no hash, by which programs are found: {error}") from None
        results, form = self._program.call(
            leaves,
            number,
            first,
            donated,
            functools.partial(self._trace, forms, first),
            lambda: _joined(paths, self._function),
        )
        return unflatten(form, results)

    def _trace(self, forms, first, parameters):
        ends = [*first[1:], len(parameters)]
        positional, named = [], {}
        for (key, is_tree, form), start, end in zip(forms, first, ends):
            value = unflatten(form, parameters[start:end]) if is_tree else form
            if isinstance(key, int):
                positional.append(value)
            else:
                named[key] = value
        leaves, paths, form = flatten(self._function(*positional, **named), "jit: the function's result")
        return leaves, paths, form

    @property
    def text(self):
        """The program that ran last, as StableHLO."""
        return self._program.text

    @property
    def traces(self):
        """How many programs were made."""
        return self._program.traces

    @property
    def last_reason(self):
        """Why the last program was needed: what changed."""
        return self._program.last_reason


def _names(function):
    code = getattr(function, "__code__", None)
    return list(code.co_varnames[: code.co_argcount]) if code is not None else []


def _joined(paths, function):
    names = _names(function)
    result = []
    for _, key, own in paths:
        start = names[key] if isinstance(key, int) and key < len(names) else str(key)
        result += [f"{start}.{path}" if path else start for path in own]
    return result


def _is_tree(value):
    if value is None or isinstance(value, (dict, list, tuple)):
        return _all_leaves(value)
    return is_leaf(value) and not isinstance(value, bool)


def _all_leaves(value):
    if isinstance(value, dict):
        return all(_all_leaves(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return all(_all_leaves(v) for v in value)
    return value is None or is_leaf(value)


def jit(function=None, **options):
    """Returns the function as one compiled program for each set of shapes.

    Arguments are trees of tensors, arrays and numbers; `static_argnums` and `static_argnames` name those that are part
    of the program, as strings, bools and other objects are without being named. Arguments of `donate_argnums` give
    their memory to results and are gone after the call. `mesh` and `shardings` ({"**.weight": ["data"]}) spread it
    over devices. Also a decorator.
    """
    return Jitted(function, **options) if function is not None else lambda f: Jitted(f, **options)


def value_and_grad(function, argnums=0, has_aux=False):
    """Returns a function that gives (what `function` returns, the gradient of that by the arguments `argnums`).

    `function` returns a scalar, or (scalar, auxiliary) with `has_aux`. The gradient has the argument's form; with
    several `argnums` it is a tuple.
    """
    several = not isinstance(argnums, int)
    numbers = _numbers(argnums)

    @functools.wraps(function)
    def both(*arguments, **named):
        inputs, _, form = flatten(tuple(arguments[i] for i in numbers), "grad: the argument")
        aux_form = []

        def flat(leaves):
            given = list(arguments)
            for i, value in zip(numbers, unflatten(form, leaves)):
                given[i] = value
            result = function(*given, **named)
            loss, aux = result if has_aux else (result, None)
            more, _, kept = flatten(aux, "grad: the auxiliary result")
            aux_form[:] = [kept]
            return [asarray(loss), *more]

        (loss, more), gradients = _core.value_and_grad(flat, inputs)
        gradient = unflatten(form, gradients)
        value = (loss, unflatten(aux_form[0], more)) if has_aux else loss
        return value, gradient if several else gradient[0]

    return both


def grad(function, argnums=0, has_aux=False):
    """Returns a function that gives the gradient of `function` by the arguments `argnums`; with `has_aux`, also the
    auxiliary result."""
    both = value_and_grad(function, argnums, has_aux)

    @functools.wraps(function)
    def gradient(*arguments, **named):
        value, result = both(*arguments, **named)
        return (result, value[1]) if has_aux else result

    return gradient


def _flat(function, form, forms):
    """Returns the function of trees as one of lists; the form of its result goes to `forms`."""

    def flat(leaves):
        results, _, kept = flatten(function(*unflatten(form, leaves)), "the function's result")
        forms[:] = [kept]
        return results

    return flat


def vjp(function, *arguments):
    """Returns (function(*arguments), the function from a cotangent of that to a tuple of gradients)."""
    inputs, _, form = flatten(arguments)
    forms = []
    results, back = _core.vjp(_flat(function, form, forms), inputs)
    return unflatten(forms[0], results), lambda cotangent: unflatten(form, back(flatten(cotangent)[0]))


def jvp(function, arguments, tangents):
    """Returns (function(*arguments), its derivative there in the direction `tangents`)."""
    inputs, _, form = flatten(tuple(arguments))
    forms = []
    results, pushed = _core.jvp(_flat(function, form, forms), inputs, flatten(tuple(tangents))[0])
    return unflatten(forms[0], results), unflatten(forms[0], pushed)


def _axes_of(in_axes, argument):
    """Returns an axis for each leaf: one number or None for all, or a tree of them."""
    if in_axes is None or isinstance(in_axes, int):
        return [in_axes] * len(flatten(argument)[0])
    if isinstance(argument, dict):
        return [axis for key in argument for axis in _axes_of(in_axes[key], argument[key])]
    return [axis for axes, part in zip(in_axes, argument) for axis in _axes_of(axes, part)]


def vmap(function, in_axes=0, out_axes=0):
    """Returns a function of many examples like `function` of one: mapped along `in_axes` of the arguments (None: not
    mapped), with the results along `out_axes`."""

    @functools.wraps(function)
    def mapped(*arguments):
        from . import moveaxis

        inputs, _, form = flatten(arguments)
        axes = _axes_of(in_axes if isinstance(in_axes, (tuple, list)) else (in_axes,) * len(arguments), arguments)
        forms = []
        found = _core.vmap(_flat(function, form, forms), inputs, axes)
        results = unflatten(forms[0], found)
        if out_axes == 0:
            return results
        leaves, _, kept = flatten(results)
        wanted = _axes_of(out_axes, results)
        return unflatten(kept, [moveaxis(leaf, 0, axis) for leaf, axis in zip(leaves, wanted)])

    return mapped


def remat(function, *, keep_dots=False):
    """Returns the function with a backward pass that computes its inner values again; products too unless
    `keep_dots`."""

    @functools.wraps(function)
    def again(*arguments):
        inputs, _, form = flatten(arguments)
        forms = []
        results = _core.remat(_flat(function, form, forms), inputs, keep_dots)
        return unflatten(forms[0], results)

    return again


class custom_vjp:
    """A function whose gradient is what `defvjp(forward, backward)` says: forward returns (result, what backward keeps),
    and backward(kept, cotangent) a tuple of one gradient for each argument."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self._function = function

    def defvjp(self, forward, backward):
        self._forward, self._backward = forward, backward

    def __call__(self, *arguments):
        inputs, _, form = flatten(arguments)
        result_form, kept_form = [], []

        def forward(leaves):
            result, kept = self._forward(*unflatten(form, leaves))
            results, _, own = flatten(result)
            result_form[:] = [own]
            keeps, _, own = flatten(kept)
            kept_form[:] = [(own, len(keeps))]
            return [*results, *keeps]

        def backward(leaves):
            own, count = kept_form[0]
            kept, cotangent = unflatten(own, leaves[:count]), unflatten(result_form[0], leaves[count:])
            return flatten(tuple(self._backward(kept, cotangent)))[0]

        results = _core.custom_vjp(_flat(self._function, form, result_form), forward, backward, inputs)
        return unflatten(result_form[0], results)


def scan(body, init, xs, length=None, reverse=False):
    """Returns (last carry, results stacked) of body(carry, slice) → (carry, result) over the first dimension of `xs`.

    Compiled once, whatever the length."""
    carry, _, carry_form = flatten(init)
    slices, _, xs_form = flatten(xs)
    if length is None:
        if not slices:
            raise ValueError("scan: there is nothing to go over; give xs or a length")
        length = slices[0].shape[0]
    forms = []

    def flat(leaves):
        state = unflatten(carry_form, leaves[: len(carry)])
        state, result = body(state, unflatten(xs_form, leaves[len(carry) :]))
        after, _, form = flatten(state)
        if form != carry_form:
            raise TypeError(f"scan: the carry was {carry_form!r} and became {form!r}")
        results, _, kept = flatten(result)
        forms[:] = [kept]
        return [*after, *results]

    results = _core.scan(flat, carry, slices, length, reverse)
    return unflatten(carry_form, results[: len(carry)]), unflatten(forms[0], results[len(carry) :])


def while_loop(condition, body, init):
    """Returns the state after body(state) has been applied as long as condition(state) holds."""
    state, _, form = flatten(init)
    flat = lambda leaves: flatten(body(unflatten(form, leaves)))[0]
    return unflatten(form, _core.while_loop(lambda leaves: asarray(condition(unflatten(form, leaves))), flat, state))


def fori_loop(lower, upper, body, init):
    """Returns the state after body(i, state) of each i from lower to upper."""
    start = asarray(lower, dtype="int32")
    step = lambda state: (state[0] + 1, body(state[0], state[1]))
    return while_loop(lambda state: state[0] < upper, step, (start, init))[1]


def cond(predicate, if_true, if_false, *operands):
    """Returns if_true(*operands) or if_false(*operands); both return tensors of the same shapes."""
    leaves, _, form = flatten(operands)
    forms = []
    predicate = asarray(predicate)
    results = _core.cond(predicate, _flat(if_true, form, forms), _flat(if_false, form, forms), leaves)
    return unflatten(forms[0], results)


def associative_scan(combine, elements, axis=0, reverse=False):
    """Returns the running results of an associative combine(a, b) along `axis`."""
    leaves, _, form = flatten(elements)

    def flat(both):
        half = len(both) // 2
        return flatten(combine(unflatten(form, both[:half]), unflatten(form, both[half:])))[0]

    return unflatten(form, _core.associative_scan(flat, leaves, axis, reverse))


def stop_gradient(tree):
    """Returns the tree, through which no gradient flows."""
    leaves, _, form = flatten(tree)
    return unflatten(
        form, [_core.stop_gradient(leaf) if kind_of(leaf.dtype) in ("real", "complex") else leaf for leaf in leaves]
    )


def block_until_ready(tree):
    """Returns the tree once all of it is computed."""
    _core.wait_for([leaf for leaf in flatten(tree)[0] if isinstance(leaf, Tensor)])
    return tree


__all__ = [
    "jit", "grad", "value_and_grad", "vjp", "jvp", "vmap", "remat", "custom_vjp", "scan", "while_loop", "fori_loop", "cond",
    "associative_scan", "stop_gradient", "block_until_ready",
]  # fmt: skip
