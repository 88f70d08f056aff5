"""How the numbers of a tensor are written: as PyTorch writes them, in columns as wide as the widest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import settings

__all__: list[str] = []

Array = NDArray[Any]


def written(array: Array) -> str:
    """The numbers in brackets, by `nn.settings.printing`."""
    options = settings.printing
    short = array.size > options["threshold"]
    text = np.array2string(
        array,
        separator=", ",
        prefix="tensor(",
        threshold=options["threshold"],
        edgeitems=options["edgeitems"],
        max_line_width=options["linewidth"],
        formatter=_formatter(_ends(array, options["edgeitems"]) if short else array),
    )
    return text.replace(", ..., ", ",  ..., ")


def _formatter(shown: Array) -> Any:
    """What writes each number, where NumPy writes them otherwise."""
    if shown.dtype.kind == "f":
        return {"float_kind": _column(shown)}
    width = max((len(str(value)) for value in shown.flat), default=0) if shown.dtype.kind == "b" else 0
    return {"bool": lambda value: str(value).rjust(width)} if width else None


def _ends(array: Array, count: int) -> Array:
    """What is shown of a long tensor: the first and last places of each axis."""
    for axis, length in enumerate(array.shape):
        if length > 2 * count:
            array = array.take([*range(count), *range(length - count, length)], axis)
    return array


def _column(shown: Array) -> Callable[[Any], str]:
    """What writes one of these numbers: whole, with a fixed number of digits, or in powers of ten."""
    precision, wide = settings.printing["precision"], shown.astype(np.float64)
    finite = wide[np.isfinite(wide) & (wide != 0)]
    sizes = np.abs(finite) if finite.size else np.ones(1)
    least, most = sizes.min(), sizes.max()
    whole = bool((finite == np.ceil(finite)).all())
    powers = most > 1000 * least or most > 1e8 or (not whole and least < 1e-4)
    if settings.printing["sci_mode"] is not None:
        powers = settings.printing["sci_mode"]

    def write(value: Any) -> str:
        if powers:
            return f"{float(value):.{precision}e}"
        if not whole:
            return f"{float(value):.{precision}f}"
        return f"{float(value):.0f}" + "." * bool(np.isfinite(value))

    width = max((len(write(value)) for value in finite), default=1)
    return lambda value: write(value).rjust(width)
