"""Collating: many samples become one batch of tensors, whatever structure the samples have."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.ops import shape
from nn.tensors.tensor import Tensor, as_tensor, from_numpy, tensor

__all__ = ["default_collate", "default_convert"]


def default_collate(batch: Sequence[Any]) -> Any:
    """Stack samples into a batch, along a new first axis.

    Tensors and arrays are stacked; Python numbers become a tensor (floats float64, integers int64); texts stay a list;
    mappings, named tuples and sequences are collated entry by entry (a tuple becomes a list).

    Args:
        batch: at least one sample; all of the first one's structure.

    Shape:
        each sample (*), batch (N, *)

    Returns:
        The batch, in the structure of a sample.

    Raises:
        ShapeError: the samples differ in shape or in their number of entries.
        ValueError: no samples.
        TypeError: an entry is none of the above.

    Example:
        >>> import nn
        >>> nn.data.default_collate([(nn.tensor([1.0, 2.0]), 0), (nn.tensor([3.0, 4.0]), 1)])
        [tensor([[1., 2.], [3., 4.]]), tensor([0, 1])]
    """
    if not len(batch):
        raise ValueError("default_collate: expected at least one sample, got none")
    first = batch[0]
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, Tensor | np.ndarray | np.generic):
        return _stack([as_tensor(sample) for sample in batch])
    if isinstance(first, int | float):
        return tensor(batch, dtype=np.float64) if isinstance(first, float) else tensor(batch)
    if not isinstance(first, Mapping | Sequence):
        raise TypeError(
            "default_collate: expected tensors, arrays, numbers, texts, or mappings and sequences of them, "
            f"got {type(first).__name__}; give the DataLoader a collate_fn of your own"
        )
    if any(len(sample) != len(first) for sample in batch):
        raise ShapeError(
            "default_collate: samples must have equally many entries, got "
            f"{sorted({len(sample) for sample in batch})}; pad them, or give the DataLoader a collate_fn of your own"
        )
    return _rebuilt(first, lambda key: default_collate([sample[key] for sample in batch]))


def default_convert(data: Any) -> Any:
    """Make the arrays in one sample tensors, sharing their memory; all else stays as it is.

    Args:
        data: an array, or mappings and sequences of them; texts and Python numbers are left alone.

    Returns:
        The sample, in its own structure (a tuple becomes a list).

    Example:
        >>> import nn, numpy
        >>> nn.data.default_convert({"image": numpy.zeros(2), "name": "zeros"})
        {'image': tensor([0., 0.], dtype=float64), 'name': 'zeros'}
    """
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind in "biuf":
        return from_numpy(np.asarray(data))
    if isinstance(data, Mapping | Sequence) and not isinstance(data, str | bytes):
        return _rebuilt(data, lambda key: default_convert(data[key]))
    return data


def _rebuilt(like: Any, entry: Callable[[Any], Any]) -> Any:
    """The structure of `like` with new entries, each made from its key or position."""
    if isinstance(like, Mapping):
        entries = {key: entry(key) for key in like}
        if type(like) is dict or not isinstance(like, MutableMapping):
            return entries
        other = copy.copy(like)  # an OrderedDict, say; its own constructor may take other arguments
        other.update(entries)
        return other
    parts = [entry(position) for position in range(len(like))]
    return type(like)(*parts) if hasattr(like, "_fields") else parts


def _stack(tensors: list[Any]) -> Any:
    shapes = sorted({t.shape for t in tensors})
    if len(shapes) > 1:
        raise ShapeError(
            f"default_collate: samples must have equal shapes to be stacked, got {shapes[0]} and {shapes[1]}; "
            "crop or pad them, or give the DataLoader a collate_fn of your own"
        )
    return shape.stack(tensors)
