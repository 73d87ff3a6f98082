"""The functions of the array API standard, made of the library's operations."""

from . import _elementwise, _products, _reductions, _shapes, _types
from ._elementwise import *  # noqa: F403
from ._products import *  # noqa: F403
from ._reductions import *  # noqa: F403
from ._shapes import *  # noqa: F403
from ._types import *  # noqa: F403
from ._types import _axes, _pair

__all__ = [name for part in (_elementwise, _products, _reductions, _shapes, _types) for name in part.__all__]
