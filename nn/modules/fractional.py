"""Fractional max-pooling layers: they shrink by a factor that need not be whole, with windows at random places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.errors import RangeError
from nn.functional import fractional as F
from nn.modules.module import Module
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["FractionalMaxPool2d", "FractionalMaxPool3d"]

Size = int | tuple[int, ...]


class _FractionalMaxPool(Module):
    """What fractional max-pooling of both ranks shares."""

    kernel_size: tuple[int, ...]
    output_size: tuple[int, ...] | None
    output_ratio: tuple[float, ...] | None
    return_indices: bool
    _random_samples: Tensor | None

    rank: int

    def __init__(
        self,
        kernel_size: Size,
        output_size: Size | None = None,
        output_ratio: float | Sequence[float] | None = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        name, rank = type(self).__name__, self.rank
        if (output_size is None) == (output_ratio is None):
            raise RangeError(f"{name}: give either output_size or output_ratio; got {output_size} and {output_ratio}")
        self.kernel_size = checks.spatial(kernel_size, rank, name, "kernel_size")
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else checks.spatial(output_size, rank, name, "output_size")
        self.output_ratio = None
        if output_ratio is not None:
            several = tuple(output_ratio) if isinstance(output_ratio, Sequence) else (output_ratio,) * rank
            if len(several) != rank or not all(0 < ratio < 1 for ratio in several):
                raise RangeError(f"{name}: output_ratio must be {rank} numbers between 0 and 1, got {output_ratio}")
            self.output_ratio = several

    def forward(self, input: Tensor) -> Any:
        pool = F.fractional_max_pool2d if self.rank == 2 else F.fractional_max_pool3d
        return pool(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest elements of windows at random places; arguments are those of `nn.functional.fractional_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.FractionalMaxPool2d(2, output_ratio=0.7)(nn.zeros(1, 3, 9, 9)).shape
        (1, 3, 6, 6)
    """

    rank = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest elements of windows at random places over three axes; arguments as for `FractionalMaxPool2d`.

    Example:
        >>> import nn
        >>> nn.FractionalMaxPool3d(2, output_size=(3, 4, 5))(nn.zeros(1, 3, 9, 9, 9)).shape
        (1, 3, 3, 4, 5)
    """

    rank = 3
