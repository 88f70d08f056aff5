"""torchvision's well-known sets of images from files on disk, and grids of images."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from nn.compat import settings
from nn.compat.vision import Array, image_of, pillow, to_pil_image
from nn.data import vision
from nn.data.dataset import Dataset
from nn.data.datasets import load_digits
from nn.functional.resizing import interpolate
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["datasets", "utils"]


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
        image: Any = image_of(pixels.numpy() if isinstance(pixels, Tensor) else pixels)
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
    library = pillow()
    if library is None:
        raise ImportError("ImageFolder: Pillow is not installed; pip install 'fromzero[media]'")
    with library.open(path) as file:
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
    library = pillow()
    if library is None:
        raise ImportError("save_image: Pillow is not installed; pip install 'fromzero[media]'")
    grid = make_grid(tensor, **named).numpy()
    pixels = np.clip(grid * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    library.fromarray(pixels).save(fp, format=format)


utils = SimpleNamespace(make_grid=make_grid, save_image=save_image)
