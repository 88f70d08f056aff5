"""How the numbers of a tensor are written: as PyTorch writes them, in columns as wide as the widest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import settings

__all__: list[str] = []

Array = NDArray[Any]

INDENT = len("tensor(")


def written(array: Array) -> str:
    """The numbers in brackets, by `nn.settings.printing`."""
    options = settings.printing
    write, width = _column(_ends(array, options["edgeitems"]) if array.size > options["threshold"] else array)
    text = np.array2string(
        array,
        separator=", ",
        prefix="tensor(",
        threshold=options["threshold"],
        edgeitems=options["edgeitems"],
        max_line_width=_line_width(width, len(write(array.flat[0])) if array.size else width, array.ndim),
        formatter={"all": write},
    )
    return text.replace(", ...,", ",  ...,")


def _line_width(width: int, written: int, axes: int) -> int:
    """The width at which NumPy ends a line where PyTorch does, which counts no brackets and takes `0.` for narrow."""
    in_a_line = max(1, (settings.printing["linewidth"] - INDENT - axes + 1) // (width + 2))
    return INDENT + axes + in_a_line * (written + 2) - 2 + axes  # the indent, the numbers, NumPy's room for brackets


def followed(text: str, extra: Sequence[str]) -> str:
    """The text with the words after it, each on a line of its own where the last one would become too long."""
    length = len(text) - text.rfind("\n") + 1
    for word in extra:
        wraps = length + len(word) + 2 > settings.printing["linewidth"]
        text += f",\n{' ' * INDENT}{word}" if wraps else f", {word}"
        length = INDENT + len(word) if wraps else length + len(word) + 2
    return text


def _ends(array: Array, count: int) -> Array:
    """What is shown of a long tensor: the first and last places of each axis."""
    for axis, length in enumerate(array.shape):
        if length > 2 * count:
            array = array.take([*range(count), *range(length - count, length)], axis)
    return array


def _column(shown: Array) -> tuple[Callable[[Any], str], int]:
    """What writes one of these numbers, and how wide: whole, with some digits, or in powers of ten."""
    if shown.dtype.kind != "f":
        widest = max((len(str(value)) for value in shown.flat), default=1)
        return lambda value: str(value).rjust(widest), widest
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
    return lambda value: write(value).rjust(width), width
