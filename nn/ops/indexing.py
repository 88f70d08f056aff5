"""Ops that pick elements, each with its transpose: what was picked twice gets both gradients."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nn.autograd.mode import constant, mode
from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import TensorBase
from nn.errors import OutOfBoundsError
from nn.kernels import indexing as kernels
from nn.ops.arithmetic import cast, where, zeros_like

INDICES = (
    (slice(1, None), slice(None, None, 2)),
    (1,),
    (Ellipsis, None, -1),
    (np.array([0, 0, 2]),),
    (np.array([[0, 1], [2, 0]]), np.array([1, 1])),
    (slice(None), np.array([True, False, True, True])),
)


def _gathers(r: Draw) -> list[Sample]:
    x = r.rng.normal(size=(3, 4))
    return [
        r.of(x, np.array([[0, 2, 0, 1], [2, 2, 0, 0]]), dim=0),
        r.of(x, np.array([[3], [0], [3]]), dim=-1),
    ]


def _scatters(r: Draw) -> list[Sample]:
    return [
        r.of(r.rng.normal(size=(2, 4)), np.array([[0, 2, 0, 1], [2, 2, 0, 0]]), dim=0, shape=(3, 4)),
        r.of(r.rng.normal(size=(3, 1)), np.array([[3], [0], [3]]), dim=-1, shape=(3, 4)),
    ]


def _what_stays(g: Any, index: Any) -> Any:
    """g at the index, 0 for the values that a later one has overwritten."""
    taken = getitem(g, index=index)
    lost = kernels.overwritten(index, g.shape)
    return taken if lost is None else where(lost, 0.0, taken)


put_together = Op(
    kernels.put_together,
    vjp=dict(pieces=lambda g, position, places: getitem(g, index=places[position])),
    samples=lambda r: [
        r.normal((4,), (4,), places=(2, 0), shape=(3, 4)),
        r.normal((3, 1), (3, 3), places=((slice(None), slice(1)), (slice(None), slice(1, None))), shape=(3, 4)),
        r.normal((2, 4), (4,), (3,), places=(slice(2), 1, (slice(None), 0)), shape=(3, 4)),
    ],
)
getitem = Op(
    kernels.getitem,
    vjp=dict(x=lambda g, x_shape, index: getitem_backward(g, index=index, shape=x_shape)),
    samples=lambda r: [r.normal((3, 4), index=index) for index in INDICES],
    part=(lambda index: index if kernels.is_basic(index) else None, put_together),
)
getitem_backward = Op(
    kernels.getitem_backward,
    vjp=dict(g=lambda u, index: getitem(u, index=index)),
    samples=lambda r: [r.normal(np.empty((3, 4))[index].shape, index=index, shape=(3, 4)) for index in INDICES],
)
gather = Op(
    kernels.gather,
    vjp=dict(x=lambda g, x_shape, index, dim: scatter_add(g, index, dim=dim, shape=x_shape)),
    samples=_gathers,
)
scatter_add = Op(
    kernels.scatter_add,
    vjp=dict(g=lambda u, index, dim: gather(u, index, dim=dim)),
    samples=_scatters,
)
setitem = Op(
    kernels.setitem,
    vjp=dict(
        x=lambda g, index: setitem(g, 0.0, index=index),
        values=lambda g, index: _what_stays(g, index),
    ),
    samples=lambda r: [
        *(r.normal((3, 4), np.empty((3, 4))[index].shape, index=index) for index in INDICES),
        r.normal((3, 4), (), index=(slice(None), [0, 2])),
        r.of(r.rng.normal(size=(3, 4)), 1.5, index=0),
    ],
)

scatter_extreme = Op(
    kernels.scatter_extreme,
    vjp=dict(
        x=lambda g, y, x, src, index, dim, include_self: where(
            _own(y, x, src, index, dim, include_self), g / _ties(y, x, src, index, dim, include_self), 0.0
        ),
        src=lambda g, y, x, src, index, dim, include_self: where(
            src == gather(y, index, dim=dim),
            gather(g / _ties(y, x, src, index, dim, include_self), index, dim=dim),
            0.0,
        ),
    ),
    samples=lambda r: [
        r.of(*r.distinct((3, 4), (2, 4)).operands, np.array([[0, 2, 0, 1], [2, 2, 0, 0]]), dim=0, largest=True),
        r.of(*r.distinct((3, 4), (3, 3)).operands, np.array([[3, 3, 0], [0, 0, 0], [1, 2, 3]]), dim=-1, largest=False),
        r.of(*r.distinct((4,), (3,)).operands, np.array([2, 0, 2]), dim=0, largest=True, include_self=False),
    ],
)


def _own(y: Any, x: Any, src: Any, index: Any, dim: int, include_self: bool) -> Any:
    """Where the element of x is the extreme one; without include_self only where nothing was scattered."""
    own = x == y
    return own if include_self else own & (scatter_add(zeros_like(src) + 1, index, dim=dim, shape=x.shape) == 0)


def _ties(y: Any, x: Any, src: Any, index: Any, dim: int, include_self: bool) -> Any:
    """How many elements have the extreme value of each place, among x and what was scattered there."""
    won = cast(src == gather(y, index, dim=dim), dtype=x.dtype)
    own = cast(_own(y, x, src, index, dim, include_self), dtype=x.dtype)
    return own + scatter_add(won, index, dim=dim, shape=x.shape)


# -- indices ----------------------------------------------------------------------------------------------------------
def _is_part(part: Any) -> bool:
    """Whether what stands in a list is an index of an axis, and not one of many positions along one."""
    return part is None or part is Ellipsis or isinstance(part, TensorBase | np.ndarray | slice | list | tuple | range)


def plain_index(index: Any) -> Any:
    """The index with tensors and lists made arrays (bytes: a mask), and integers of those that are one without axes."""
    if isinstance(index, list) and len(index) < 32 and any(map(_is_part, index)):
        index = tuple(index)  # x[[rows, columns]] is x[rows, columns], as in PyTorch
    if isinstance(index, tuple):
        return tuple(plain_index(list(part) if isinstance(part, tuple) else part) for part in index)
    copied = isinstance(index, TensorBase)
    if copied:
        if mode.recorder is not None and not index._array.ndim:
            mode.recorder.refuse("a tensor without axes is used as a Python index")
        index = mode.quiet(np.array, index._array)
    if isinstance(index, list) and not index:
        return np.zeros(0, np.int64)
    if isinstance(index, list | np.ndarray):
        # a copy: backward reads the index again, so later changes to the caller's index must not matter
        index = index if copied else constant(np.array(index)) if isinstance(index, list) else np.array(index)
        if index.dtype == np.uint8:
            message = "indexing with uint8 is deprecated: it is read as a mask, as in PyTorch; use .bool() or .long()"
            warnings.warn(message, UserWarning, stacklevel=3)
            index = index.astype(bool)
        if index.dtype == bool and mode.recorder is not None:
            mode.quiet(_number_picked, index)  # a decision: another number is another program
        if index.dtype.kind not in "iub":
            raise OutOfBoundsError(f"index: expected integers or a mask, got numbers of {index.dtype}; use .long()")
        return int(index) if index.ndim == 0 and index.dtype.kind in "iu" else index
    if index is None or index is Ellipsis or isinstance(index, slice) or hasattr(index, "__index__"):
        return index
    if isinstance(index, range):
        return np.arange(index.start, index.stop, index.step)
    raise OutOfBoundsError(
        f"index: expected integers, slices, None, ..., or tensors of integers or booleans, got {index!r}"
    )


def _number_picked(mask: Any) -> int:
    return int(np.count_nonzero(mask))


def steps(index: Any) -> tuple[Any, Any]:
    """The index, or two to be used one after the other: PyTorch picks by integers first, then by arrays.

    (NumPy counts an integer beside an array as an array too, which can move their axes to the front.)
    """
    if index.__class__ is not tuple:
        return index, None
    numbers = any(isinstance(part, int | np.integer) and not isinstance(part, bool) for part in index)
    if not numbers or not any(isinstance(part, np.ndarray | bool) for part in index):
        return index, None
    first: list[Any] = []
    then: list[Any] = []
    for part in index:
        if isinstance(part, int | np.integer) and not isinstance(part, bool):
            first.append(part)
            continue
        then.append(part)
        if isinstance(part, np.ndarray):
            first += [slice(None)] * (part.ndim if part.dtype == np.bool_ else 1)
        elif part is Ellipsis:
            first.append(part)
        elif isinstance(part, slice):
            first.append(slice(None))
    return tuple(first), tuple(then)
