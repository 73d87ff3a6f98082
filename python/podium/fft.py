"""Discrete Fourier transforms: the array API's extension."""

from . import _core
from ._creation import DEFAULT_DTYPES, as_device
from ._dtypes import as_dtype, kind_of
from ._functions import _axes

_fft = _core.fft


def _inexact(x, name):
    if kind_of(x.dtype) not in ("real", "complex"):
        raise TypeError(f"{name}: {x.dtype} has no Fourier transform; convert it with astype")
    return x


def _one(name):
    def transform(x, /, *, n=None, axis=-1, norm="backward"):
        return getattr(_fft, name)(_inexact(x, name), n, axis, norm)

    transform.__name__ = transform.__qualname__ = name
    transform.__doc__ = f"Returns NumPy's fft.{name} along one axis."
    return transform


def _many(name):
    def transform(x, /, *, s=None, axes=None, norm="backward"):
        _inexact(x, name)
        if axes is None:
            axes = range(x.ndim - len(s), x.ndim) if s is not None else range(x.ndim)
        return getattr(_fft, name)(x, list(s or []), _axes(tuple(axes), x.ndim), norm)

    transform.__name__ = transform.__qualname__ = name
    transform.__doc__ = f"Returns NumPy's fft.{name} along several axes."
    return transform


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    globals()[_name] = _one(_name)
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    globals()[_name] = _many(_name)


def _frequencies(name):
    def frequencies(n, /, *, d=1.0, dtype=None, device=None):
        result = getattr(_fft, name)(n, d, DEFAULT_DTYPES["f"] if dtype is None else as_dtype(dtype))
        return result if device is None else result.to(as_device(device))

    frequencies.__name__ = frequencies.__qualname__ = name
    frequencies.__doc__ = "Returns the frequencies of a transform of n elements, in cycles a unit of `d`."
    return frequencies


fftfreq, rfftfreq = _frequencies("fftfreq"), _frequencies("rfftfreq")


def fftshift(x, /, *, axes=None):
    """Returns the tensor with frequency 0 in the middle of the axes."""
    return _fft.fftshift(x, _axes(axes, x.ndim)) if x.size and x.ndim else x


def ifftshift(x, /, *, axes=None):
    return _fft.ifftshift(x, _axes(axes, x.ndim)) if x.size and x.ndim else x


__all__ = [
    "fft", "ifft", "fftn", "ifftn", "rfft", "irfft", "rfftn", "irfftn", "hfft", "ihfft", "fftfreq", "rfftfreq", "fftshift",
    "ifftshift",
]  # fmt: skip
