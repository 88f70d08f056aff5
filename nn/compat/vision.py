"""torchvision's everyday part: transforms, well-known sets of images from files on disk, and grids of images.

An image that is no tensor yet is Pillow's where Pillow is installed, else an array (H, W) or (H, W, C) of bytes, as
`numpy.asarray` makes of Pillow's. A tensor is (C, H, W).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.compat import settings
from nn.data import transforms as ours
from nn.data import vision
from nn.data.dataset import Dataset
from nn.data.datasets import load_digits
from nn.functional.resizing import interpolate
from nn.rng import default_generator
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor, as_tensor, from_numpy

__all__ = ["datasets", "transform_functions", "transforms", "utils"]

Array = NDArray[Any]


def _pillow() -> Any:
    """Pillow's module of images, or None."""
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image


def _image(array: Array) -> Any:
    """Bytes (H, W) or (H, W, C) as an image."""
    pillow = _pillow()
    return array if pillow is None else pillow.fromarray(array)


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
    return _image(np.ascontiguousarray(array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array))


def _on_pixels(change: Callable[[Tensor], Tensor], img: Any) -> Any:
    """`change`, from tensor (C, H, W) to tensor, on an image of any kind, which stays of its kind."""
    if isinstance(img, Tensor):
        return change(img)
    changed = change(pil_to_tensor(img)).numpy()
    return (np.asarray if isinstance(img, np.ndarray) else _image)(
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
    pillow = _pillow()
    if pillow is not None and isinstance(img, pillow.Image):
        return img.resize(wanted[::-1], getattr(pillow.Resampling, mode.upper()))

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


# -- sets of images ---------------------------------------------------------------------------------------------------
class _Pictures(Dataset[Any]):
    """A set of images that our class reads, with PyTorch's attributes: `data`, `targets`, `classes`."""

    ours: type[Any]
    grey = True

    def __init__(
        self,
        root: Any,
        train: bool = True,
        transform: Any = None,
        target_transform: Any = None,
        download: bool = False,
    ) -> None:
        self.root, self.train, self.transform, self.target_transform = root, train, transform, target_transform
        self.classes = list(type(self).ours.classes)
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        try:
            found = type(self).ours(root, train)
            images, labels = found.data, found.targets
        except FileNotFoundError as error:
            if not settings.offline_data:
                raise FileNotFoundError(
                    f"{error}; or run with `fromzero run --offline-data`, which takes fromzero's own digits instead"
                ) from None
            images, labels = _enlarged_digits(train, self.grey)
            name = type(self).__name__
            settings.say_once(f"{name}: its files are missing, so {len(labels)} digits of 8 x 8, enlarged, stand in")
        self._pixels = images[:, 0] if self.grey else np.ascontiguousarray(images.transpose(0, 2, 3, 1))
        self.data: Any = from_numpy(self._pixels) if self.grey else self._pixels
        self.targets: Any = from_numpy(labels) if self.grey else labels.tolist()
        self.train_data = self.test_data = self.data
        self.train_labels = self.test_labels = self.targets

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        pixels = self.data[index]
        image: Any = _image(pixels.numpy() if isinstance(pixels, Tensor) else pixels)
        label = int(self.targets[index])
        return (
            image if self.transform is None else self.transform(image),
            label if self.target_transform is None else self.target_transform(label),
        )

    def __len__(self) -> int:
        return len(self.data)


def _enlarged_digits(train: bool, grey: bool) -> tuple[Array, Array]:
    """The digits that come with fromzero, four fifths of them to train, as large as the missing images."""
    x, labels = load_digits()
    side = 28 if grey else 32
    images = interpolate(x.reshape(-1, 1, 8, 8).float() / x.max(), size=(side, side), mode="bilinear")
    pixels = (images.clamp(0, 1) * 255).round().numpy().astype(np.uint8)
    pixels = pixels if grey else np.repeat(pixels, 3, axis=1)
    split = len(labels) * 4 // 5
    part = slice(None, split) if train else slice(split, None)
    return pixels[part], labels.numpy().astype(np.int64)[part]


def _pictures(name: str, grey: bool) -> Any:
    found = getattr(vision, name)
    return type(name, (_Pictures,), {"ours": found, "grey": grey, "__doc__": found.__doc__})


class ImageFolder(Dataset[Any]):
    """Images in folders, one folder a class; Pillow reads them."""

    endings = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

    def __init__(self, root: Any, transform: Any = None, target_transform: Any = None, loader: Any = None) -> None:
        self.root, self.transform, self.target_transform = root, transform, target_transform
        self.loader = loader or _load
        self.classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        self.samples = [
            (str(path), i)
            for i, name in enumerate(self.classes)
            for path in sorted((Path(root) / name).rglob("*"))
            if path.suffix.lower() in self.endings
        ]
        self.imgs, self.targets = self.samples, [label for _, label in self.samples]

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        path, label = self.samples[index]
        image = self.loader(path)
        return (
            image if self.transform is None else self.transform(image),
            label if self.target_transform is None else self.target_transform(label),
        )

    def __len__(self) -> int:
        return len(self.samples)


def _load(path: str) -> Any:
    pillow = _pillow()
    if pillow is None:
        raise ImportError("ImageFolder: Pillow is not installed; pip install 'fromzero[media]'")
    with pillow.open(path) as file:
        return file.convert("RGB")


class FakeData(Dataset[Any]):
    """Random images with random labels, the same ones each time: to try a program without any files."""

    def __init__(
        self,
        size: int = 1000,
        image_size: Sequence[int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Any = None,
        target_transform: Any = None,
        random_offset: int = 0,
    ) -> None:
        self.size, self.image_size, self.num_classes = size, tuple(image_size), num_classes
        self.transform, self.target_transform, self.random_offset = transform, target_transform, random_offset

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if not 0 <= index < self.size:
            raise IndexError(f"FakeData: index must be from 0 to {self.size - 1}, got {index}")
        draw = np.random.default_rng(index + self.random_offset)
        image = to_pil_image(from_numpy(draw.random(self.image_size, np.float32)))
        label = int(draw.integers(self.num_classes))
        return (
            image if self.transform is None else self.transform(image),
            label if self.target_transform is None else self.target_transform(label),
        )

    def __len__(self) -> int:
        return self.size


datasets = SimpleNamespace(
    FakeData=FakeData,
    MNIST=_pictures("MNIST", True), FashionMNIST=_pictures("FashionMNIST", True),
    CIFAR10=_pictures("CIFAR10", False), CIFAR100=_pictures("CIFAR100", False), ImageFolder=ImageFolder,
)  # fmt: skip


# -- grids ------------------------------------------------------------------------------------------------------------
def make_grid(
    tensor: Any,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
    **named: Any,
) -> Tensor:
    """Images (N, C, H, W) side by side in rows of `nrow`, as one image (3, H', W')."""
    images = list(tensor) if isinstance(tensor, list | tuple) else [tensor]
    array = np.stack([t.detach().numpy() for t in images])
    array = array if isinstance(tensor, list | tuple) else array[0]
    array = array.reshape((1,) * (4 - array.ndim) + array.shape) if array.ndim != 3 else array[None]
    array = np.repeat(array, 3, axis=1) if array.shape[1] == 1 else array
    value_range = named.get("range", value_range)
    if normalize:
        array = array.astype(np.float32)
        for part in array if scale_each else [array]:
            low, high = value_range or (float(part.min()), float(part.max()))
            np.clip(part, low, high, out=part)
            part -= low
            part /= max(high - low, 1e-5)
    count, channels, height, width = array.shape
    if count == 1:
        return from_numpy(np.array(array[0]))
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    grid = np.full(
        (channels, (height + padding) * rows + padding, (width + padding) * columns + padding), pad_value, array.dtype
    )
    for i, image in enumerate(array):
        y, x = (height + padding) * (i // columns) + padding, (width + padding) * (i % columns) + padding
        grid[:, y : y + height, x : x + width] = image
    return from_numpy(grid)


def save_image(tensor: Any, fp: Any, format: str | None = None, **named: Any) -> None:
    """Write images, as a grid, to a file; Pillow writes it."""
    pillow = _pillow()
    if pillow is None:
        raise ImportError("save_image: Pillow is not installed; pip install 'fromzero[media]'")
    grid = make_grid(tensor, **named).numpy()
    pixels = np.clip(grid * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    pillow.fromarray(pixels).save(fp, format=format)


utils = SimpleNamespace(make_grid=make_grid, save_image=save_image)
