"""torchvision's transforms, as functions and as objects.

An image that is no tensor yet is Pillow's where Pillow is installed, else an array (H, W) or (H, W, C) of bytes, as
`numpy.asarray` makes of Pillow's. A tensor is (C, H, W).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.data import transforms as ours
from nn.functional.resizing import interpolate
from nn.rng import default_generator
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor, as_tensor, from_numpy

__all__ = ["image_of", "pillow", "transform_functions", "transforms"]

Array = NDArray[Any]


def pillow() -> Any:
    """Pillow's module of images, or None."""
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image


def image_of(array: Array) -> Any:
    """Bytes (H, W) or (H, W, C) as an image."""
    library = pillow()
    return array if library is None else library.fromarray(array)


# -- transforms as functions ------------------------------------------------------------------------------------------
def to_tensor(pic: Any) -> Tensor:
    """An image as a float tensor (C, H, W) from 0 to 1; numbers that are no bytes keep their size."""
    array = np.asarray(pic)
    array = array[:, :, None] if array.ndim == 2 else array
    array = np.ascontiguousarray(array.transpose(2, 0, 1))
    if array.dtype == np.bool_:
        return from_numpy(array.astype(np.float32))
    return from_numpy(array.astype(np.float32) / 255) if array.dtype == np.uint8 else from_numpy(array)


def pil_to_tensor(pic: Any) -> Tensor:
    """An image as a tensor (C, H, W) of bytes."""
    array = np.asarray(pic)
    return from_numpy(np.ascontiguousarray((array[:, :, None] if array.ndim == 2 else array).transpose(2, 0, 1)))


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor (C, H, W), of bytes or from 0 to 1, or an array (H, W, C), as an image."""
    if isinstance(pic, Tensor):
        array = pic.detach().numpy()
        array = array[None] if array.ndim == 2 else array
        array = (array * 255).astype(np.uint8) if array.dtype.kind == "f" else array
        array = array.transpose(1, 2, 0)
    else:
        array = np.asarray(pic)
    return image_of(np.ascontiguousarray(array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array))


def _on_pixels(change: Callable[[Tensor], Tensor], img: Any) -> Any:
    """`change`, from tensor (C, H, W) to tensor, on an image of any kind, which stays of its kind."""
    if isinstance(img, Tensor):
        return change(img)
    changed = change(pil_to_tensor(img)).numpy()
    return (np.asarray if isinstance(img, np.ndarray) else image_of)(
        np.ascontiguousarray(changed[0] if np.asarray(img).ndim == 2 else changed.transpose(1, 2, 0))
    )


def _size(img: Any) -> tuple[int, int]:
    height, width = img.shape[-2:] if isinstance(img, Tensor) else np.asarray(img).shape[:2]
    return int(height), int(width)


def _pair(size: Any) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else tuple(size) if len(size) == 2 else (size[0], size[0])


def resize(
    img: Any, size: Any, interpolation: Any = "bilinear", max_size: int | None = None, antialias: Any = True
) -> Any:
    """The image in another size: (height, width), or the length of its shorter side."""
    height, width = _size(img)
    if isinstance(size, int) or len(size) == 1:
        short = size if isinstance(size, int) else size[0]
        factor = short / min(height, width)
        wanted = (short, int(factor * width)) if height <= width else (int(factor * height), short)
    else:
        wanted = tuple(size)
    mode = str(getattr(interpolation, "value", {0: "nearest", 3: "bicubic"}.get(interpolation, interpolation)))
    mode = mode if mode in ("nearest", "bicubic") else "bilinear"
    library = pillow()
    if library is not None and isinstance(img, library.Image):
        return img.resize(wanted[::-1], getattr(library.Resampling, mode.upper()))

    def change(pixels: Tensor) -> Tensor:
        options = {} if mode == "nearest" else {"antialias": bool(antialias)}
        y = interpolate(pixels.float()[None], wanted, mode=mode, **options)[0]
        return y if pixels.dtype.kind == "f" else y.round().clamp(0, 255).to(pixels.dtype)

    return _on_pixels(change, img)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """A piece of the image; what lies outside is 0."""

    def change(x: Tensor) -> Tensor:
        rows, columns = x.shape[-2:]
        outside = (max(0, -left), max(0, left + width - columns), max(0, -top), max(0, top + height - rows))
        x = _padded(x, outside) if any(outside) else x
        y, z = top + outside[2], left + outside[0]
        return x[..., y : y + height, z : z + width]

    return _on_pixels(change, img)


def center_crop(img: Any, output_size: Any) -> Any:
    """The middle of the image, in a size."""
    (rows, columns), (height, width) = _size(img), _pair(output_size)
    return crop(img, round((rows - height) / 2.0), round((columns - width) / 2.0), height, width)


def _padded(x: Tensor, sides: Sequence[int], fill: float = 0, mode: str = "constant") -> Tensor:
    left, right, top, bottom = sides
    width = ((0, 0),) * (x.ndim - 2) + ((top, bottom), (left, right))
    options: dict[str, Any] = {"constant_values": fill} if mode == "constant" else {}
    return from_numpy(np.pad(x.detach().numpy(), width, mode=mode, **options))  # type: ignore[call-overload]


def pad(img: Any, padding: Any, fill: float = 0, padding_mode: str = "constant") -> Any:
    """Pixels put around the image: one number, (left and right, top and bottom), or (left, top, right, bottom)."""
    sides = (padding,) if isinstance(padding, int) else tuple(padding)
    left, top, right, bottom = sides * (4 // len(sides))
    return _on_pixels(lambda x: _padded(x, (left, right, top, bottom), fill, padding_mode), img)


def hflip(img: Any) -> Any:
    """Left and right exchanged."""
    return _on_pixels(lambda x: x.flip(-1), img)


def vflip(img: Any) -> Any:
    """Top and bottom exchanged."""
    return _on_pixels(lambda x: x.flip(-2), img)


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    """(x - mean) / std of each channel."""
    mean, std = (as_tensor(v, dtype=tensor.dtype).reshape(-1, 1, 1) for v in (mean, std))
    return tensor.sub_(mean).div_(std) if inplace else (tensor - mean) / std


def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """The brightness, 0.2989 red + 0.587 green + 0.114 blue, in one channel or in three."""

    def change(x: Tensor) -> Tensor:
        weights = as_tensor([0.2989, 0.587, 0.114]).reshape(3, 1, 1)
        grey = (x.float() * weights).sum(-3, keepdim=True) if x.shape[-3] == 3 else x.float()
        grey = grey if x.dtype.kind == "f" else grey.to(x.dtype)
        return cat([grey] * num_output_channels, -3)

    return _on_pixels(change, img)


transform_functions = SimpleNamespace(
    to_tensor=to_tensor, pil_to_tensor=pil_to_tensor, to_pil_image=to_pil_image, resize=resize, crop=crop,
    center_crop=center_crop, pad=pad, hflip=hflip, vflip=vflip, normalize=normalize,
    rgb_to_grayscale=rgb_to_grayscale, to_grayscale=rgb_to_grayscale,
)  # fmt: skip


# -- transforms as objects --------------------------------------------------------------------------------------------
class _Call:
    """A transform that is a function with arguments, kept as attributes."""

    function: Callable[..., Any]
    names: tuple[str, ...] = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        self._named = {**dict(zip(self.names, args, strict=False)), **named}
        vars(self).update(self._named)

    def __call__(self, img: Any) -> Any:
        return type(self).function(img, **self._named)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in self._named.items())})"


def _call(name: str, function: Callable[..., Any], *names: str) -> Any:
    return type(name, (_Call,), {"function": staticmethod(function), "names": names, "__doc__": function.__doc__})


class Lambda:
    """Any function as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)


class _ByChance:
    """A change with probability p."""

    change: Callable[[Any], Any]

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, img: Any) -> Any:
        return type(self).change(img) if default_generator.numpy.random(1, np.float32)[0] < self.p else img


class RandomHorizontalFlip(_ByChance):
    """Left and right exchanged, with probability p."""

    change = staticmethod(hflip)


class RandomVerticalFlip(_ByChance):
    """Top and bottom exchanged, with probability p."""

    change = staticmethod(vflip)


class RandomCrop:
    """A piece of a size, at a place drawn uniformly, after padding."""

    def __init__(
        self,
        size: Any,
        padding: Any = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size, self.padding, self.pad_if_needed = _pair(size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    def __call__(self, img: Any) -> Any:
        if self.padding is not None:
            img = pad(img, self.padding, self.fill, self.padding_mode)
        (rows, columns), (height, width) = _size(img), self.size
        if self.pad_if_needed and (rows < height or columns < width):
            img = pad(img, (max(0, width - columns), max(0, height - rows)), self.fill, self.padding_mode)
            rows, columns = _size(img)
        if rows < height or columns < width:
            raise ValueError(f"RandomCrop: a piece of {self.size} does not fit into an image of {(rows, columns)}")
        draw = default_generator.numpy
        top, left = int(draw.integers(rows - height + 1)), int(draw.integers(columns - width + 1))
        return crop(img, top, left, height, width)


class RandomResizedCrop:
    """A piece of random area and shape, resized."""

    def __init__(
        self, size: Any, scale: Sequence[float] = (0.08, 1.0), ratio: Sequence[float] = (3 / 4, 4 / 3), **named: Any
    ) -> None:
        self.size, self.scale, self.ratio = _pair(size), scale, ratio
        self._named = {name: value for name, value in named.items() if name in ("interpolation", "antialias")}

    def __call__(self, img: Any) -> Any:
        (rows, columns), draw = _size(img), default_generator.numpy
        for _ in range(10):
            area = rows * columns * draw.uniform(self.scale[0], self.scale[1])
            shape = math.exp(draw.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])))
            width, height = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            if 0 < width <= columns and 0 < height <= rows:
                top, left = int(draw.integers(rows - height + 1)), int(draw.integers(columns - width + 1))
                return resize(crop(img, top, left, height, width), self.size, **self._named)
        return resize(center_crop(img, min(rows, columns)), self.size, **self._named)


class _OnTensors:
    """One of our transforms, which take tensors, for images of any kind."""

    ours: type[Any]

    def __init__(self, *args: Any, **named: Any) -> None:
        self._transform = type(self).ours(*args, **named)

    def __call__(self, img: Any) -> Any:
        def change(x: Tensor) -> Tensor:
            floats = x.dtype.kind == "f"
            y: Tensor = self._transform(x if floats else x.float() / 255)
            return y if floats else (y * 255).round().clamp(0, 255).to(x.dtype)

        return _on_pixels(change, img)


def _on_tensors(name: str) -> Any:
    return type(name, (_OnTensors,), {"ours": getattr(ours, name), "__doc__": getattr(ours, name).__doc__})


transforms = SimpleNamespace(
    Compose=ours.Compose, Lambda=Lambda, RandomCrop=RandomCrop, RandomHorizontalFlip=RandomHorizontalFlip,
    RandomResizedCrop=RandomResizedCrop, RandomVerticalFlip=RandomVerticalFlip,
    ToTensor=_call("ToTensor", to_tensor), PILToTensor=_call("PILToTensor", pil_to_tensor),
    ToPILImage=_call("ToPILImage", to_pil_image, "mode"), CenterCrop=_call("CenterCrop", center_crop, "output_size"),
    Resize=_call("Resize", resize, "size", "interpolation", "max_size", "antialias"),
    Scale=_call("Scale", resize, "size", "interpolation"), Pad=_call("Pad", pad, "padding", "fill", "padding_mode"),
    Normalize=_call("Normalize", normalize, "mean", "std", "inplace"),
    Grayscale=_call("Grayscale", rgb_to_grayscale, "num_output_channels"),
    ColorJitter=_on_tensors("ColorJitter"), RandomRotation=_on_tensors("RandomRotation"),
    RandomAffine=_on_tensors("RandomAffine"), RandomErasing=_on_tensors("RandomErasing"),
    InterpolationMode=SimpleNamespace(NEAREST="nearest", BILINEAR="bilinear", BICUBIC="bicubic"),
    functional=transform_functions,
)  # fmt: skip
