"""Datasets without a download: one that comes with the package, made ones, and readers of files on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nn.data.folder import FakeData, ImageFolder
from nn.data.idx import read_idx
from nn.data.synthetic import (
    make_adding,
    make_blobs,
    make_circles,
    make_copy,
    make_moons,
    make_parity,
    make_sine,
    make_spirals,
    xor,
)
from nn.data.vision import CIFAR10, CIFAR100, MNIST, FashionMNIST
from nn.tensors.tensor import Tensor, from_numpy

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "MNIST",
    "FakeData",
    "FashionMNIST",
    "ImageFolder",
    "from_sklearn",
    "load_digits",
    "make_adding",
    "make_blobs",
    "make_circles",
    "make_copy",
    "make_moons",
    "make_parity",
    "make_sine",
    "make_spirals",
    "read_idx",
    "xor",
]

SKLEARN = ("breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine")


def load_digits() -> tuple[Tensor, Tensor]:
    """1,797 handwritten digits, 0 to 9, as grey images of 8 x 8 pixels.

    Shape:
        images (1797, 1, 8, 8), labels (1797,)

    Returns:
        Images (float32, 0 for paper to 1 for ink) and labels (int64).

    References:
        E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998); the
        copy of scikit-learn. The notice is in DIGITS-LICENSE.txt, beside this file.

    Example:
        >>> import nn
        >>> images, labels = nn.data.datasets.load_digits()
        >>> images.shape, labels[:5]
        ((1797, 1, 8, 8), tensor([0, 1, 2, 3, 4]))
    """
    with np.load(Path(__file__).with_name("digits.npz")) as archive:
        images, labels = archive["images"], archive["labels"]
    return from_numpy(images[:, None].astype(np.float32) / 16), from_numpy(labels.astype(np.int64))


def from_sklearn(name: str) -> tuple[Tensor, Tensor]:
    """One of the small datasets that come with scikit-learn.

    Args:
        name: "breast_cancer", "diabetes", "digits", "iris", "linnerud" or "wine".

    Shape:
        inputs (N, D); labels (N,), or targets (N, T) of a regression

    Returns:
        Inputs (float32), and labels (int64) or targets (float32).

    Raises:
        ValueError: another name.
        ImportError: scikit-learn (extra `sklearn`) is not installed.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.from_sklearn("iris")  # doctest: +SKIP
        >>> x.shape, y.shape  # doctest: +SKIP
        ((150, 4), (150,))
    """
    if name not in SKLEARN:
        raise ValueError(f"from_sklearn: name must be one of {SKLEARN}, got {name!r}")
    try:
        import sklearn.datasets
    except ImportError:
        raise ImportError("from_sklearn: scikit-learn is not installed; pip install 'fromzero[sklearn]'") from None
    x, y = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
    if y.dtype.kind == "f":
        return from_numpy(x.astype(np.float32)), from_numpy(y.astype(np.float32).reshape(len(y), -1))
    return from_numpy(x.astype(np.float32)), from_numpy(y.astype(np.int64))
