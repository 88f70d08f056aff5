"""Gradients by parts: the pieces of a tensor that was cut up are put together once, when all of them are known.

A slice hands back a gradient that is 0 nearly everywhere. For a tensor cut into a thousand rows, a thousand arrays of
its whole size would be made and added up; so the walk keeps the rows, each with its place, until the tensor's turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Parts"]


class Parts:
    """A gradient that is not added up yet.

    Args:
        piece: the gradient by one part.
        place: the index of that part.
        shape: that of the whole.
        alone: what to call for the whole if this piece stays the only one.
        join: the op that adds many pieces into zeros, each at its place.
    """

    __slots__ = ("alone", "join", "pieces", "places", "rest", "shape")

    def __init__(
        self, piece: Any, place: Any, shape: tuple[int, ...], alone: Callable[[], Any], join: Callable[..., Any]
    ) -> None:
        self.pieces = [piece]
        self.places = [place]
        self.shape = shape
        self.alone = alone
        self.join = join
        self.rest: Any = None

    def __add__(self, other: Any) -> Parts:
        """This, changed: with further parts, or with a gradient by the whole besides."""
        if other.__class__ is Parts:
            self.pieces += other.pieces
            self.places += other.places
            other = other.rest
        if other is not None:
            self.rest = other if self.rest is None else self.rest + other
        return self

    def whole(self) -> Any:
        """The gradient in one array, or in one tensor."""
        if len(self.pieces) == 1:
            g = self.alone()
        else:
            g = self.join(*self.pieces, places=tuple(self.places), shape=self.shape)
        return g if self.rest is None else self.rest + g
