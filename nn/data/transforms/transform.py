"""What transforms share: a tensor for a tensor and an array for an array, always a new one.

They change data, not activations: gradients do not flow through them.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from nn.data.transforms.pixels import channels_first, image_like, is_image
from nn.errors import ShapeError
from nn.rng import Generator, default_generator
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["Array", "Compose", "Described", "ImageTransform", "Transform", "require_share"]

Array: TypeAlias = NDArray[Any]
T = TypeVar("T")


class Described:
    """Shows the arguments that it was made with, where they are its attributes."""

    def __repr__(self) -> str:
        names = [name for name in inspect.signature(type(self).__init__).parameters if name != "generator"]
        shown = ", ".join(f"{name}={getattr(self, name)}" for name in names if hasattr(self, name))
        return f"{type(self).__name__}({shown})"


class Transform(Described, ABC):
    """Base class of transforms: derive from it and write `apply`, from array to array.

    Args:
        generator: where `self.rng` draws from; None for the global one.
    """

    def __init__(self, generator: Generator | None = None) -> None:
        self.generator = generator

    @property
    def rng(self) -> np.random.Generator:
        """Where random numbers come from."""
        return (self.generator or default_generator).numpy

    def __call__(self, batch: T) -> T:
        """The transformed batch, a new one: a tensor for a tensor, an array for an array."""
        if isinstance(batch, Tensor):
            return cast(T, from_numpy(self.apply(batch.detach().numpy())))
        return cast(T, self.apply(np.asarray(batch)))

    @abstractmethod
    def apply(self, array: Array) -> Array:
        """The transformed batch, a new array."""


class Compose:
    """One transform after the other.

    Args:
        transforms: called in this order.

    Example:
        >>> import nn
        >>> augment = nn.data.Compose([nn.data.RandomShift(1), nn.data.RandomNoise(0.05)])
        >>> augment(nn.tensor([[[[0.0, 1.0], [1.0, 0.0]]]])).shape
        (1, 1, 2, 2)
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, batch: Any) -> Any:
        """The batch after the last transform."""
        for transform in self.transforms:
            batch = transform(batch)
        return batch

    def __repr__(self) -> str:
        return "\n".join([f"{type(self).__name__}(", *(f"    {transform}" for transform in self.transforms), ")"])


class ImageTransform(Transform):
    """Base class of transforms of images: derive from it and write `images`, from batch to batch.

    A batch (N, C, H, W), a single image (C, H, W) and one of Pillow's are taken; each image gets random numbers of its
    own.
    """

    def __call__(self, batch: T) -> T:
        """The transformed batch or image, a new one of the same kind."""
        if is_image(batch):
            return cast(T, image_like(self.apply(channels_first(batch)), batch))
        return super().__call__(batch)

    def apply(self, array: Array) -> Array:
        """The transformed images."""
        if array.ndim not in (3, 4):
            raise ShapeError(
                f"{type(self).__name__}: expected images (N, C, H, W), or one (C, H, W), got {array.shape}; "
                "reshape them first"
            )
        return self.images(array) if array.ndim == 4 else self.images(array[None])[0]

    @abstractmethod
    def images(self, batch: Array) -> Array:
        """The transformed batch (N, C, H, W), a new array."""


def require_share(where: str, name: str, value: float) -> None:
    """Raise a ValueError unless the value is in [0, 1]."""
    if not 0 <= value <= 1:
        raise ValueError(f"{where}: {name} must be a probability, 0 to 1, got {value!r}")
