"""Well-known sets of images, read from files that lie on the disk already; nothing is downloaded or unpickled."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nn.data.collate import default_collate
from nn.data.dataset import Dataset, positions
from nn.data.idx import read_idx
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["CIFAR10", "CIFAR100", "MNIST", "FashionMNIST"]

Path_ = str | os.PathLike[str]
Array = NDArray[Any]


class _Images(Dataset[tuple[Any, Any]]):
    """Images that are kept in memory as bytes, and converted to floats when they are read.

    Args:
        root: the folder of the files, or one above it.
        train: the training set, or else the test set.
        transform: called with each image, a tensor (C, H, W).
        target_transform: called with each label.

    Attributes:
        data: the images, uint8 (N, C, H, W).
        targets: the labels, int64 (N,).
        classes: the names of the labels.
    """

    classes: ClassVar[list[str]]

    def __init__(
        self,
        root: Path_,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.root, self.train = Path(root), train
        self.transform, self.target_transform = transform, target_transform
        self.data, self.targets = self._read()

    def _read(self) -> tuple[Array, Array]:
        """The images (uint8) and the labels (int64)."""
        raise NotImplementedError

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        image, label = self._images(index), int(self.targets[index])
        return (
            image if self.transform is None else self.transform(image),
            label if self.target_transform is None else self.target_transform(label),
        )

    def get_batch(self, indices: Iterable[int]) -> Any:
        """The samples at `indices`, one indexing if there are no transforms."""
        indices = positions(indices)
        if self.transform or self.target_transform:
            return default_collate([self[i] for i in indices])
        return [self._images(indices), from_numpy(self.targets[indices])]

    def _images(self, index: Any) -> Tensor:
        return from_numpy(self.data[index].astype(np.float32) / 255)

    def __len__(self) -> int:
        return len(self.targets)

    def _missing(self, names: str, advice: str) -> FileNotFoundError:
        return FileNotFoundError(f"{type(self).__name__}: {names} not found in or below {self.root}; {advice}")


class MNIST(_Images):
    """70,000 handwritten digits, 28 x 28 grey: 60,000 to train, 10,000 to test.

    Args:
        root: the folder with the files `train-images-idx3-ubyte` ..., also with `.gz`; or the one above
            `MNIST/raw`, where torchvision puts them.
        train: the training set, or else the test set.
        transform: called with each image, a tensor (1, 28, 28) from 0 (paper) to 1 (ink). Transforms that take batches
            are quicker after the DataLoader.
        target_transform: called with each label, an int.

    Shape:
        image (1, 28, 28)

    Attributes:
        data: the images, uint8 (N, 1, 28, 28).
        targets: the labels, int64 (N,).
        classes: the names of the labels.

    Raises:
        FileNotFoundError: the files are not there; nothing is downloaded.
        ValueError: a file is damaged, or images and labels differ in number.

    Example:
        >>> import nn
        >>> nn.data.datasets.MNIST("/none")
        Traceback (most recent call last):
            ...
        FileNotFoundError: MNIST: train-images-idx3-ubyte(.gz) not found in or below /none; ...

    References:
        LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 1998.
    """

    classes: ClassVar[list[str]] = list("0123456789")

    def _read(self) -> tuple[Array, Array]:
        kind = "train" if self.train else "t10k"
        images, labels = self._file(f"{kind}-images-idx3-ubyte"), self._file(f"{kind}-labels-idx1-ubyte")
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise ValueError(
                f"{type(self).__name__}: expected images (N, H, W) and labels (N,) in {self.root}, got {images.shape} "
                f"and {labels.shape}; download the files again"
            )
        return images[:, None], labels.astype(np.int64)

    def _file(self, name: str) -> Array:
        for folder in (self.root, self.root / "raw", self.root / type(self).__name__ / "raw"):
            for path in (folder / name, folder / f"{name}.gz"):
                if path.is_file():
                    return read_idx(path)
        raise self._missing(f"{name}(.gz)", "put the four files there, nothing is downloaded")


class FashionMNIST(MNIST):
    """70,000 pictures of clothes in the format of MNIST. Args, Shape, Attributes, Raises: as `MNIST`.

    Example:
        >>> import nn
        >>> nn.data.datasets.FashionMNIST.classes[0]
        'T-shirt/top'

    References:
        Xiao, Rasul, Vollgraf: Fashion-MNIST, 2017.
    """

    classes: ClassVar[list[str]] = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]  # fmt: skip


class CIFAR10(_Images):
    """60,000 photographs of 10 kinds of things, 32 x 32 in colour: 50,000 to train, 10,000 to test.

    The binary version is read. The Python version is pickled and is refused, since to unpickle is to run what the file
    says; both hold the same images.

    Args:
        root: the folder with `data_batch_1.bin` ..., the one above it, or the one with `cifar-10-binary.tar.gz`.
        train: the training set, or else the test set.
        transform: called with each image, a tensor (3, 32, 32) from 0 to 1. Transforms that take batches are quicker
            after the DataLoader.
        target_transform: called with each label, an int.

    Shape:
        image (3, 32, 32), red, green, blue

    Attributes:
        data: the images, uint8 (N, 3, 32, 32).
        targets: the labels, int64 (N,).
        classes: the names of the labels.

    Raises:
        FileNotFoundError: the files are not there; nothing is downloaded.
        ValueError: a file is damaged.

    Example:
        >>> import nn
        >>> nn.data.datasets.CIFAR10.classes[3]
        'cat'

    References:
        Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
    """

    classes: ClassVar[list[str]] = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]  # fmt: skip
    folder, archive, pickled = "cifar-10-batches-bin", "cifar-10-binary.tar.gz", "cifar-10-batches-py"
    train_files = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
    test_files: tuple[str, ...] = ("test_batch.bin",)
    label_bytes = 1

    def _read(self) -> tuple[Array, Array]:
        names = self.train_files if self.train else self.test_files
        records = np.concatenate([self._records(name, data) for name, data in self._files(names)])
        labels, pixels = records[:, : self.label_bytes], records[:, self.label_bytes :]
        self._labels = labels.astype(np.int64)
        outside = self._labels[:, -1].max(initial=0)
        if outside >= len(self.classes):
            raise ValueError(f"{type(self).__name__}: a file has label {outside}, so it is damaged; download it again")
        return pixels.reshape(-1, 3, 32, 32), self._labels[:, -1]

    def _files(self, names: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
        for folder in (self.root, self.root / self.folder):
            if (folder / names[0]).is_file():
                yield from ((name, (folder / name).read_bytes()) for name in names)
                return
        archive = self.root / self.archive
        if not archive.is_file():
            python = (self.root / self.pickled).is_dir() or self.root.name == self.pickled
            refused = f"{self.pickled} is pickled, and would run code: " if python else ""
            raise self._missing(names[0], f"{refused}put the binary version there, {self.archive} or what is in it")
        try:
            with tarfile.open(archive) as members:
                for name in names:
                    member = members.extractfile(f"{self.folder}/{name}")
                    yield name, member.read() if member else b""
        except (tarfile.TarError, EOFError, KeyError, OSError) as error:
            raise ValueError(f"{type(self).__name__}: {archive} is damaged ({error}); download it again") from error

    def _records(self, name: str, data: bytes) -> Array:
        length = self.label_bytes + 3 * 32 * 32
        if not data or len(data) % length:
            raise ValueError(
                f"{type(self).__name__}: {name} must hold images of {length} bytes each, got {len(data)} bytes; "
                "download it again"
            )
        return np.frombuffer(data, np.uint8).reshape(-1, length)


class CIFAR100(CIFAR10):
    """As `CIFAR10`, of 100 kinds of things (`train.bin`, `test.bin` or `cifar-100-binary.tar.gz`).

    Attributes:
        coarse_targets: which of 20 groups each image belongs to, int64 (N,).
        classes: the numbers of the labels, as texts; their names are in `fine_label_names.txt`, beside the files.

    Example:
        >>> import nn
        >>> len(nn.data.datasets.CIFAR100.classes)
        100
    """

    classes: ClassVar[list[str]] = [str(i) for i in range(100)]
    folder, archive, pickled = "cifar-100-binary", "cifar-100-binary.tar.gz", "cifar-100-python"
    train_files = ("train.bin",)
    test_files = ("test.bin",)
    label_bytes = 2

    @property
    def coarse_targets(self) -> Array:
        """The numbers of the groups."""
        return self._labels[:, 0]
