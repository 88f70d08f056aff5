"""Small datasets that come with the package; nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nn.tensor import Tensor, from_numpy, tensor

__all__ = ["load_digits", "xor"]


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


def xor() -> tuple[Tensor, Tensor]:
    """The exclusive or: 1 where exactly one of the two inputs is 1. No straight line separates its classes.

    Shape:
        inputs (4, 2), targets (4, 1)

    Returns:
        Inputs and targets, both float32.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.xor()
        >>> y.flatten()
        tensor([0., 1., 1., 0.])
    """
    return tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), tensor([[0.0], [1.0], [1.0], [0.0]])
