"""Transforms that move pixels: crops, flips, rotations; each image by random numbers of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from nn.data.transforms.transform import Array, ImageTransform, require_share
from nn.errors import ShapeError
from nn.rng import Generator

__all__ = [
    "RandomAffine",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomShift",
    "RandomVerticalFlip",
]

Interpolation: TypeAlias = Literal["bilinear", "nearest"]
Padding: TypeAlias = "int | Sequence[int]"
Range: TypeAlias = "float | Sequence[float]"

PADDING_MODES = ("constant", "edge", "reflect", "symmetric")


class RandomShift(ImageTransform):
    """Moves every image by its own whole number of pixels, drawn uniformly; what moves in is 0.

    Args:
        pixels: the farthest move up, down, left or right, in pixels.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W), or one image (C, H, W)

    Raises:
        ValueError: pixels is negative or no integer.
        ShapeError: neither four axes nor three.

    Example:
        >>> import nn
        >>> shifted = nn.data.RandomShift(1)(nn.tensor([[[[0.0, 0.0, 0.0], [0.0, 7.0, 0.0], [0.0, 0.0, 0.0]]]]))
        >>> shifted.sum()
        tensor(7.)
    """

    def __init__(self, pixels: int, generator: Generator | None = None) -> None:
        if not isinstance(pixels, int) or pixels < 0:
            raise ValueError(f"RandomShift: pixels must be an integer, 0 or more, got {pixels!r}")
        super().__init__(generator)
        self.pixels = pixels

    def images(self, batch: Array) -> Array:
        """The shifted images."""
        p = self.pixels
        return _cut(np.pad(batch, ((0, 0), (0, 0), (p, p), (p, p))), batch.shape[2:], self.rng)


class RandomCrop(ImageTransform):
    """Cuts a piece of a given size out of every image, at a place drawn uniformly.

    Args:
        size: height and width of the piece, or one number for both.
        padding: pixels put around the images first: one number, (left and right, top and bottom), or (left, top,
            right, bottom); None for none.
        pad_if_needed: put as many around as a piece of this size needs, in place of an error.
        fill: what padding of the mode "constant" is filled with.
        padding_mode: "constant", "edge", "reflect" or "symmetric", as `numpy.pad` has them.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, *size), or one image (C, H, W)

    Raises:
        ValueError: the size or the padding is invalid, or padding_mode is unknown.
        ShapeError: the padded images are smaller than the piece.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomCrop(32, padding=4)(nn.zeros(8, 3, 32, 32)).shape
        (8, 3, 32, 32)
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: Padding | None = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: Literal["constant", "edge", "reflect", "symmetric"] = "constant",
        generator: Generator | None = None,
    ) -> None:
        super().__init__(generator)
        height_width = (size, size) if isinstance(size, int) else tuple(size)
        sides = (padding,) if isinstance(padding, int) else tuple(padding or (0,))
        if len(height_width) != 2 or min(height_width) < 1:
            raise ValueError(f"RandomCrop: size must be a height and a width of 1 pixel or more, got {size}")
        if len(sides) not in (1, 2, 4) or min(sides) < 0:
            raise ValueError(f"RandomCrop: padding must be 1, 2 or 4 numbers of pixels, 0 or more, got {padding}")
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"RandomCrop: padding_mode must be one of {PADDING_MODES}, got {padding_mode!r}")
        self.size = height_width
        self.padding = sides * (4 // len(sides))  # left, top, right, bottom
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    def images(self, batch: Array) -> Array:
        """The pieces."""
        left, top, right, bottom = self.padding
        batch = self._padded(batch, (top, bottom), (left, right))
        short = [max(0, wanted - n) for wanted, n in zip(self.size, batch.shape[2:], strict=True)]
        if any(short) and not self.pad_if_needed:
            raise ShapeError(
                f"RandomCrop: pieces of {self.size} cannot be cut out of images of {batch.shape[2:]} with padding; "
                "pass pad_if_needed=True, or a larger padding"
            )
        return _cut(self._padded(batch, *((n, n) for n in short)), self.size, self.rng)

    def _padded(self, batch: Array, rows: tuple[int, int], columns: tuple[int, int]) -> Array:
        if not any((*rows, *columns)):
            return batch
        options = {"constant_values": self.fill} if self.padding_mode == "constant" else {}
        padded: Array = np.pad(batch, ((0, 0), (0, 0), rows, columns), self.padding_mode, **options)  # type: ignore[call-overload]
        return padded


def _cut(batch: Array, size: tuple[int, ...], rng: np.random.Generator) -> Array:
    """From each image a window of a size, at a random place."""
    windows = np.lib.stride_tricks.sliding_window_view(batch, size, axis=(2, 3))
    places = np.array(windows.shape[2:4])[:, None]
    top, left = rng.integers(places, size=(2, len(batch)))  # of the window's upper left corner
    cut: Array = windows[np.arange(len(batch)), :, top, left]  # (N, C, H', W', *size) -> (N, C, *size)
    return cut


class _RandomFlip(ImageTransform):
    """Mirrors an image with probability p."""

    axis: int

    def __init__(self, p: float = 0.5, generator: Generator | None = None) -> None:
        super().__init__(generator)
        require_share(type(self).__name__, "p", p)
        self.p = p

    def images(self, batch: Array) -> Array:
        """The images, some of them mirrored."""
        flipped = self.rng.random(len(batch)) < self.p
        return np.where(flipped[:, None, None, None], np.flip(batch, self.axis), batch)


class RandomHorizontalFlip(_RandomFlip):
    """Exchanges left and right of an image, with probability p.

    Args:
        p: the probability.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W), or one image (C, H, W)

    Raises:
        ValueError: p is no probability.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomHorizontalFlip(p=1)(nn.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        tensor([[[2., 1.], [4., 3.]]])
    """

    axis = 3


class RandomVerticalFlip(_RandomFlip):
    """Exchanges top and bottom of an image, with probability p. Args, Shape, Raises: as `RandomHorizontalFlip`.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomVerticalFlip(p=1)(nn.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        tensor([[[3., 4.], [1., 2.]]])
    """

    axis = 2


class _Warp(ImageTransform):
    """Draws a linear map for each image, and reads each new pixel where the map's inverse points to."""

    def __init__(
        self,
        interpolation: Interpolation,
        fill: float | Sequence[float],
        center: Sequence[float] | None,
        generator: Generator | None,
    ) -> None:
        super().__init__(generator)
        if interpolation not in ("bilinear", "nearest"):
            name = type(self).__name__
            raise ValueError(f"{name}: interpolation must be bilinear or nearest, got {interpolation!r}")
        self.interpolation = interpolation
        self.fill = fill
        self.center = center

    @abstractmethod
    def inverses(self, n: int, height: int, width: int) -> tuple[Array, Array]:
        """Matrices (N, 2, 2) from new to old, and what new ones are moved by before it (N, 2); x first, in pixels."""

    def images(self, batch: Array) -> Array:
        """The warped images."""
        n, _, height, width = batch.shape
        middle = np.array([width - 1, height - 1]) / 2
        center = (
            middle if self.center is None else np.asarray(self.center, float) - 0.5
        )  # from edges to pixels' middles
        y, x = np.mgrid[:height, :width]
        pixels = np.stack([x.ravel(), y.ravel()]) - center[:, None]  # (2, P)
        matrices, moves = self.inverses(n, height, width)
        sources = matrices @ (pixels - moves[:, :, None]) + center[:, None]  # (N, 2, P)
        return _read(batch, sources[:, 0], sources[:, 1], self.fill, self.interpolation)


def _read(batch: Array, x: Array, y: Array, fill: float | Sequence[float], interpolation: Interpolation) -> Array:
    """The values of images (N, C, H, W) at places x, y (N, P) between their pixels; `fill` outside."""
    n, channels, height, width = batch.shape
    flat = batch.reshape(n, channels, height * width)
    dtype = batch.dtype if batch.dtype.kind == "f" else np.dtype(np.float32)
    outside = np.broadcast_to(np.asarray(fill, dtype).reshape(-1, 1), (channels, 1))
    if interpolation == "nearest":
        corners = [(np.rint(x), np.rint(y), np.ones_like(x))]
    else:
        left, top = np.floor(x), np.floor(y)
        right_share, bottom_share = x - left, y - top
        corners = [
            (left, top, (1 - right_share) * (1 - bottom_share)),
            (left + 1, top, right_share * (1 - bottom_share)),
            (left, top + 1, (1 - right_share) * bottom_share),
            (left + 1, top + 1, right_share * bottom_share),
        ]
    result = np.zeros((n, channels, x.shape[1]), dtype)
    for column, row, share in corners:
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        index = np.where(inside, row * width + column, 0).astype(np.intp)
        values = flat[np.arange(n)[:, None, None], np.arange(channels)[None, :, None], index[:, None]]
        result += share[:, None].astype(dtype) * np.where(inside[:, None], values, outside)
    result = result.reshape(n, channels, height, width)
    return result if batch.dtype == dtype else np.rint(result).astype(batch.dtype)


class RandomRotation(_Warp):
    """Turns every image by an angle drawn uniformly; what moves in is `fill`.

    Args:
        degrees: the range (least, most) of angles, counter-clockwise; one number d for (-d, d).
        interpolation: "bilinear" between the four pixels around, or "nearest".
        center: the point (x, y) to turn around, in pixels from the upper left corner; None for the middle.
        fill: what moves in; one number, or one for each channel.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W), or one image (C, H, W)

    Raises:
        ValueError: the range is invalid, or the interpolation is unknown.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomRotation((90, 90), "nearest")(nn.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        tensor([[[2., 4.], [1., 3.]]])
    """

    def __init__(
        self,
        degrees: Range,
        interpolation: Interpolation = "bilinear",
        center: Sequence[float] | None = None,
        fill: float | Sequence[float] = 0,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(interpolation, fill, center, generator)
        self.degrees = _range("RandomRotation", "degrees", degrees)

    def inverses(self, n: int, height: int, width: int) -> tuple[Array, Array]:
        """Turns, clockwise on the screen, where y points down."""
        angle = np.radians(self.rng.uniform(*self.degrees, n))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turn.transpose(2, 0, 1), np.zeros((n, 2))


class RandomAffine(_Warp):
    """Shears, scales, turns and moves every image, by amounts drawn uniformly; what moves in is `fill`.

    Args:
        degrees: the range (least, most) of angles, clockwise; one number d for (-d, d).
        translate: the farthest move, as shares of width and height; moves are whole pixels. None for no move.
        scale: the range of factors; None for 1.
        shear: the range of angles in degrees along x; four numbers for the ranges along x and y; one number s for
            (-s, s) along x. None for no shear.
        interpolation: "bilinear" between the four pixels around, or "nearest".
        fill: what moves in; one number, or one for each channel.
        center: the point (x, y) to turn around, in pixels from the upper left corner; None for the middle.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W), or one image (C, H, W)

    Raises:
        ValueError: a range is invalid, a share is outside [0, 1], a factor is not positive, or the interpolation is
            unknown.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomAffine(15, translate=(0.1, 0.1), scale=(0.9, 1.1))(nn.zeros(3, 8, 8)).shape
        (3, 8, 8)
    """

    def __init__(
        self,
        degrees: Range,
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: Range | None = None,
        interpolation: Interpolation = "bilinear",
        fill: float | Sequence[float] = 0,
        center: Sequence[float] | None = None,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(interpolation, fill, center, generator)
        self.degrees = _range("RandomAffine", "degrees", degrees)
        self.translate = tuple(translate or (0, 0))
        if len(self.translate) != 2 or not all(0 <= share <= 1 for share in self.translate):
            raise ValueError(f"RandomAffine: translate must be two shares of width and height, 0 to 1, got {translate}")
        self.scale = _range("RandomAffine", "scale", (1, 1) if scale is None else scale)
        if self.scale[0] <= 0:
            raise ValueError(f"RandomAffine: scale must be a range of factors above 0, got {scale}")
        along_x, along_y = (shear[:2], shear[2:]) if isinstance(shear, Sequence) and len(shear) == 4 else (shear, 0)
        self.shear = tuple(_range("RandomAffine", "shear", 0 if part is None else part) for part in (along_x, along_y))

    def inverses(self, n: int, height: int, width: int) -> tuple[Array, Array]:
        """Inverses of scale * turn * shear."""
        rng = self.rng
        angle = np.radians(rng.uniform(*self.degrees, n))
        moves = np.rint(rng.uniform(-1, 1, (n, 2)) * self.translate * np.array([width, height]))
        scale = rng.uniform(*self.scale, n)
        x, y = (np.radians(rng.uniform(*part, n)) for part in self.shear)
        a, c = np.cos(angle - y) / np.cos(y), np.sin(angle - y) / np.cos(y)
        b, d = -a * np.tan(x) - np.sin(angle), -c * np.tan(x) + np.cos(angle)  # [[a, b], [c, d]], of determinant 1
        inverse = np.array([[d, -b], [-c, a]]) / scale
        return inverse.transpose(2, 0, 1), moves


def _range(where: str, name: str, value: Range) -> tuple[float, float]:
    """(least, most); one number a stands for (-a, a)."""
    ends = tuple(value) if isinstance(value, Sequence) else (-value, value)
    if len(ends) != 2 or not -np.inf < ends[0] <= ends[1] < np.inf:
        raise ValueError(f"{where}: {name} must be a range (least, most), or one number 0 or more, got {value}")
    return ends[0], ends[1]
