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

__all__ = ["IMG_EXTENSIONS", "DatasetFolder", "FakeData", "ImageFolder", "ImageSet", "VisionDataset", "default_loader"]

Path_ = str | os.PathLike[str]
Change = Callable[[Any], Any] | None

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


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


class VisionDataset(Dataset[Any]):
    """Base class of sets of one's own that reads nothing: derive from it and write `__getitem__` and `__len__`.

    Args:
        root: kept as an attribute.
        transforms: called with the image and the label, for both.
        transform: called with the image, in place of `transforms`.
        target_transform: called with the label, in place of `transforms`.

    Attributes:
        transforms: the function of both, whichever was given; None for none.

    Raises:
        ValueError: `transforms` is given together with another.
    """

    def __init__(
        self,
        root: Any = None,
        transforms: Callable[[Any, Any], Any] | None = None,
        transform: Change = None,
        target_transform: Change = None,
    ) -> None:
        each = transform is not None or target_transform is not None
        if each and transforms is not None:
            raise ValueError(
                "VisionDataset: expected transforms, or transform and target_transform, got both; give one"
            )
        self.root, self.transform, self.target_transform = root, transform, target_transform
        self.transforms = self._each if each else transforms

    def _each(self, image: Any, label: Any) -> tuple[Any, Any]:
        return (
            image if self.transform is None else self.transform(image),
            label if self.target_transform is None else self.target_transform(label),
        )


class DatasetFolder(ImageSet):
    """Files in folders, one folder a class, whose names in order of the alphabet are the labels 0, 1, 2 ...

    Args:
        root: the folder above those of the classes.
        loader: from a path to a sample.
        extensions: the endings of the files to take, in small letters; None for all files.
        transform: called with each sample.
        target_transform: called with each label.
        is_valid_file: in place of `extensions`, whether to take the file of a path.

    Attributes:
        classes: the names of the labels.
        class_to_idx: the labels by name.
        samples: the path and the label of each sample.

    Raises:
        FileNotFoundError: there is no such folder.
    """

    def __init__(
        self,
        root: Path_,
        loader: Callable[[str], Any],
        extensions: Sequence[str] | None = None,
        transform: Change = None,
        target_transform: Change = None,
        is_valid_file: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root, self.loader, self.extensions = root, loader, extensions
        endings = extensions if isinstance(extensions, str) else tuple(extensions or ("",))
        valid = is_valid_file or (lambda path: path.lower().endswith(endings))
        self.classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        self.samples = [
            (str(path), i)
            for i, name in enumerate(self.classes)
            for path in sorted((Path(root) / name).rglob("*"))
            if path.is_file() and valid(str(path))
        ]
        self.targets = [label for _, label in self.samples]

    def sample(self, index: Any) -> tuple[Any, Any]:
        """The sample, read from its file, and the label."""
        path, label = self.samples[index]
        return self.loader(path), label

    def __len__(self) -> int:
        return len(self.samples)


def default_loader(path: str) -> Any:
    """The image in a file, as Pillow's, in red, green and blue.

    Raises:
        ImportError: Pillow is not installed (extra `media`).
    """
    library = pillow()
    if library is None:
        raise ImportError("ImageFolder: Pillow is not installed; pip install 'fromzero[media]'")
    with library.open(path) as file:
        return file.convert("RGB")


class ImageFolder(DatasetFolder):
    """A `DatasetFolder` of images, which `default_loader` reads unless another loader is given."""

    def __init__(
        self,
        root: Path_,
        transform: Change = None,
        target_transform: Change = None,
        loader: Callable[[str], Any] = default_loader,
        is_valid_file: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(root, loader, IMG_EXTENSIONS, transform, target_transform, is_valid_file)
        self.imgs = self.samples


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
