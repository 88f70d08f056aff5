"""Functions that put elements into a copy, by index or by mask."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import OutOfBoundsError, RangeError, ShapeError
from nn.kernels.indexing import along, bring
from nn.ops import arithmetic, shape
from nn.ops import indexing as ops
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.arguments import fitting
from nn.tensors.indexing import line, masked_shape, on_axis, places_along, vector_of_places
from nn.tensors.methods import in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "masked_fill",
    "masked_scatter",
    "put",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "select_scatter",
    "slice_scatter",
]


def _source(input: Tensor, index: Tensor, src: Any, caller: str) -> Tensor:
    """The part of src that the index refers to."""
    checks.same_dtype(input, checks.tensor(src, caller, "src"), caller, "src")
    src = line(src)
    if src.ndim != index.ndim or any(n > m for n, m in zip(index.shape, src.shape, strict=True)):
        raise ShapeError(f"{caller}: index {index.shape} reaches beyond src {src.shape}; make src as large at least")
    return src if src.shape == index.shape else ops.getitem(src, index=tuple(slice(n) for n in index.shape))


def _value(input: Tensor, value: Any, caller: str) -> Any:
    """A number, or a tensor without axes, in the dtype of input."""
    if isinstance(value, Tensor):
        if value.ndim:
            raise ShapeError(f"{caller}: value must be a number, got a tensor of shape {value.shape}; use item()")
        fitting(value._array[()].item(), input.dtype, caller, floats=True)
        return value.to(input.dtype)
    return np.asarray(fitting(value, input.dtype, caller, floats=True)).astype(input.dtype).item()


@in_place
@method
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """A copy with src put at `index` along `dim`: result[index[i][j]][j] = src[i][j] for dim 0; the last one stays.

    Args:
        input: the tensor.
        dim: the axis that `index` counts along.
        index: integers; as many axes as input.
        src: a tensor at least as large as `index`, or a number.
        value: the number, by another name.
        reduce: None to replace, "add" or "multiply" to combine with what is there.

    Example:
        >>> import nn
        >>> nn.scatter(nn.zeros(3), 0, nn.tensor([2, 0]), nn.tensor([1.0, 5.0]))
        tensor([5., 0., 1.])
    """
    x, dim, places = places_along(input, dim, index, "scatter")
    src = value if src is None else src
    src = _source(input, places, src, "scatter") if isinstance(src, Tensor) else _value(input, src, "scatter")
    if reduce is not None:
        checks.choice(reduce, ("add", "multiply"), "scatter", "reduce")
        src = src if isinstance(src, Tensor) else wrap(np.full(places.shape, src, input.dtype))
        return scatter_reduce(input, dim, index, line(src), "sum" if reduce == "add" else "prod")
    return shape.reshape(ops.setitem(x, src, index=along(mode.quiet(places._array.copy), dim)), shape=input.shape)


@in_place
@method
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with src added at `index` along `dim`: result[index[i][j]][j] += src[i][j] for dim 0.

    Example:
        >>> import nn
        >>> nn.scatter_add(nn.zeros(3), 0, nn.tensor([2, 2]), nn.tensor([1.0, 5.0]))
        tensor([0., 0., 6.])
    """
    x, dim, places = places_along(input, dim, index, "scatter_add")
    return _added(x, dim, places, _source(input, places, src, "scatter_add"), input.shape)


def _added(x: Tensor, dim: int, places: Tensor, src: Any, final: tuple[int, ...]) -> Tensor:
    return shape.reshape(x + ops.scatter_add(src, places, dim=dim, shape=x.shape), shape=final)


@in_place
@method
@in_single
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy in which what src brings to one place is reduced, together with the element there if include_self.

    Args:
        input: the tensor.
        dim: the axis that `index` counts along.
        index: integers; as many axes as input.
        src: a tensor at least as large as `index`.
        reduce: "sum", "prod", "mean", "amax" or "amin"; an extreme shares its gradient evenly among ties.
        include_self: whether what stands in input counts too, where src brings something.

    Example:
        >>> import nn
        >>> x, index = nn.tensor([1.0, 1.0]), nn.tensor([0, 0])
        >>> nn.scatter_reduce(x, 0, index, nn.tensor([4.0, 7.0]), "mean", include_self=False)
        tensor([5.5000, 1.0000])
    """
    checks.choice(reduce, ("sum", "prod", "mean", "amax", "amin"), "scatter_reduce", "reduce")
    x, dim, places = places_along(input, dim, index, "scatter_reduce")
    src = _source(input, places, src, "scatter_reduce")
    where = along(mode.quiet(places._array.copy), dim)
    if reduce in ("amax", "amin"):
        extreme = ops.scatter_extreme(x, src, places, dim=dim, largest=reduce == "amax", include_self=include_self)
        return shape.reshape(extreme, shape=input.shape)
    if not include_self:
        x = ops.setitem(x, 1 if reduce == "prod" else 0, index=where)
    if reduce == "prod":
        return shape.reshape(_multiplied(x, where, src), shape=input.shape)
    total = _added(x, dim, places, src, input.shape)
    if reduce == "sum":
        return total
    counts = bring(where, x.shape) + int(include_self)
    counts = np.maximum(counts, 1).astype(input.dtype).reshape(input.shape)
    return total / counts if input.dtype.kind == "f" else wrap(total._array // counts)


def _multiplied(x: Tensor, where: tuple[Any, ...], src: Tensor) -> Tensor:
    """x times all that src brings to each place: neighbours with one target are multiplied, until each is alone.

    Products alone, no division: the gradient is right where factors are 0, and so is the gradient's gradient.
    """
    targets = np.arange(x.numel()).reshape(x.shape)[where].ravel()
    order = np.argsort(targets, kind="stable")
    targets, factors = targets[order], ops.getitem(shape.flatten(src), index=order)
    while True:
        starts = np.flatnonzero(np.diff(targets, prepend=-1))
        rank = np.arange(len(targets)) - np.repeat(starts, np.diff(starts, append=len(targets)))
        second = np.flatnonzero(rank % 2)
        if not len(second):
            break
        pairs = ops.getitem(factors, index=second - 1) * ops.getitem(factors, index=second)
        factors = ops.setitem(factors, pairs, index=second - 1)
        first = np.flatnonzero(rank % 2 == 0)
        targets, factors = targets[first], ops.getitem(factors, index=first)
    flat = shape.flatten(x)
    product = ops.getitem(flat, index=targets) * factors
    return shape.reshape(ops.setitem(flat, product, index=targets), shape=x.shape)


def _entries(input: Any, dim: int, index: Any, source: Any, caller: str) -> tuple[Tensor, int, Any, Tensor]:
    """Input, axis, indices and source of `index_add` and `index_copy`, checked."""
    x, dim, places = vector_of_places(input, dim, index, caller)
    checks.same_dtype(input, checks.tensor(source, caller, "source"), caller, "source")
    wanted = (*x.shape[:dim], len(places), *x.shape[dim + 1 :])
    if source.ndim != input.ndim or line(source).shape != wanted:
        raise ShapeError(
            f"{caller}: for {len(places)} entries of axis {dim} of {input.shape} source must have shape {wanted}, "
            f"got {source.shape}; reshape it first"
        )
    return x, dim, places, line(source)


@in_place
@method
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """A copy with alpha * source added to the entries of an axis that a vector names; named twice, both are added.

    Example:
        >>> import nn
        >>> nn.index_add(nn.zeros(3), 0, nn.tensor([0, 0]), nn.tensor([1.0, 2.0]))
        tensor([3., 0., 0.])
    """
    x, dim, places, source = _entries(input, dim, index, source, "index_add")
    if alpha != 1:
        source = source * _value(input, alpha, "index_add")
    spread = ops.getitem_backward(source, index=on_axis(dim, places), shape=x.shape)
    return shape.reshape(spread + x, shape=input.shape)


@in_place
@method
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy with source in place of the entries of an axis that a vector names; named twice, the last stays.

    Example:
        >>> import nn
        >>> nn.index_copy(nn.zeros(3), 0, nn.tensor([2, 0]), nn.tensor([1.0, 2.0]))
        tensor([2., 0., 1.])
    """
    x, dim, places, source = _entries(input, dim, index, source, "index_copy")
    return shape.reshape(ops.setitem(x, source, index=on_axis(dim, places)), shape=input.shape)


@in_place
@method
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy in which what source brings to one entry of an axis is reduced: `scatter_reduce` of whole entries.

    Args:
        input: the tensor.
        dim: the axis.
        index: a vector of indices of its entries.
        source: an entry for each.
        reduce: "prod", "mean", "amax" or "amin".
        include_self: whether what stands in input counts too.

    Example:
        >>> import nn
        >>> nn.index_reduce(nn.ones(2), 0, nn.tensor([0, 0]), nn.tensor([3.0, 4.0]), "prod")
        tensor([12.,  1.])
    """
    checks.choice(reduce, ("prod", "mean", "amax", "amin"), "index_reduce", "reduce")
    x, dim, places, source = _entries(input, dim, index, source, "index_reduce")
    column = places.reshape((1,) * dim + (-1,) + (1,) * (x.ndim - dim - 1))
    spread = wrap(np.broadcast_to(column, source.shape).copy())
    return shape.reshape(scatter_reduce(x, dim, spread, source, reduce, include_self=include_self), shape=input.shape)


@in_place
@method
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy with one number in the entries of an axis that a vector names.

    Example:
        >>> import nn
        >>> nn.index_fill(nn.zeros(3), 0, nn.tensor([2, 0]), 7)
        tensor([7., 0., 7.])
    """
    x, dim, places = vector_of_places(input, dim, index, "index_fill", least=-1)
    filled = ops.setitem(x, _value(input, value, "index_fill"), index=on_axis(dim, places))
    return shape.reshape(filled, shape=input.shape)


@in_place
@method
def index_put(input: Tensor, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """A copy with x[indices] = values, or with them added.

    Args:
        input: the tensor.
        indices: a tuple of tensors: integers, one for each of the first axes, or masks.
        values: broadcast to what the indices name.
        accumulate: add, also what comes to one place twice; without it, the last one stays.

    Example:
        >>> import nn
        >>> nn.index_put(nn.zeros(3), (nn.tensor([1, 1]),), nn.tensor([2.0, 3.0]), accumulate=True)
        tensor([0., 5., 0.])
    """
    index = ops.plain_index(tuple(checks.tensor(i, "index_put", "an index") for i in indices))
    checks.same_dtype(
        checks.tensor(input, "index_put"), checks.tensor(values, "index_put", "values"), "index_put", "values"
    )
    if not accumulate:
        return ops.setitem(input, values, index=index)
    wide = shape.expand(values, shape=input._array[index].shape)
    return input + ops.getitem_backward(wide, index=index, shape=input.shape)


@in_place
@method
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with source at `index`, counted through all elements in a row, or with it added.

    Example:
        >>> import nn
        >>> nn.put(nn.zeros(2, 2), nn.tensor([1, -1]), nn.tensor([5.0, 6.0])).tolist()
        [[0.0, 5.0], [0.0, 6.0]]
    """
    size = checks.tensor(input, "put").numel()
    places = checks.places(index, "put")._array.ravel()
    checks.within(places, size, "put", "input, in a row,", -size)
    checks.same_dtype(input, checks.tensor(source, "put", "source"), "put", "source")
    if source.numel() != places.size:
        raise OutOfBoundsError(
            f"put: expected {places.size} elements in source, one for each index; got {source.numel()}"
        )
    flat = index_put(shape.flatten(input), (wrap(places),), shape.flatten(source), accumulate)
    return shape.reshape(flat, shape=input.shape)


@in_place
@method
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """A copy with one number where the mask holds.

    Example:
        >>> import nn
        >>> nn.masked_fill(nn.zeros(3), nn.tensor([True, False, True]), 7)
        tensor([7., 0., 7.])
    """
    masked_shape(input, mask, "masked_fill")
    value = _value(input, value, "masked_fill")
    filled = arithmetic.where(mask, value if isinstance(value, Tensor) else input.dtype.type(value), input)
    return shape.in_rows(filled)


@in_place
@method
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the elements of source, one after another, where the mask holds.

    Example:
        >>> import nn
        >>> nn.masked_scatter(nn.zeros(3), nn.tensor([True, False, True]), nn.tensor([7.0, 8.0, 9.0]))
        tensor([7., 0., 8.])
    """
    wide = masked_shape(input, mask, "masked_scatter")
    checks.same_dtype(input, checks.tensor(source, "masked_scatter", "source"), "masked_scatter", "source")
    places = np.flatnonzero(np.broadcast_to(mask._array, wide))
    if source.numel() < len(places):
        raise RangeError(f"masked_scatter: the mask needs {len(places)} elements, source has {source.numel()}")
    taken = ops.getitem(shape.flatten(source), index=slice(len(places)))
    flat = ops.setitem(shape.flatten(shape.expand(input, shape=wide)), taken, index=places)
    return shape.reshape(flat, shape=wide)


def _embedded(input: Tensor, src: Any, index: tuple[Any, ...], caller: str) -> Tensor:
    """A copy of input with src at a basic index, where src has exactly the shape of what it replaces."""
    now = input._array[index].shape
    if checks.tensor(src, caller, "src").shape != now:
        raise ShapeError(f"{caller}: src has shape {src.shape}, what it replaces {now}; make them equal")
    return ops.setitem(input, src, index=index)


@method
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy with src in place of one entry of an axis.

    Example:
        >>> import nn
        >>> nn.select_scatter(nn.zeros(2, 2), nn.ones(2), 1, 0).tolist()
        [[1.0, 0.0], [1.0, 0.0]]
    """
    dim = shape.axis(dim, checks.tensor(input, "select_scatter").ndim, "select_scatter")
    checks.within(np.asarray(index), input.shape[dim], "select_scatter", f"axis {dim}", -input.shape[dim])
    return _embedded(input, src, on_axis(dim, operator.index(index)), "select_scatter")


@method
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy with src in place of a slice of an axis.

    Example:
        >>> import nn
        >>> nn.slice_scatter(nn.zeros(4), nn.ones(2), 0, 1, 3)
        tensor([0., 1., 1., 0.])
    """
    dim = shape.axis(dim, checks.tensor(input, "slice_scatter").ndim, "slice_scatter")
    if step < 1:
        raise RangeError(f"slice_scatter: step must be 1 or more, got {step}")
    return _embedded(input, src, on_axis(dim, slice(start, end, step)), "slice_scatter")
