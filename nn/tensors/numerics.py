"""Slopes of sampled functions, histograms of several axes, lengths held, and real numbers taken for complex ones."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.ops import arithmetic, reduction, shape
from nn.tensors import checks
from nn.tensors.arguments import as_shape
from nn.tensors.in_place import places_in_root
from nn.tensors.methods import in_place, method
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "angle",
    "as_strided",
    "conj",
    "conj_physical",
    "gradient",
    "histogramdd",
    "imag",
    "real",
    "renorm",
    "resolve_conj",
]


class HistogramDD(NamedTuple):
    """What `histogramdd` returns."""

    hist: Tensor
    bin_edges: tuple[Tensor, ...]


def gradient(input: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The slopes of a function that is known at points of a grid, along each axis, by central differences.

    Args:
        input: the values.
        spacing: the distance of the points, one for each axis, or for each axis its coordinates, a vector.
        dim: an axis, or several; None for all.
        edge_order: at both ends 1 takes the nearest difference, 2 the parabola through three points.

    Returns:
        The slopes along each axis.

    Example:
        >>> import nn
        >>> nn.gradient(nn.tensor([1.0, 4.0, 9.0, 16.0]))
        (tensor([3., 4., 6., 7.]),)
    """
    x = checks.tensor(input, "gradient")
    x = x if x.dtype.kind == "f" else x.float()
    dims = range(x.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
    axes = [shape.axis(d, x.ndim, "gradient") for d in dims]
    spaces = list(spacing) if isinstance(spacing, tuple | list) else [spacing] * len(axes)
    if len(spaces) != len(axes):
        raise ShapeError(f"gradient: expected a spacing for each of {len(axes)} axes, got {len(spaces)}")
    if edge_order not in (1, 2):
        raise RangeError(f"gradient: edge_order must be 1 or 2, got {edge_order}")
    return tuple(_slopes(x, axis, space, edge_order) for axis, space in zip(axes, spaces, strict=True))


def _slopes(x: Tensor, dim: int, spacing: Any, edge_order: int) -> Tensor:
    n = x.shape[dim]
    if n <= edge_order:
        raise ShapeError(f"gradient: axis {dim} has {n} points, more than edge_order {edge_order} are expected")
    at = functools.partial(shape.narrow, x, dim=dim)

    def slope(weights: Sequence[Any], start: int, length: int) -> Any:
        """The weighted sum of the values at `start` and after it, for `length` points side by side."""
        terms = [w * at(start=start + i, length=length) for i, w in enumerate(weights)]
        return functools.reduce(operator.add, terms)

    # points in between
    if isinstance(spacing, Tensor) and spacing.ndim:
        step = np.diff(spacing._array.astype(x.dtype)).reshape((-1,) + (1,) * (x.ndim - 1 - dim))
        middle = slope(_three(-step[:-1], 0.0, step[1:], 0.0), 0, n - 2)
    else:
        step = np.broadcast_to(float(spacing), n - 1)
        middle = (at(start=2, length=n - 2) - at(start=0, length=n - 2)) / (2 * float(spacing))

    # both ends
    h = [float(length) for length in (*step.flat[:2], *step.flat[-2:])]
    if edge_order == 1:
        first = (at(start=1, length=1) - at(start=0, length=1)) / h[0]
        last = (at(start=n - 1, length=1) - at(start=n - 2, length=1)) / h[-1]
    else:
        first = slope(_three(0.0, h[0], h[0] + h[1], 0.0), 0, 1)
        last = slope(_three(-h[-1] - h[-2], -h[-1], 0.0, 0.0), n - 3, 1)
    result: Tensor = shape.cat([first, middle, last], dim)
    return result


def _three(a: Any, b: Any, c: Any, at: Any) -> list[Any]:
    """The weights of the values at a, b and c in the slope at a point of the parabola through them."""
    return [
        (2 * at - b - c) / ((a - b) * (a - c)),
        (2 * at - a - c) / ((b - a) * (b - c)),
        (2 * at - a - b) / ((c - a) * (c - b)),
    ]


def histogramdd(
    input: Tensor,
    bins: Any,
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> HistogramDD:
    """How many rows, or how much weight, fall into each box of a grid, and the edges of the boxes on each axis.

    Args:
        input: (..., D): points of D coordinates.
        bins: the number of intervals, one for all axes or one for each; or for each axis a vector of ascending edges.
        range: the least and the largest value of each axis, 2 D numbers; by default those of the points.
        weight: a number for each point, (...).
        density: divide by the total and by the volumes, so that the integral is 1.

    Example:
        >>> import nn
        >>> nn.histogramdd(nn.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), 2).hist.tolist()
        [[0.0, 1.0], [1.0, 1.0]]
    """
    x = checks.floating(input, "histogramdd")._array
    if x.ndim < 2:
        raise ShapeError(f"histogramdd: expected points in rows, (..., D), got shape {x.shape}")
    points = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    limits: Any = None if range is None else np.asarray(range, np.float64).reshape(-1, 2).tolist()
    edges = [b._array if isinstance(b, Tensor) else b for b in bins] if isinstance(bins, tuple | list) else bins
    weights = None if weight is None else weight._array.reshape(-1)
    if limits is None and len(points) == 0:
        limits = [[0.0, 1.0]] * points.shape[1]
    counts, found = np.histogramdd(points, edges, limits, density, weights)
    return HistogramDD(as_tensor(counts.astype(x.dtype)), tuple(as_tensor(np.asarray(e, x.dtype)) for e in found))


@in_place
@method
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """The parts along an axis, those longer than `maxnorm` in the p-norm shortened to it.

    Example:
        >>> import nn
        >>> nn.renorm(nn.tensor([[3.0, 4.0], [0.0, 0.5]]), 2, 0, 1.0).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.5]]
    """
    x = checks.floating(input, "renorm")
    axis = shape.axis(dim, x.ndim, "renorm")
    if not p > 0 or maxnorm < 0:
        raise RangeError(f"renorm: p must be above 0 and maxnorm 0 or more, got {p} and {maxnorm}")
    length = reduction.norm(x, p, tuple(i for i in range(x.ndim) if i != axis), True)
    long = length.detach() > maxnorm
    result: Tensor = arithmetic.where(long, x * (maxnorm / (arithmetic.where(long, length, 1.0) + 1e-7)), x)
    return result


@method
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the elements at offset + the sum of place times stride, counted in the order of the input's memory.

    Writing into it changes the input, unless it has an element twice: then it can only be read. The gradient goes to
    the elements that were read.

    Args:
        input: the elements, which must lie in memory without gaps, as those of a transposed tensor do; an axis
            that was expanded counts as one entry.
        size: the shape of the result.
        stride: for each axis how many elements apart its entries are, 0 or more.
        storage_offset: where to start in the memory that the input is a view of; None for the input's first element.

    Raises:
        OutOfBoundsError: a place is outside of the input.
        RangeError: a negative stride.
        ShapeError: as many strides as axes are needed; or the input's memory has gaps.

    Example:
        >>> import nn
        >>> x = nn.arange(9.0)
        >>> nn.as_strided(x, (2, 2), (1, 2), 1).tolist()
        [[1.0, 3.0], [2.0, 4.0]]
        >>> x.as_strided((3,), (4,)).zero_()  # the diagonal of three rows of three
        tensor([0., 0., 0.])
        >>> x.tolist()
        [0.0, 1.0, 2.0, 3.0, 0.0, 5.0, 6.0, 7.0, 0.0]
    """
    lengths, steps = as_shape((size,)), as_shape((stride,))
    storage_offset = None if storage_offset is None else shape.whole(storage_offset, "as_strided", "storage_offset")
    if len(lengths) != len(steps):
        raise ShapeError(f"as_strided: expected a stride for each axis of size {lengths}, got {steps}")
    if min(steps, default=0) < 0:
        raise RangeError(f"as_strided: a stride must be 0 or more, got {steps}; use flip() to go backwards")
    once = tuple(slice(1) if step == 0 else slice(None) for step in checks.tensor(input, "as_strided").stride())
    input = input[once] if input.numel() and 0 in input.stride() else input  # of an expanded axis one entry is memory
    first, apart = _places(input)
    order = tuple(sorted(range(input.ndim), key=lambda axis: -apart[axis] if input.shape[axis] > 1 else 0))
    memory = shape.permute(input, dims=order) if order != tuple(range(input.ndim)) else input
    within = 1
    for axis in reversed(order):
        if input.shape[axis] > 1 and apart[axis] != within:
            raise ShapeError(
                f"as_strided: the memory of input has gaps, got strides {apart} for shape {tuple(input.shape)}; "
                "call contiguous() first"
            )
        within *= input.shape[axis]
    offset = 0 if storage_offset is None else storage_offset - first
    if math.prod(lengths):
        last = offset + sum((length - 1) * step for length, step in zip(lengths, steps, strict=True))
        checks.within(np.array([offset, last]), input.numel(), "as_strided", "input")
    result: Tensor = shape.as_strided(memory, size=lengths, stride=steps, offset=offset)
    return result


def _places(tensor: Tensor) -> tuple[int, tuple[int, ...]]:
    """Where the first element is in the tensor that this is a view of, and how far apart the entries of each axis are.

    They are counted in row-major order: how a kernel lays out its result in memory is its own business.
    """
    places = places_in_root(tensor)
    first = int(places.flat[0]) if places.size else 0
    return first, tuple(step // places.itemsize for step in places.strides)


@method
def resize_(self: Tensor, *sizes: Any) -> Tensor:
    """Another shape, in place: the elements in row-major order, then zeros if it has more; if it has less, fewer.

    Example:
        >>> import nn
        >>> nn.tensor([1.0, 2.0, 3.0]).resize_(2, 2).tolist()
        [[1.0, 2.0], [3.0, 0.0]]
    """
    size = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    if self.requires_grad:
        raise RangeError("resize_: a tensor that requires gradients cannot be resized; use detach() first")
    kept = self._array.reshape(-1)[: math.prod(size)]
    filled = np.zeros(math.prod(size), self.dtype)
    filled[: kept.size] = kept
    self.data = as_tensor(filled.reshape(size))
    return self


@method
def resize_as_(self: Tensor, the_template: Tensor) -> Tensor:
    """As `resize_`, to the shape of another tensor.

    Example:
        >>> import nn
        >>> nn.tensor([1.0, 2.0]).resize_as_(nn.zeros(1)).tolist()
        [1.0]
    """
    return resize_(self, the_template.shape)


@method
def set_(self: Tensor, source: Tensor | None = None) -> Tensor:
    """Take another tensor's memory, of the same element type; without one, have no elements.

    Raises:
        RuntimeError: the other tensor is of another element type.

    Example:
        >>> import nn
        >>> nn.zeros(2).set_(nn.ones(3)).tolist(), nn.zeros(2).set_().tolist()
        ([1.0, 1.0, 1.0], [])
    """
    taken = as_tensor(np.empty(0, self.dtype)) if source is None else checks.tensor(source, "set_", "source")
    if taken.dtype != self.dtype:
        raise RuntimeError(f"set_: expected a tensor of {self.dtype}, got {taken.dtype}; use .to()")
    self.data = taken
    return self


@method
def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Put what a function makes of each element, as a number of Python's, in its place; slow, a call an element.

    Example:
        >>> import nn
        >>> nn.tensor([1.0, 2.0]).apply_(lambda v: 10 * v)
        tensor([10., 20.])
    """
    made = [callable(value) for value in self.flatten().tolist()]
    return self.copy_(as_tensor(np.array(made, self.dtype).reshape(self.shape)))


def real(input: Tensor) -> Tensor:
    """The real part: of real numbers they themselves.

    Example:
        >>> import nn
        >>> nn.real(nn.tensor([1.0]))
        tensor([1.])
    """
    return checks.tensor(input, "real")


def imag(input: Tensor) -> Tensor:
    """The imaginary part: of real numbers an error, as in PyTorch.

    Raises:
        RuntimeError: always, since no tensor holds complex numbers here.
    """
    x = checks.tensor(input, "imag")
    raise RuntimeError(f"imag: expected complex numbers, which there are none of here, got {x.dtype}; use zeros_like")


@method
def conj(input: Tensor) -> Tensor:
    """The conjugate: of real numbers they themselves.

    Example:
        >>> import nn
        >>> nn.conj(nn.tensor([1.0]))
        tensor([1.])
    """
    return checks.tensor(input, "conj")


@in_place
@method
def conj_physical(input: Tensor) -> Tensor:
    """As `conj`."""
    return checks.tensor(input, "conj_physical")


@method
def resolve_conj(input: Tensor) -> Tensor:
    """As `conj`."""
    return checks.tensor(input, "resolve_conj")


@method
def angle(input: Tensor) -> Tensor:
    """The angle in the complex plane, in radians: pi for negative numbers, 0 for others, nan for nan.

    Example:
        >>> import nn
        >>> nn.angle(nn.tensor([-1.0, 2.0]))
        tensor([3.1416, 0.0000])
    """
    x = checks.tensor(input, "angle")
    x = x if x.dtype.kind == "f" else x.float()
    zero = arithmetic.sign(x) * 0  # whose gradient is 0
    return arithmetic.where(arithmetic.isnan(x.detach()), x.detach(), arithmetic.where(x.detach() < 0, math.pi, zero))
