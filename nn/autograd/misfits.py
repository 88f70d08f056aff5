"""What is wrong with the operands of a call, in the words of the op and not in those of NumPy, which found it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.errors import DtypeError, OutOfBoundsError, RangeError, ShapeError

__all__: list[str] = []

Shape = tuple[int, ...]

_NUMBERS = (np.ndarray, np.generic, int, float, complex)


def misfit(name: str, arrays: Sequence[Any], attributes: Mapping[str, Any], error: Exception) -> Exception:
    """The error to raise in the place of NumPy's: where, which operands, what does not fit, and what to do."""
    if isinstance(error, OverflowError):
        dtypes = " and ".join({str(a.dtype) for a in arrays if isinstance(a, np.ndarray)})
        numbers = [n for n in (*arrays, *attributes.values()) if isinstance(n, int)]
        which = ", ".join(map(str, numbers)) or "a number"
        return RangeError(f"{name}: {which} does not fit into {dtypes}; convert the tensor first, e.g. .long()")
    if re.search(r"Maximum allowed|too (large|big)", str(error)):
        return RangeError(f"{name}: the result would have more elements than memory can hold; make it smaller")
    if "index" in attributes and (isinstance(error, IndexError) or "slice" in str(error)):
        return wrong_index(arrays[0].shape, error)
    if isinstance(error, TypeError):
        types = " and ".join(str(getattr(a, "dtype", type(a).__name__)) for a in arrays)
        if any(not isinstance(a, _NUMBERS) for a in arrays):
            return DtypeError(f"{name}: expected tensors or numbers, got {types}; use nn.tensor(...)")
        return DtypeError(f"{name}: is not defined for {types}; convert with .to(dtype)")
    if "negative integer powers" in str(error):
        return RangeError(f"{name}: a negative power of an integer is no integer; use .float()")
    arrays = [np.array(a) if isinstance(a, (list, tuple)) else a for a in arrays]
    operands = " and ".join(str(getattr(a, "shape", a)) for a in arrays)
    axis, rank = getattr(error, "axis", None), getattr(error, "ndim", None)  # which NumPy's AxisError has
    if rank is not None:
        allowed = f"it must be from {-rank} to {rank - 1}" if rank else "the tensor has no axes"
        return OutOfBoundsError(f"{name}: dim {axis} is out of range for shape {operands}; {allowed}")
    shapes = [a.shape for a in arrays if isinstance(a, np.ndarray)]
    reason = _clash(shapes, str(error)) or _wrong_shape(shapes, attributes, str(error))
    if reason is not None:
        return ShapeError(f"{name}: operands of shape {operands} do not fit: {reason}")
    given = "".join(f", {k}={v!r}" for k, v in attributes.items())
    kind = OutOfBoundsError if isinstance(error, IndexError) else ShapeError
    return kind(f"{name}: operands of shape {operands}{given} do not fit: {error}; reshape them first")


def wrong_index(shape: Shape, error: Exception) -> OutOfBoundsError:
    """The error to raise in the place of NumPy's, about an index of a tensor of this shape."""
    for pattern, sentence in _INDICES:
        found = re.search(pattern, str(error))
        if found:
            return OutOfBoundsError("index: " + sentence(shape, *map(int, found.groups())))
    return OutOfBoundsError(f"index: it does not fit the shape {shape}: {error}")


def _out_of_range(shape: Shape, index: int, axis: int, length: int) -> str:
    allowed = f"it must be from {-length} to {length - 1}" if length else "the axis is empty"
    return f"{index} is out of range for axis {axis} of shape {shape}; {allowed}"


_INDICES: tuple[tuple[str, Any], ...] = (
    (r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", _out_of_range),
    (r"too many indices.* (\d+) were indexed",
     lambda shape, given: f"the tensor has {len(shape)} axes, {shape}, got {given} indices; leave some out"),
    (r"boolean index did not match.* (?:axis|dimension) (\d+); .* (\d+) but .* (\d+)$",
     lambda shape, axis, length, given: f"a mask must be as long as the axis it picks from; axis {axis} of shape "
     f"{shape} has {length}, got {given}"),
    (r"arrays could not be broadcast",
     lambda shape: "indices of several axes must be of one shape, or of shapes that broadcast; make them equal"),
    (r"only integers, slices",
     lambda shape: "expected integers of 64 bits, slices, '...', None, and lists or tensors of integers or booleans"),
    (r"single ellipsis", lambda shape: "'...' stands for all axes that are left, got it twice; write it once"),
    (r"slice step cannot be zero", lambda shape: "the step of a slice must not be 0; leave it out for 1"),
    (r"slice indices must be", lambda shape: "the bounds of a slice must be integers or left out"),
)  # fmt: skip


def _clash(shapes: Sequence[Shape], error: str) -> str | None:
    """The axes of several operands that should be equally long."""
    if ("core dimension" in error or "not aligned" in error) and len(shapes) == 2 and all(shapes):
        (*_, first), second = shapes
        which = "last axis but one" if len(second) > 1 else "axis"
        return f"the last axis of the first has {first}, the {which} of the second {second[-2:][0]}; make them equal"
    if "enough dimensions" in error:
        return "a matrix product needs operands with at least one axis; use * for a number"
    if "non-broadcastable output" in error:
        return "the result does not have the shape of the tensor that it replaces; leave the _ out to get a new one"
    if "broadcast" not in error or ("remapped" in error and len(shapes) == 1):
        return None
    first = 3 if "remapped" in error else 1  # of a matrix product NumPy says so of the axes in front of the matrices
    for axis in range(first, 1 + max(map(len, shapes), default=0)):
        lengths = sorted({shape[-axis] for shape in shapes if len(shape) >= axis} - {1})
        if len(lengths) > 1:
            return f"axis -{axis} has {' and '.join(map(str, lengths))}; lengths must be equal, or one of them 1"
    return None


def _wrong_shape(shapes: Sequence[Shape], attributes: Mapping[str, Any], error: str) -> str | None:
    """A shape, or an order of axes, that the only operand cannot take."""
    wanted = attributes.get("shape")
    if "cannot reshape" in error:
        return f"{int(np.prod(shapes[0]))} elements cannot take the shape {wanted}; the lengths must multiply to them"
    if "one unknown dimension" in error:
        return f"the shape {wanted} has -1 twice; only one length can be left to be found"
    if "remapped" in error:
        return f"it cannot become {wanted}; only an axis of length 1 can be expanded, or a new one put in front"
    if "repeated axis" in error or "axes don't match" in error:
        dims = attributes.get("dims")
        return f"dims {dims} must name each of its {len(shapes[0])} axes once"
    return None
