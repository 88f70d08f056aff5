"""Sums of products in Einstein's notation, made of permutations and matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.ops import reduction, shape
from nn.tensors import checks
from nn.tensors.diagonal import diagonal
from nn.tensors.tensor import Tensor

__all__ = ["einsum"]


def einsum(equation: str, *operands: Any) -> Tensor:
    """The sum of products over the indices that the result does not have.

    Args:
        equation: a letter for each axis of each operand, "ij,jk->ik". Without an arrow the result has the letters that
            appear once, in alphabetical order. "..." stands for any number of axes, which are broadcast. A letter twice
            in one operand takes its diagonal.
        operands: tensors, or one list of them.

    Raises:
        ShapeError: the letters do not fit the operands, or lengths differ.

    Example:
        >>> import nn
        >>> a, b = nn.ones(2, 3), nn.ones(3, 4)
        >>> nn.einsum("ij,jk->ik", a, b).shape, nn.einsum("ij->", a).item()
        ((2, 4), 6.0)
    """
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    tensors = [checks.tensor(t, "einsum", f"operand {i}") for i, t in enumerate(operands)]
    inputs, output = _parsed(equation, tensors)
    sizes = _sizes(equation, tensors, inputs)
    terms = [_unstretched(tensor, letters, sizes) for tensor, letters in zip(tensors, inputs, strict=True)]
    for i, (tensor, letters) in enumerate(terms):
        others = set(output).union(*(other for k, (_, other) in enumerate(terms) if k != i))
        terms[i] = _own(tensor, letters, others)
    for i, j in _order(terms, output, sizes):
        b, a = terms.pop(j), terms.pop(i)
        wanted = set(output).union(*(letters for _, letters in terms))
        terms.append(_contracted(a, b, wanted, sizes))
    ((tensor, letters),) = terms
    result: Tensor = shape.permute(tensor, dims=tuple(letters.index(c) for c in output)) if output else tensor
    return result


def _parsed(equation: str, tensors: Sequence[Tensor]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; the axes of "..." get letters of their own."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(tensors):
        raise ShapeError(f"einsum: {equation!r} names {len(parts)} operands, got {len(tensors)}")
    spare = [chr(0x3B1 + i) for i in range(64)]
    most = 0
    inputs = []
    for i, (part, tensor) in enumerate(zip(parts, tensors, strict=True)):
        named = part.replace("...", "", 1)
        if not all(c.isascii() and c.isalpha() for c in named):
            raise ShapeError(f"einsum: {part!r} in {equation!r} has to be made of letters, and one '...' at most")
        rest = tensor.ndim - len(named)
        if rest < 0 or (rest and "..." not in part):
            raise ShapeError(f"einsum: {part!r} has {len(named)} letters, operand {i} has shape {tensor.shape}")
        most = max(most, rest if "..." in part else 0)
        inputs.append((part, rest))
    any_axes = "".join(spare[:most])
    found = [part.replace("...", any_axes[most - rest :] if rest else "") for part, rest in inputs]
    if not arrow:
        joined = "".join(found)
        right = any_axes + "".join(sorted(c for c in set(joined) if joined.count(c) == 1 and c not in any_axes))
    right = right.replace("...", any_axes)
    if unknown := [c for c in right if c not in "".join(found)]:
        raise ShapeError(f"einsum: the result of {equation!r} has {unknown[0]!r}, which no operand has")
    if len(set(right)) != len(right):
        raise ShapeError(f"einsum: the result of {equation!r} names an axis twice")
    return found, right


def _sizes(equation: str, tensors: Sequence[Tensor], inputs: Sequence[str]) -> dict[str, int]:
    """The length behind each letter; a length of 1 is broadcast."""
    sizes: dict[str, int] = {}
    for i, (tensor, letters) in enumerate(zip(tensors, inputs, strict=True)):
        for letter, n in zip(letters, tensor.shape, strict=True):
            known = sizes.setdefault(letter, n)
            if known == 1:
                sizes[letter] = n
            elif n not in (1, known):
                raise ShapeError(
                    f"einsum: operand {i} of {equation!r} has length {n} for {letter!r}, another has {known}"
                )
    return sizes


def _unstretched(tensor: Any, letters: str, sizes: dict[str, int]) -> tuple[Any, str]:
    """Without the axes of length 1 that would be broadcast."""
    stretched = tuple(i for i, c in enumerate(letters) if tensor.shape[i] == 1 and sizes[c] != 1)
    return shape.squeeze(tensor, stretched), "".join(c for i, c in enumerate(letters) if i not in stretched)


def _own(tensor: Any, letters: str, others: set[str]) -> tuple[Any, str]:
    """What an operand can do alone: diagonals, and sums over letters that it alone has."""
    for letter in sorted(set(letters)):
        while letters.count(letter) > 1:
            i = letters.index(letter)
            j = letters.index(letter, i + 1)
            tensor = diagonal(tensor, 0, i, j)
            letters = letters[:i] + letters[i + 1 : j] + letters[j + 1 :] + letter
    if lone := tuple(i for i, c in enumerate(letters) if c not in others):
        tensor = reduction.sum(tensor, dim=lone)
        letters = "".join(c for c in letters if c in others)
    return tensor, letters


def _order(terms: Sequence[tuple[Any, str]], output: str, sizes: dict[str, int]) -> list[tuple[int, int]]:
    """Which two operands to contract, again and again: left to right up to three, else by NumPy's greedy search."""
    if len(terms) < 4:
        return [(0, 1)] if len(terms) == 2 else [(0, 1), (0, 1)] if len(terms) == 3 else []
    ascii_of = {c: chr(ord("A") + i if i < 26 else ord("a") + i - 26) for i, c in enumerate(sizes)}
    if len(ascii_of) > 52:
        return [(0, 1)] * (len(terms) - 1)
    text = ",".join("".join(ascii_of[c] for c in letters) for _, letters in terms)
    shapes = [np.broadcast_to(np.empty(()), [sizes[c] for c in letters]) for _, letters in terms]
    path = np.einsum_path(f"{text}->{''.join(ascii_of[c] for c in output)}", *shapes, optimize="greedy")[0][1:]
    pairs = [(min(step), max(step)) for step in path]
    return pairs if all(len(step) == 2 for step in path) else [(0, 1)] * (len(terms) - 1)


def _contracted(a: tuple[Any, str], b: tuple[Any, str], wanted: set[str], sizes: dict[str, int]) -> tuple[Any, str]:
    """The product of two operands, summed over the letters that nothing else needs: one batched matrix product."""
    (x, x_letters), (y, y_letters) = a, b
    both = [c for c in x_letters if c in y_letters]
    batch = [c for c in both if c in wanted]
    summed = [c for c in both if c not in wanted]
    left = [c for c in x_letters if c not in both]
    right = [c for c in y_letters if c not in both]
    x = shape.permute(x, dims=tuple(x_letters.index(c) for c in (*batch, *left, *summed)))
    y = shape.permute(y, dims=tuple(y_letters.index(c) for c in (*batch, *summed, *right)))

    def lengths(*groups: Sequence[str]) -> tuple[int, ...]:
        return tuple(sizes[c] for group in groups for c in group)

    if summed:
        n, rows, inner, columns = (int(np.prod(lengths(g), dtype=int)) for g in (batch, left, summed, right))
        z = shape.reshape(x, shape=(n, rows, inner)) @ shape.reshape(y, shape=(n, inner, columns))
    else:
        x = shape.reshape(x, shape=(*lengths(batch, left), *(1,) * len(right)))
        y = shape.reshape(y, shape=(*lengths(batch), *(1,) * len(left), *lengths(right)))
        z = x * y
    return shape.reshape(z, shape=lengths(batch, left, right)), "".join((*batch, *left, *right))
