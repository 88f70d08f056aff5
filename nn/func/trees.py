"""Nested tuples, lists and dicts, and what stands in them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from nn.tensors.tensor import Tensor

__all__: list[str] = []


def leaves(tree: Any) -> list[Any]:
    """What stands in nested tuples, lists and dicts, in order."""
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, tuple | list):
        return [leaf for value in tree for leaf in leaves(value)]
    return [tree]


def tensors(tree: Any) -> list[Any]:
    """As `leaves`, which all have to be tensors."""
    found = leaves(tree)
    for leaf in found:
        if not isinstance(leaf, Tensor):
            raise TypeError(f"func: tensors are expected, got {type(leaf).__name__}; use nn.tensor(...)")
    return found


def rebuilt(tree: Any, values: Iterable[Any]) -> Any:
    """The same nest with other things in the leaves' places."""
    return _filled(tree, iter(values))


def _filled(part: Any, rest: Iterator[Any]) -> Any:
    if isinstance(part, dict):
        filled = copy.copy(part)  # an OrderedDict stays one
        filled.update({key: _filled(value, rest) for key, value in part.items()})
        return filled
    if isinstance(part, tuple):
        return tuple.__new__(type(part), [_filled(value, rest) for value in part])  # a named tuple stays one
    if isinstance(part, list):
        return [_filled(value, rest) for value in part]
    return next(rest)


def spread(prefix: Any, tree: Any, where: str) -> list[Any]:
    """One number (or None) for each leaf of a tree, from a prefix of it: a number stands for all below it.

    Raises:
        ValueError: the prefix is nested otherwise than the tree.
    """
    if prefix is None or isinstance(prefix, int):
        return [prefix] * len(leaves(tree))
    if isinstance(prefix, dict) and isinstance(tree, dict) and prefix.keys() == tree.keys():
        return [dim for key in tree for dim in spread(prefix[key], tree[key], where)]
    both_sequences = isinstance(prefix, tuple | list) and isinstance(tree, tuple | list)
    if both_sequences and len(prefix) == len(tree):
        return [dim for part, value in zip(prefix, tree, strict=True) for dim in spread(part, value, where)]
    raise ValueError(f"vmap: {where} must be an integer, None, or nested as the values are; got {prefix!r}")
