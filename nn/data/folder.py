"""Images of one's own in folders, and images that are made up: datasets of Pillow's images, by torchvision's names."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.dataset import Dataset
from nn.data.transforms.functional import to_pil_image
from nn.data.transforms.pixels import pillow
from nn.tensors.tensor import from_numpy

__all__ = ["FakeData", "ImageFolder", "ImageSet"]

Path_ = str | os.PathLike[str]
Change = Callable[[Any], Any] | None


class ImageSet(Dataset[tuple[Any, Any]]):
    """Base class of sets of images: derive from it and write `sample`, the image and the label at an index.

    Args:
        transform: called with each image.
        target_transform: called with each label.
    """

    def __init__(self, transform: Change = None, target_transform: Change = None) -> None:
        self.transform, self.target_transform = transform, target_transform

    @abstractmethod
    def sample(self, index: Any) -> tuple[Any, Any]:
        """The image and the label."""

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        image, label = self.sample(index)
        return (
            image if self.transform is None else self.transform(image),
            label if self.target_transform is None else self.target_transform(label),
        )


class ImageFolder(ImageSet):
    """Images in folders, one folder a class, whose names in order of the alphabet are the labels 0, 1, 2 ...

    Args:
        root: the folder above those of the classes.
        transform: called with each image.
        target_transform: called with each label.
        loader: from a path to an image; None for Pillow's, in red, green and blue.

    Attributes:
        classes: the names of the labels.
        class_to_idx: the labels by name.
        samples: the path and the label of each image.

    Raises:
        FileNotFoundError: there is no such folder.
        ImportError: Pillow is not installed (extra `media`).
    """

    endings = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

    def __init__(
        self,
        root: Path_,
        transform: Change = None,
        target_transform: Change = None,
        loader: Callable[[str], Any] | None = None,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root, self.loader = root, loader or _load
        self.classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        self.samples = [
            (str(path), i)
            for i, name in enumerate(self.classes)
            for path in sorted((Path(root) / name).rglob("*"))
            if path.suffix.lower() in self.endings
        ]
        self.imgs, self.targets = self.samples, [label for _, label in self.samples]

    def sample(self, index: Any) -> tuple[Any, Any]:
        """The image, read from its file, and the label."""
        path, label = self.samples[index]
        return self.loader(path), label

    def __len__(self) -> int:
        return len(self.samples)


def _load(path: str) -> Any:
    library = pillow()
    if library is None:
        raise ImportError("ImageFolder: Pillow is not installed; pip install 'fromzero[media]'")
    with library.open(path) as file:
        return file.convert("RGB")


class FakeData(ImageSet):
    """Random images with random labels, the same ones each time: to try a program without any files.

    Args:
        size: how many.
        image_size: channels, height, width.
        num_classes: the labels are from 0 to num_classes - 1.
        transform: called with each image.
        target_transform: called with each label.
        random_offset: another number makes other images.

    Example:
        >>> import nn
        >>> data = nn.data.datasets.FakeData(8, (3, 4, 5), transform=nn.data.transforms.ToTensor())
        >>> len(data), data[0][0].shape
        (8, (3, 4, 5))
    """

    def __init__(
        self,
        size: int = 1000,
        image_size: Sequence[int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Change = None,
        target_transform: Change = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(transform, target_transform)
        self.size, self.image_size, self.num_classes = size, tuple(image_size), num_classes
        self.random_offset = random_offset

    def sample(self, index: int) -> tuple[Any, Any]:
        """The image and the label."""
        if not 0 <= index < self.size:
            raise IndexError(f"FakeData: index must be from 0 to {self.size - 1}, got {index}")
        draw = np.random.default_rng(index + self.random_offset)
        return to_pil_image(from_numpy(draw.random(self.image_size, np.float32))), int(draw.integers(self.num_classes))

    def __len__(self) -> int:
        return self.size
