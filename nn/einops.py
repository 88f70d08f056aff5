"""einops for tensors: after `import nn.einops` its functions take them, gradients included.

    import nn.einops
    from einops import rearrange, reduce, repeat

    patches = rearrange(images, "n c (h p) (w q) -> n (h w) (p q c)", p=4, q=4)

It is not imported with `nn`, since einops is no dependency. (einops finds a framework by the subclasses of its
`AbstractBackend`, so that class has to exist before the first call with a tensor.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from einops._backends import AbstractBackend

from nn.tensors import joining, rearrangement, shape
from nn.tensors.creation import arange
from nn.tensors.einsum import einsum
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["Backend"]


class Backend(AbstractBackend):  # type: ignore[misc]
    """What einops has to know about a framework."""

    framework_name = "nn"

    def is_appropriate_type(self, tensor: Any) -> bool:
        """Whether this is one of our tensors."""
        return isinstance(tensor, Tensor)

    def from_numpy(self, x: Any) -> Tensor:
        """An array as a tensor."""
        return from_numpy(x)

    def to_numpy(self, x: Tensor) -> Any:
        """A tensor as an array."""
        return x.detach().numpy()

    def arange(self, start: int, stop: int) -> Tensor:
        """Integers."""
        return arange(start, stop)

    def transpose(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        """The axes in another order."""
        return shape.permute(x, tuple(axes))

    def reduce(self, x: Tensor, operation: str, axes: Sequence[int]) -> Tensor:
        """The axes reduced: "sum", "mean", "prod", "any" or "all"; of an extreme, ties share the gradient."""
        if operation in ("min", "max"):
            return getattr(x, "a" + operation)(tuple(axes))
        if operation in ("sum", "mean"):
            return getattr(x, operation)(tuple(axes))
        for axis in sorted(axes, reverse=True):
            x = getattr(x, operation)(axis)
        return x

    def stack_on_zeroth_dimension(self, tensors: Sequence[Tensor]) -> Tensor:
        """Many tensors as one."""
        return joining.stack(tensors)

    def add_axis(self, x: Tensor, new_position: int) -> Tensor:
        """A new axis of length 1."""
        return shape.unsqueeze(x, new_position)

    def add_axes(self, x: Tensor, n_axes: int, pos2len: Mapping[int, int]) -> Tensor:
        """New axes, along which the tensor repeats itself, without a copy."""
        lengths = [-1] * n_axes
        for position, length in pos2len.items():
            x, lengths[position] = self.add_axis(x, position), length
        return x.expand(lengths)

    def tile(self, x: Tensor, repeats: Sequence[int]) -> Tensor:
        """The tensor so many times along each axis."""
        return rearrangement.tile(x, tuple(repeats))

    def concat(self, tensors: Sequence[Tensor], axis: int) -> Tensor:
        """One after another along an axis."""
        return joining.cat(tensors, axis)

    def is_float_type(self, x: Tensor) -> bool:
        """Whether a mean can be taken."""
        return x.dtype.kind == "f"

    def einsum(self, pattern: str, *x: Tensor) -> Tensor:
        """Products summed as the pattern says."""
        return einsum(pattern, *x)
