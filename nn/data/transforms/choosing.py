"""Transforms that are made of others or of a chance, and those of `adjusting`, by the names that torchvision's have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.data.transforms import adjusting
from nn.data.transforms import functional as F
from nn.data.transforms.transform import Compose, Described, require_share
from nn.rng import Generator, default_generator
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "ConvertImageDtype", "FiveCrop", "GaussianBlur", "RandomApply", "RandomChoice", "RandomGrayscale", "RandomInvert",
    "RandomOrder", "TenCrop", "ToDtype", "ToImage",
]  # fmt: skip

Change = Callable[[Any], Any]


class RandomApply(Compose):
    """The transforms one after the other with probability p; else the image as it is.

    Example:
        >>> import nn
        >>> flip = nn.data.transforms.RandomHorizontalFlip(1.0)
        >>> nn.data.transforms.RandomApply([flip], p=1.0)(nn.tensor([[[1.0, 2.0]]]))
        tensor([[[2., 1.]]])
    """

    def __init__(self, transforms: Sequence[Change], p: float = 0.5, generator: Generator | None = None) -> None:
        require_share(type(self).__name__, "p", p)
        super().__init__(transforms)
        self.p, self.generator = p, generator

    def __call__(self, batch: Any) -> Any:
        """The image, changed or not."""
        draw = (self.generator or default_generator).numpy
        return super().__call__(batch) if draw.random() < self.p else batch


class RandomChoice(Compose):
    """One of the transforms, drawn with the weights p, which are equal unless said."""

    def __init__(
        self, transforms: Sequence[Change], p: Sequence[float] | None = None, generator: Generator | None = None
    ) -> None:
        if p is not None and (len(p) != len(transforms) or min(p) < 0 or sum(p) <= 0):
            raise ValueError(f"RandomChoice: p must be {len(transforms)} weights, 0 or more and not all 0, got {p}")
        super().__init__(transforms)
        self.p, self.generator = p, generator

    def __call__(self, batch: Any) -> Any:
        """The image after the drawn transform."""
        weights = None if self.p is None else np.asarray(self.p) / sum(self.p)
        draw = (self.generator or default_generator).numpy
        return self.transforms[int(draw.choice(len(self.transforms), p=weights))](batch)


class RandomOrder(Compose):
    """All of the transforms, in an order drawn for each call."""

    def __init__(self, transforms: Sequence[Change], generator: Generator | None = None) -> None:
        super().__init__(transforms)
        self.generator = generator

    def __call__(self, batch: Any) -> Any:
        """The image after the last one."""
        for i in (self.generator or default_generator).numpy.permutation(len(self.transforms)):
            batch = self.transforms[i](batch)
        return batch


class _WithChance(Described):
    """Base class of what changes an image with probability p."""

    def __init__(self, p: float, generator: Generator | None = None) -> None:
        require_share(type(self).__name__, "p", p)
        self.p, self.generator = p, generator

    def changed(self, img: Any) -> Any:
        """The changed image."""
        raise NotImplementedError

    def __call__(self, img: Any) -> Any:
        """The image, changed or not."""
        return self.changed(img) if (self.generator or default_generator).numpy.random() < self.p else img


class RandomGrayscale(_WithChance):
    """The image in black and white, in as many channels as before, with probability p.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomGrayscale(1.0)(nn.rand(3, 2, 2)).shape
        (3, 2, 2)
    """

    def __init__(self, p: float = 0.1, generator: Generator | None = None) -> None:
        super().__init__(p, generator)

    def changed(self, img: Any) -> Any:
        """The brightness, in each channel."""
        channels = img.shape[-3] if isinstance(img, Tensor) else len(np.atleast_3d(np.asarray(img)).T)
        return F.rgb_to_grayscale(img, channels)


class RandomInvert(_WithChance):
    """The negative of the image, with probability p."""

    def __init__(self, p: float = 0.5, generator: Generator | None = None) -> None:
        super().__init__(p, generator)

    def changed(self, img: Any) -> Any:
        """The negative."""
        return adjusting.invert(img)


class GaussianBlur(Described):
    """The image blurred as `adjusting.gaussian_blur` does, by a sigma drawn uniformly from a range (or one number)."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        sigma: float | Sequence[float] = (0.1, 2.0),
        generator: Generator | None = None,
    ) -> None:
        least, most = np.broadcast_to(sigma, 2).tolist()
        if not 0 < least <= most:
            raise ValueError(f"GaussianBlur: sigma must be a range (least, most) above 0, got {sigma}")
        self.kernel_size, self.sigma, self.generator = F.pair(kernel_size), (least, most), generator

    def __call__(self, img: Any) -> Any:
        """The blurred image."""
        draw = (self.generator or default_generator).numpy
        return adjusting.gaussian_blur(img, self.kernel_size, float(draw.uniform(*self.sigma)))


class FiveCrop(Described):
    """A tuple of five pieces: of the corners and of the middle."""

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = F.pair(size)

    def __call__(self, img: Any) -> tuple[Any, ...]:
        """The pieces."""
        return adjusting.five_crop(img, self.size)


class TenCrop(Described):
    """A tuple of ten pieces: the five of the image, and the five of the flipped one."""

    def __init__(self, size: int | Sequence[int], vertical_flip: bool = False) -> None:
        self.size, self.vertical_flip = F.pair(size), vertical_flip

    def __call__(self, img: Any) -> tuple[Any, ...]:
        """The pieces."""
        return adjusting.ten_crop(img, self.size, self.vertical_flip)


class ConvertImageDtype(Described):
    """A tensor's numbers in another dtype, scaled: 255 of uint8 is 1 as a float."""

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = dtype

    def __call__(self, image: Tensor) -> Tensor:
        """The numbers."""
        return adjusting.convert_image_dtype(image, self.dtype)


class ToImage(Described):
    """An image of Pillow's or an array (H, W, C) as a tensor (C, H, W) of the same numbers; a tensor stays."""

    def __call__(self, img: Any) -> Tensor:
        """The tensor."""
        return img if isinstance(img, Tensor) else F.pil_to_tensor(img)


class ToDtype(Described):
    """A tensor in another dtype; with `scale`, as `ConvertImageDtype`, else with the same numbers."""

    def __init__(self, dtype: Any, scale: bool = False) -> None:
        self.dtype, self.scale = dtype, scale

    def __call__(self, img: Tensor) -> Tensor:
        """The tensor."""
        return adjusting.convert_image_dtype(img, self.dtype) if self.scale else as_tensor(img, dtype=self.dtype)
