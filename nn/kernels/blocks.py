"""Elementwise work in blocks that stay in the cache: each pass over a block reads what the last one left there.

A formula of twenty NumPy calls goes through memory twenty times if each call takes the whole array; block by block it
goes through memory once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.layout import empty_like

Array = NDArray[Any]

BLOCK = 1 << 15
"""Elements of a block: 128 KB of float32, so that a block and half a dozen temporaries fit into a core's own cache."""

SMALL = 1 << 13
"""Elements of a block of a formula that has many temporaries in float64."""

PIECE = 1 << 16
"""Elements of a piece: as large as the cache allows, where the formula is short and calls count."""

ENOUGH = 1 << 19
"""Elements from which on pieces pay: below, the whole array stays in the cache."""


def in_blocks(
    work: Callable[..., None],
    *arrays: Array,
    results: int = 1,
    block: int = BLOCK,
    out: tuple[Array | None, ...] | None = None,
) -> tuple[Array, ...]:
    """Call work(*blocks, *result blocks) until all is done; the results have the shape, layout and type of the first.

    Every block has one axis; work fills those of the results. float16 is computed in float32.
    """
    first = arrays[0]
    dtype = first.dtype
    filled = tuple([empty_like(first) if o is None else o for o in out or (None,) * results])
    operands = arrays + filled
    if first.size <= block and dtype.itemsize >= 4:
        lines = [array.reshape(-1) for array in operands if array.flags.c_contiguous]
        if len(lines) == len(operands):
            work(*lines)  # views: the memory of all of them runs alike
            return filled
    options: Any = dict(
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[["readonly"]] * len(arrays) + [["writeonly"]] * len(filled),
        op_dtypes=[np.float32 if dtype.itemsize < 4 else dtype] * len(operands),
        order="K",
        casting="unsafe",
        buffersize=block,
    )
    with np.nditer(operands, **options) as walk:
        for blocks in walk:
            work(*blocks)
    return filled


def in_doubles(function: Callable[[Array], Array], x: Any, out: Array | None = None) -> Array:
    """function(x) in the type of x, block by block, for a function of many passes that computes in float64."""

    def work(v: Array, y: Array) -> None:
        np.copyto(y, function(v.astype(np.float64, copy=False)), casting="unsafe")

    return in_blocks(work, np.asarray(x), block=SMALL, out=(out,))[0]


def pieces(*arrays: Any) -> Sequence[tuple[Any, ...]]:
    """Arrays of one shape (or None) in pieces, which are views, to be changed in place; small ones stay whole."""
    if arrays[0].size <= ENOUGH or not all(a is None or a.flags.c_contiguous for a in arrays):
        return (arrays,)
    flat = [None if a is None else a.reshape(-1) for a in arrays]
    starts = range(0, arrays[0].size, PIECE)
    return [tuple(None if a is None else a[start : start + PIECE] for a in flat) for start in starts]
